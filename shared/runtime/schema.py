"""The runtime's tables as a migration step: every service's first revision calls `create`."""

from alembic.operations import Operations

from shared.runtime.tables import metadata


def create(op: Operations) -> None:
    """Create the runtime's tables as they stand at the first release."""
    metadata.create_all(op.get_bind(), checkfirst=False)


def drop(op: Operations) -> None:
    """Drop them again."""
    metadata.drop_all(op.get_bind(), checkfirst=False)
