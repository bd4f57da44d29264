"""Alembic's door into enrichment's database."""

from services.enrichment.storage.tables import Table
from shared.runtime.migrate import run

run(Table.metadata)
