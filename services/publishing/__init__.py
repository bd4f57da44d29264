"""Publishing: the editors' desk, the publications log, and every way to read what was published."""
