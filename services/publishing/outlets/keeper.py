"""Keeps the ledger of who has what: asks Redis how far its groups are, notes what readers acknowledge, books it all."""

import asyncio
from types import TracebackType
from typing import Any, Self

import structlog
from redis.exceptions import RedisError, ResponseError

from services.publishing.outlets.hub import STREAM
from services.publishing.outlets.sse import Listeners
from services.publishing.storage import receipts
from shared.runtime.database import Database
from shared.runtime.ending import end
from shared.runtime.moments import utc_now
from shared.runtime.redis import Redis

log = structlog.get_logger(__name__)

_BOOKED_AT_ONCE = 2000


class Keeper:
    """Writes down acknowledgements every second; an async context manager. All replicas may: nothing moves back."""

    def __init__(self, database: Database, redis: Redis, listeners: Listeners, own_groups: frozenset[str]) -> None:
        self.database, self.redis, self.listeners, self.own_groups = database, redis, listeners, own_groups
        self.problem: str | None = None
        self._heard: dict[tuple[str, str], tuple[int, str]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep(), name="keeper")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            await end([self._task])

    def heard(self, kind: str, name: str, position: int, token_id: str) -> None:
        """A reader has everything up to a position; written down within a second."""
        known = self._heard.get((kind, name))
        if known is None or known[0] < position:
            self._heard[kind, name] = position, token_id

    async def _keep(self) -> None:
        while True:
            try:
                await self.once()
                self.problem = None
            except Exception as error:  # noqa: BLE001  # an outage ends with the outage; the ledger is kept on after it
                self.problem = f"{type(error).__name__}: {error}"
                log.warning("the ledger pauses", error=self.problem)
            await asyncio.sleep(1.0)

    async def once(self) -> None:
        """Note what was heard since the last time and book what it means, article by article."""
        for listener in self.listeners.open:
            if listener.token is not None:
                self.heard("sse", listener.name or listener.token, listener.position, listener.token)
        heard, self._heard = self._heard, {}
        now = utc_now()
        groups = await groups_of(self.redis)
        async with self.database.transaction() as tx:
            for (kind, name), (position, token_id) in heard.items():
                await receipts.acknowledge(tx.session, kind, name, position, now, token_id)
            for name, position in groups.items():
                if name not in self.own_groups:
                    await receipts.acknowledge(tx.session, "stream", name, position, now)
        for _ in range(50):
            async with self.database.transaction() as tx:
                if not await receipts.book_next(tx.session, _BOOKED_AT_ONCE, now):
                    break


async def groups_of(redis: Redis) -> dict[str, int]:
    """The groups of the stream and the position up to which each has settled everything."""
    try:
        groups: list[dict[str, Any]] = await redis.xinfo_groups(STREAM)
    except (ResponseError, OSError):
        return {}
    except RedisError:
        return {}
    settled = {}
    for group in groups:
        name = _text(group["name"])
        upto = _position(group["last-delivered-id"])
        if group["pending"]:
            oldest: Any = await redis.xpending(STREAM, name)
            upto = min(upto, _position(oldest["min"]) - 1) if oldest["min"] else upto
        settled[name] = upto
    return settled


def _position(entry_id: Any) -> int:
    return int(_text(entry_id).split("-", maxsplit=1)[0])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
