"""Many sources at once: due ones are taken as places fall free, so that a slow source holds up no other."""

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog

from services.ingest.settings import Settings
from services.ingest.storage import Source, sources
from services.ingest.use_cases.polling import Desk
from shared.runtime import Database, utc_now

log = structlog.get_logger()
_LEASE = timedelta(minutes=10)  # longer than any look; what a killed replica held is taken by another after it


class Watch:
    """The looks that are going on in this process. Use as an async context manager."""

    def __init__(self, settings: Settings, database: Database, desk: Desk) -> None:
        self._places, self._database, self._desk = settings.polls, database, desk
        self._looks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for look in self._looks:
            look.cancel()
        await asyncio.gather(*self._looks, return_exceptions=True)

    async def turn(self) -> None:
        """Take as many due sources as there are free places, and start looking at them."""
        free = self._places - len(self._looks)
        if free <= 0:
            return
        async with self._database.transaction() as tx:
            due = await sources.take_due(tx.session, utc_now(), free, _LEASE)
        for source in due:
            look = asyncio.create_task(self._look(source))
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)

    async def _look(self, source: Source) -> None:
        try:
            report = await self._desk.look(source)
        except Exception:
            log.exception("look failed", source=source.name, url=source.url)
            return
        log.info("looked", source=source.name, outcome=report.outcome, found=report.found, cause=report.cause)
