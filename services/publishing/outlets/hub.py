"""The live end of the public log in one process: one reader of the stream, any number of listeners.

The hub keeps the newest frames in a ring addressed by position. A listener holds nothing but its own position: what it
has not read is not queued for it anywhere, so a slow one costs no memory and a fast one is never held up.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any

from redis.exceptions import RedisError

from services.publishing.outlets.background import Background
from services.publishing.outlets.frames import Frame
from shared.runtime.database import Database
from shared.runtime.log import head, read_log
from shared.runtime.redis import Redis

STREAM = "publications"
CHUNK = 256 << 10  # bytes handed to a socket at once; what a stuck connection can hold
_PAGE = 500
_SLICE = 100  # entries of the past read in one go: a few milliseconds
_BREATH = 25  # of them made into frames before others may run
_LIVELY = 1.0  # seconds since something was told
_CALM = 0.025  # seconds that news has for itself: written to every stream, put on its way to every webhook
_REST = 0.02  # seconds a reading of the past rests at most: where all is slow, resting helps nobody


class Hub(Background):
    """Tails the stream; reads the database where that has a gap or Redis is away. An async context manager."""

    pause = 0.5

    def __init__(self, database: Database, redis: Redis, *, keep: int = 4000, keep_bytes: int = 32 << 20) -> None:
        self.database = database
        self.redis = redis
        self.head = 0
        self._ring: deque[Frame] = deque()
        self._ring_bytes = 0
        self._keep, self._keep_bytes = keep, keep_bytes
        self._told_at = 0.0
        self._joined: dict[int, tuple[bytes, int]] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._end_known = asyncio.Event()

    @property
    def start(self) -> int:
        """The first position in the ring; one past the head when it is empty."""
        return self._ring[0].position if self._ring else self.head + 1

    async def ready(self) -> None:
        """Wait until the hub knows where the log ends."""
        await self._end_known.wait()

    def holds(self, after: int) -> bool:
        """Whether everything after this position is in the ring."""
        return after + 1 >= self.start

    def since(self, after: int, limit: int = _PAGE) -> Sequence[Frame]:
        """The frames after a position, at most `limit`; only meaningful where the ring `holds` them."""
        if after >= self.head:
            return ()
        newest = self.head - after
        if newest == 1:
            return (self._ring[-1],)
        first = max(0, len(self._ring) - newest)
        return list(islice(self._ring, first, first + limit))

    def joined(self, after: int) -> tuple[bytes, int]:
        """What follows a position as server-sent events, up to a chunk, and where it ends; made once for all."""
        known = self._joined.get(after)
        if known is None:
            parts, size, upto = list[bytes](), 0, after
            for frame in self.since(after):
                parts.append(frame.wire)
                size, upto = size + len(frame.wire), frame.position
                if size >= CHUNK:
                    break
            known = self._joined[after] = (parts[0] if len(parts) == 1 else b"".join(parts), upto)
        return known

    async def read(self, after: int, limit: int = _PAGE) -> Sequence[Frame]:
        """The frames after a position, from the ring where it holds them, else from the database."""
        if self._end_known.is_set() and self.holds(after):
            return self.since(after, limit)
        return await self._history(after, limit)

    async def _history(self, after: int, limit: int) -> Sequence[Frame]:
        """Read the database some entries at a time, so that who reads the past never holds up who follows the present.

        While something is being told, a reading lets news pass and rests as long as it worked; on a quiet log it takes
        what it can.
        """
        loop, frames = asyncio.get_running_loop(), list[Frame]()
        while len(frames) < limit:
            await asyncio.sleep(min(self._told_at + _CALM - loop.time(), _CALM))
            began, some = loop.time(), min(_SLICE, limit - len(frames))
            async with self.database.reading() as session:
                entries = await read_log(session, STREAM, after, some)
            for start in range(0, len(entries), _BREATH):
                frames += [Frame.of(entry) for entry in entries[start : start + _BREATH]]
                await asyncio.sleep(0)
            if len(entries) < some:
                break
            after, now = entries[-1].position, loop.time()
            await asyncio.sleep(min(now - began, _REST) if now - self._told_at < _LIVELY else 0)
        return frames

    async def news(self) -> None:
        """Wait for the next frame or beat."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    async def wait(self, after: int, seconds: float) -> bool:
        """Wait until the log has more than `after`, at most `seconds`; whether it has."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.head <= after:
                    await self.news()
        return self.head > after

    def wake(self) -> None:
        """Let all who wait look again."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _append(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            if frame.position != self.head + 1:
                continue
            self._ring.append(frame)
            self._ring_bytes += len(frame.event) + len(frame.wire)
            self.head = frame.position
        if frames:
            self._told_at = asyncio.get_running_loop().time()
            self._joined.clear()
        while self._ring and (len(self._ring) > self._keep or self._ring_bytes > self._keep_bytes):
            oldest = self._ring.popleft()
            self._ring_bytes -= len(oldest.event) + len(oldest.wire)
        self.wake()

    async def _turn(self) -> None:
        await self._find_end()
        try:
            await self._tail()
        except Exception:
            await self._catch_up()  # Redis may be away while the database is not
            raise

    async def _find_end(self) -> None:
        if self._end_known.is_set():
            return
        async with self.database.reading() as session:
            self.head = max(0, await head(session, STREAM) - self._keep // 4)
        await self._catch_up()
        self._end_known.set()

    async def _catch_up(self) -> None:
        while True:
            async with self.database.reading() as session:
                entries = await read_log(session, STREAM, self.head, _PAGE)
            if not entries:
                return
            self._append([Frame.of(entry) for entry in entries])

    async def _tail(self) -> None:
        answer: Any = await self.redis.xread({STREAM: f"{self.head}-0"}, count=_PAGE, block=1000)
        entries = answer[0][1] if answer else []
        frames = [
            Frame(int(entry_id.split(b"-")[0]), fields[b"id"].decode(), fields[b"type"].decode(), fields[b"event"])
            for entry_id, fields in entries
            if b"event" in fields
        ]
        if not frames or frames[0].position != self.head + 1:
            before = self.head
            await self._catch_up()  # quiet, trimmed or emptied: the database knows
            if frames and self.head == before:
                raise RedisError(f"{STREAM} holds {frames[0].position}, which this database never told")
        self._append(frames)
