"""The four services. They never import each other: all they share is in `shared`."""
