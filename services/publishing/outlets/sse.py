"""Server-sent events (HTML standard §9.2) over the hub: resume by position, join live, one encoding for all.

A connection is a position and a filter. It first reads from the database whatever the ring no longer holds, then lives
on the ring. Nothing is queued per connection: one that stops reading is cut off, and finds everything again by its
`Last-Event-ID`.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any, Self

from sqlalchemy.exc import DBAPIError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import CHUNK, Hub
from services.publishing.outlets.wanted import Wanted
from services.publishing.storage.outlets import in_force
from shared.runtime.ending import end
from shared.runtime.moments import utc_now

HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "access-control-allow-origin": "*",  # pages of other origins may follow the log too: it is public
}
_RETRY = b"retry: 2000\n"


@dataclass(eq=False)
class Listener:
    """One open connection. `since` is when its pending write began, by the loop's clock; `token` who it is."""

    position: int
    wanted: Wanted
    thin: bool = False
    token: str | None = None
    name: str | None = None
    since: float | None = None
    task: asyncio.Task[None] | None = None
    farewell: bytes | None = None


@dataclass
class Listeners:
    """All open connections of this process: beats, and the end of those that are stuck or no longer allowed."""

    hub: Hub
    beat_seconds: float = 15.0
    stuck_seconds: float = 15.0
    most: int = 10_000
    open: set[Listener] = field(default_factory=set)
    beats: int = 0
    _task: asyncio.Task[None] | None = None
    _former: dict[int, Any] = field(default_factory=dict)  # what the signals did before

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch(), name="listeners")
        self._hear_signals()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dismiss_all()
        for number, former in self._former.items():
            signal.signal(number, former)
        if self._task is not None:
            await end([self._task])

    def dismiss_all(self) -> None:
        """End every connection: the service stops, and its server waits until the last one has ended."""
        for listener in list(self.open):
            self.dismiss(listener, b": the service stops\nretry: 1000\n\n")

    def _hear_signals(self) -> None:
        """A server stops its parts only after all connections have ended, so streams must hear of the end earlier."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()

        def end(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.dismiss_all)
            former = self._former.get(number)
            if callable(former):
                former(number, frame)

        for number in (signal.SIGTERM, signal.SIGINT):
            if callable(signal.getsignal(number)):
                self._former[number] = signal.signal(number, end)

    def dismiss(self, listener: Listener, farewell: bytes) -> None:
        """End a connection: with a last word where it still reads, at once where it is stuck."""
        listener.farewell = farewell
        if listener.since is not None and listener.task is not None:
            listener.task.cancel()
        self.hub.wake()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        last_beat = loop.time()
        while True:
            await asyncio.sleep(1.0)
            now = loop.time()
            for listener in list(self.open):
                if listener.since is not None and now - listener.since > self.stuck_seconds:
                    self.dismiss(listener, b"")
            await self._check_tokens()
            if now - last_beat >= self.beat_seconds:
                last_beat = now
                self.beats += 1
                self.hub.wake()

    async def _check_tokens(self) -> None:
        held = {listener.token for listener in self.open if listener.token}
        if not held:
            return
        with contextlib.suppress(DBAPIError, OSError):  # the database is away: nobody is thrown out for that
            async with self.hub.database.reading() as session:
                gone = held - await in_force(session, held, utc_now())
            for listener in list(self.open):
                if listener.token in gone:
                    self.dismiss(listener, b": this token was revoked or has expired\nretry: 60000\n\n")


class EventStream(Response):
    """The ASGI answer that writes a listener's events until it leaves. No generator and no queue per connection."""

    media_type = "text/event-stream"

    def __init__(self, listeners: Listeners, listener: Listener) -> None:
        super().__init__(status_code=200, headers=HEADERS)
        del self.headers["content-length"]
        self.listeners = listeners
        self.listener = listener
        self.hub = listeners.hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's signature
        """Write until the reader leaves, is dismissed or falls behind."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        writing = asyncio.create_task(self._write(send))
        leaving = asyncio.create_task(_left(receive))
        self.listener.task = writing
        self.listeners.open.add(self.listener)
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.listeners.open.discard(self.listener)
            await end([writing, leaving])
        if self.listener.farewell is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(send({"type": "http.response.body", "body": self.listener.farewell}), 1.0)

    async def _write(self, send: Send) -> None:
        await self._send(send, _RETRY + b": welcome\n\n")
        await self.hub.ready()
        if not await self._resume(send):
            return
        listener, hub, beats = self.listener, self.hub, self.listeners.beats
        shared = listener.wanted.everything and not listener.thin
        while listener.farewell is None:
            if not hub.holds(listener.position):
                listener.farewell = b": too slow, the stream has moved on; reconnect to resume\nretry: 5000\n\n"
                return
            if shared and listener.position < hub.head:
                body, upto = hub.joined(listener.position)
                await self._send(send, body)
                listener.position = upto
                continue
            if frames := hub.since(listener.position):
                await self._send_frames(send, frames)
                continue
            if beats != self.listeners.beats:
                beats = self.listeners.beats
                await self._send(send, b": beat\nid: %d\n\n" % listener.position)
                continue
            await hub.news()

    async def _resume(self, send: Send) -> bool:
        """Read from the database what the ring no longer holds; every page is looked up after the last was written."""
        while not self.hub.holds(self.listener.position):
            frames = await self.hub.read(self.listener.position)
            if not frames:
                self.listener.farewell = b": the log has no such position\nretry: 5000\n\n"
                return False
            await self._send_frames(send, frames)
            if self.listener.farewell is not None:
                return False
        return True

    async def _send_frames(self, send: Send, frames: Sequence[Frame]) -> None:
        listener = self.listener
        everything, thin = listener.wanted.everything, listener.thin
        size, parts = 0, list[bytes]()
        for frame in frames:
            if everything or listener.wanted.takes(frame.facts):
                parts.append(frame.thin_wire if thin else frame.wire)
                size += len(parts[-1])
            if size >= CHUNK:
                await self._send(send, b"".join(parts))
                size, parts = 0, []
                listener.position = frame.position
        if parts:
            await self._send(send, b"".join(parts))
        listener.position = frames[-1].position

    async def _send(self, send: Send, body: bytes) -> None:
        listener = self.listener
        listener.since = asyncio.get_running_loop().time()
        await send({"type": "http.response.body", "body": body, "more_body": True})
        listener.since = None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
