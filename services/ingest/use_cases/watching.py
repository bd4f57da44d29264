"""Many sources at once, in three lanes: due ones are taken as places fall free, those that are not well wait apart."""

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
    """The looks that are going on in this process. Use as an async context manager.

    The lanes of those that are well and of new ones fill up again as soon as a quarter of their places is free. The
    slow lane gets looks only with the clock's turn, once a second: a thousand sources that fail at once take no more of
    the others' time than a few do.
    """

    def __init__(self, settings: Settings, database: Database, desk: Desk) -> None:
        self._places = {"quick": settings.polls, "new": settings.new_polls, "slow": settings.slow_polls}
        self._looks: dict[str, set[asyncio.Task[None]]] = {lane: set() for lane in self._places}
        self._database, self._desk = database, desk
        self._filling = asyncio.Lock()
        self._more: set[str] = set()  # lanes that were given as many as they asked for
        self._closing = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        looks = [look for lane in self._looks.values() for look in lane]
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def turn(self) -> None:
        """Take as many due sources as there are free places, and start looking at them."""
        for lane in self._places:
            await self._fill(lane, least=1)

    async def _fill(self, lane: str, least: int) -> None:
        async with self._filling:
            free = self._places[lane] - len(self._looks[lane])
            if free < least or self._closing:
                return
            async with self._database.transaction() as tx:
                due = await sources.take_due(tx.session, utc_now(), free, _LEASE, lane)
            (self._more.add if len(due) == free and lane != "slow" else self._more.discard)(lane)
            for source in due:
                look = asyncio.create_task(self._look(source, lane))
                self._looks[lane].add(look)
                look.add_done_callback(self._looks[lane].discard)

    async def _look(self, source: Source, lane: str) -> None:
        try:
            report = await self._desk.look(source)
            log.info("looked", source=source.name, outcome=report.outcome, found=report.found, cause=report.cause)
            if lane in self._more:
                self._looks[lane].discard(asyncio.current_task())
                await self._fill(lane, least=max(1, self._places[lane] // 4))
        except Exception:
            log.exception("look failed", source=source.name, url=source.url)
