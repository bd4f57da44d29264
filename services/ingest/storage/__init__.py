"""What ingest remembers: sources and their schedule, articles and their names, revisions, fetches, raw payloads."""

from services.ingest.storage.tables import Alias, Article, Fetch, Payload, Revision, Source, Table

__all__ = ["Alias", "Article", "Fetch", "Payload", "Revision", "Source", "Table"]
