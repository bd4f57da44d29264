"""The `newsroom` command: what operators ask the services, over the services' own doors."""


def main() -> None:
    """Run the command line."""
    from ops.cli.app import app

    app()
