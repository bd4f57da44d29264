"""Acts that several doors share: enriching what was heard, relating, searching, curating the vocabulary."""
