"""Keeps the ledger of who has what: asks Redis how far its groups are, notes what readers acknowledge, books it all."""

import asyncio
from types import TracebackType
from typing import Any, Self

import structlog
from redis.exceptions import RedisError

from services.publishing.outlets.hub import STREAM
from services.publishing.outlets.sse import Listeners
from services.publishing.storage import receipts
from shared.runtime.database import Database
from shared.runtime.ending import end
from shared.runtime.moments import utc_now
from shared.runtime.redis import Redis

log = structlog.get_logger(__name__)

_BOOKED_AT_ONCE = 2000
#: Where a Redis reader writes its position: a key of its own, the only one its user may write.
CURSOR = "publications:at:"


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
        await self._note(heard)
        for _ in range(50):
            async with self.database.transaction() as tx:
                if not await receipts.book_next(tx.session, _BOOKED_AT_ONCE, utc_now()):
                    break

    async def _note(self, heard: dict[tuple[str, str], tuple[int, str]]) -> None:
        now, cursors = utc_now(), await cursors_of(self.redis, self.listeners.hub.head)
        groups = {name: at for name, at in (await groups_of(self.redis)).items() if name not in self.own_groups}
        async with self.database.transaction() as tx:
            for (kind, name), (position, token_id) in heard.items():
                await receipts.acknowledge(tx.session, kind, name, position, now, token_id)
            for kind, found in (("stream", groups), ("cursor", cursors)):
                for name, position in found.items():
                    await receipts.acknowledge(tx.session, kind, name, position, now)
            known = await receipts.list_consumers(tx.session, "cursor")
        for row in known:  # a Redis that forgot is told again; a reader that was quicker wins
            if row.name not in cursors:
                await self.redis.set(CURSOR + row.name, f"{row.acked}-0", nx=True)


async def groups_of(redis: Redis) -> dict[str, int]:
    """The groups of the stream and the position up to which each has settled everything."""
    try:
        groups: list[dict[str, Any]] = await redis.xinfo_groups(STREAM)
    except (RedisError, OSError):  # also where there is no stream yet
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


async def cursors_of(redis: Redis, head: int) -> dict[str, int]:
    """The positions that readers keep in keys of their own; what is none, or lies beyond the log's end, is left out."""
    found = {}
    try:
        async for key in redis.scan_iter(match=f"{CURSOR}*", count=1000):
            value = _text(await redis.get(key) or "").removesuffix("-0")
            if value.isascii() and value.isdigit() and len(value) < 19 and int(value) <= head:
                found[_text(key).removeprefix(CURSOR)] = int(value)
    except (RedisError, OSError):
        return {}
    return found


def _position(entry_id: Any) -> int:
    return int(_text(entry_id).split("-", maxsplit=1)[0])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
