"""Acts that several doors share."""
