"""Keeps the ledger of who has what: asks Redis how far its groups are, notes what readers acknowledge, books it all."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from redis.exceptions import RedisError

from services.publishing.outlets.background import Background
from services.publishing.outlets.hub import STREAM
from services.publishing.outlets.sse import Listeners
from services.publishing.storage import receipts
from shared.runtime.database import Database
from shared.runtime.moments import utc_now
from shared.runtime.redis import Redis

_BOOKED_AT_ONCE = 2000
_LOOK = 3.0  # seconds between two looks for readers that nobody has told of
#: Where a Redis reader writes its position: a key of its own, the only one its user may write.
CURSOR = "publications:at:"


class Keeper(Background):
    """Writes down acknowledgements every second; an async context manager. All replicas may: nothing moves back."""

    def __init__(self, database: Database, redis: Redis, listeners: Listeners, own_groups: frozenset[str]) -> None:
        self.database, self.redis, self.listeners, self.own_groups = database, redis, listeners, own_groups
        self._readers: set[str] = set()
        self._looked = float("-inf")
        self._heard: dict[tuple[str, str], tuple[int, str]] = {}
        self._noted: dict[tuple[str, str], int] = {}  # what is written down

    def heard(self, kind: str, name: str, position: int, token_id: str) -> None:
        """A reader has everything up to a position; written down within a second."""
        known = self._heard.get((kind, name))
        if known is None or known[0] < position:
            self._heard[kind, name] = position, token_id

    async def _turn(self) -> None:
        await self.once()
        await asyncio.sleep(1.0)

    async def once(self) -> None:
        """Note what was heard since the last time and book what it means, article by article."""
        for listener in self.listeners.open:
            if listener.token is not None:
                self.heard("sse", listener.name or listener.token, listener.position, listener.token)
        heard, self._heard = self._heard, {}
        try:
            await self._note(heard)
        except Exception:
            for (kind, name), (position, token_id) in heard.items():
                self.heard(kind, name, position, token_id)  # to be noted after the outage
            raise
        async with self.database.reading() as session:
            if not await receipts.is_behind(session):
                return
        for _ in range(50):
            async with self.database.transaction() as tx:
                if not await receipts.book_next(tx.session, _BOOKED_AT_ONCE, utc_now()):
                    break

    async def _note(self, heard: dict[tuple[str, str], tuple[int, str]]) -> None:
        if look := time.monotonic() - self._looked >= _LOOK:
            self._readers = await readers_of(self.redis)
        cursors = await cursors_of(self.redis, self._readers, self.listeners.hub.head)
        groups = {name: at for name, at in (await groups_of(self.redis)).items() if name not in self.own_groups}
        found: dict[tuple[str, str], tuple[int, str | None]] = {**heard}
        found |= {("stream", name): (at, None) for name, at in groups.items()}
        found |= {("cursor", name): (at, None) for name, at in cursors.items()}
        news = {key: one for key, one in found.items() if self._noted.get(key) != one[0]}
        if news:
            async with self.database.transaction() as tx:
                for (kind, name), (position, token_id) in news.items():
                    await receipts.acknowledge(tx.session, kind, name, position, utc_now(), token_id)
            self._noted |= {key: position for key, (position, _) in news.items()}
        if look:
            await self._remind(cursors)
            self._looked = time.monotonic()

    async def _remind(self, cursors: Iterable[str]) -> None:
        """Tell a Redis that forgot where its readers were; one that was quicker wins."""
        async with self.database.reading() as session:
            known = await receipts.list_consumers(session, "cursor")
        for row in known:
            self._readers.add(row.name)
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


async def readers_of(redis: Redis) -> set[str]:
    """The names of those who keep a position in a key of their own. Looks through all keys: not to be asked often."""
    return {_text(key).removeprefix(CURSOR) async for key in redis.scan_iter(match=f"{CURSOR}*", count=1000)}


async def cursors_of(redis: Redis, names: Iterable[str], head: int) -> dict[str, int]:
    """The positions of these readers; what is none, or lies beyond the log's end, is left out."""
    found = {}
    for name in names:
        value = _text(await redis.get(CURSOR + name) or "").removesuffix("-0")
        if value.isascii() and value.isdigit() and len(value) < 19 and int(value) <= head:
            found[name] = int(value)
    return found


def _position(entry_id: Any) -> int:
    return int(_text(entry_id).split("-", maxsplit=1)[0])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
