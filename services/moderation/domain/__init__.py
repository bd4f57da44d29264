"""What moderation decides, as pure functions and frozen values: no I/O, no clock."""
