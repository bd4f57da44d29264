"""The people's doors of publishing."""
