"""Acts that several doors share: taking items in, reading a source, keeping the sources."""
