"""Ingest, joined: the safe client, the readers, the desk that looks at sources, and the doors."""

from fastapi import FastAPI

from services.ingest.api import routers
from services.ingest.schedule import clock
from services.ingest.settings import Settings
from services.ingest.sources.parsers import Parsers
from services.ingest.use_cases.fetching import Fetcher
from services.ingest.use_cases.polling import Desk
from services.ingest.use_cases.watching import Watch
from shared.runtime import Service
from shared.runtime.outbound import SafeClient


def build(settings: Settings | None = None) -> FastAPI:
    """The service as an ASGI application."""
    settings = settings or Settings.read()
    service = Service("ingest", settings)
    client = SafeClient(settings.outbound)
    parsers = Parsers(
        settings.readers,
        settings.read_seconds,
        settings.read_memory_mib,
        slow_count=settings.slow_readers,
        quick_seconds=settings.quick_seconds,
    )
    fetcher = Fetcher(settings, client)
    desk = Desk(settings, service.database, fetcher, parsers)
    for piece in (settings, client, parsers, fetcher, desk, Watch(settings, service.database, desk)):
        service.provide(piece)
    return service.join(routers=routers, clock=clock)
