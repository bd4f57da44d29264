"""Migrations of ingest's database."""

from services.ingest.storage import Table
from shared.runtime.migrate import run

run(Table.metadata)
