"""Tables and all queries of enrichment; decides nothing, commits nothing."""

from services.enrichment.storage.tables import Table

__all__ = ["Table"]
