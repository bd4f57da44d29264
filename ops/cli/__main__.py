"""`python -m ops.cli` is `newsroom`."""

from ops.cli import main

main()
