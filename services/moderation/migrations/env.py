"""Migrations of moderation's database."""

from services.moderation.storage import Table
from shared.runtime.migrate import run

run(Table.metadata)
