"""Connections kept open between requests, each origin's by themselves.

One pool for all would look at every connection it keeps at the beginning and end of every request, so that each origin
made all others slower.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpcore2

Origin = tuple[str, str, int | None]  # scheme, host, port

KEPT = 15.0  # seconds an idle connection is kept


@dataclass(slots=True)
class _Pool:
    pool: httpcore2.AsyncConnectionPool
    users: int = 0
    idle_since: float = 0.0


class Pools:
    """A pool for each origin that is asked or was a moment ago; at most `most` of them idle."""

    def __init__(self, make: Callable[[], httpcore2.AsyncConnectionPool], most: int) -> None:
        self._make, self._most = make, most
        self._used: dict[Origin, _Pool] = {}
        self._idle: dict[Origin, _Pool] = {}  # the longest idle stands first

    @asynccontextmanager
    async def of(self, origin: Origin) -> AsyncIterator[httpcore2.AsyncConnectionPool]:
        """The pool of an origin while it is used."""
        one = self._used.get(origin) or self._idle.pop(origin, None) or _Pool(self._make())
        self._used[origin] = one
        one.users += 1
        try:
            await self._drop_idle(time.monotonic() - KEPT, self._most)
            yield one.pool
        finally:
            one.users -= 1
            if not one.users:
                one.idle_since = time.monotonic()
                self._idle[origin] = self._used.pop(origin)

    async def close(self) -> None:
        """Close all, whoever still uses them."""
        for one in [*self._used.values(), *self._idle.values()]:
            await one.pool.aclose()
        self._idle.clear()

    async def _drop_idle(self, before: float, most: int) -> None:
        while self._idle:
            origin, oldest = next(iter(self._idle.items()))
            if len(self._idle) <= most and oldest.idle_since >= before:
                return
            del self._idle[origin]
            await oldest.pool.aclose()
