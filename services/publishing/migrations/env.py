"""Alembic's door: publishing's tables and the runtime's, in one database."""

from services.publishing.storage import Table
from shared.runtime.migrate import run

run(Table.metadata)
