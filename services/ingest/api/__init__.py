"""People's doors of ingest: sources, items, previews, OPML, the fetch log, replay."""

from services.ingest.api.articles import router as articles
from services.ingest.api.fetches import router as fetches
from services.ingest.api.items import router as items
from services.ingest.api.opml import router as opml
from services.ingest.api.preview import router as preview
from services.ingest.api.replay import router as replay
from services.ingest.api.sources import router as sources
from services.ingest.api.websub import router as websub

routers = [sources, items, preview, opml, fetches, articles, replay, websub]

__all__ = ["routers"]
