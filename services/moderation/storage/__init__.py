"""Moderation's tables and all queries on them: no decisions, no commits."""

from services.moderation.storage.tables import Table

__all__ = ["Table"]
