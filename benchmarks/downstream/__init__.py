"""What the outlets cost and how fast they are."""
