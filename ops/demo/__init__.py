"""Made-up stories, pictures and comments that show the stack at work."""
