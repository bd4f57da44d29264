"""What operators run: the `newsroom` command and the local stack that needs no Docker."""
