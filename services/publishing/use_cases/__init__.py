"""Acts that two doors share: taking in, editing, the verbs, letting out, comments."""
