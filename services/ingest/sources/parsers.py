"""The pool of reader processes: parsing runs off the event loop, bounded in time and memory, and a hung reader is
killed.
"""

import asyncio
import os
import struct
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson
import structlog

from services.ingest.domain.items import Harvest, Hints, Lane, Unreadable
from services.ingest.sources.reading import Form

log = structlog.get_logger()
_ROOT = Path(__file__).parents[3]
_NICENESS = 15
_START_SECONDS = 30.0  # a new process loads its libraries first
_RENEWED_AFTER = 2000  # documents; libraries that cache never grow for ever
_LARGE = 1024 * 1024  # bytes; what is larger never keeps the quick lane
_LIGHT = 0.25  # of the quick lane's seconds, spent by the processor; a document that takes more is not light
_PIECE = 64 * 1024  # bytes written at once, so that no document stands in memory twice


class _Child:
    """One reader process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.read = 0
        self.worn = False

    @classmethod
    async def start(cls, memory_mib: int, niceness: int) -> "_Child":
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(_ROOT),
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUTF8": "1",
            "MALLOC_ARENA_MAX": "2",
            "LC_ALL": "C.UTF-8",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.ingest.sources.worker",
            str(memory_mib),
            str(niceness),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            cwd=_ROOT,
            start_new_session=True,
        )
        child = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await child._frame()
        except BaseException:
            await child.stop()
            raise
        return child

    async def ask(self, head: bytes, content: bytes) -> bytes:
        inlet = self.process.stdin
        if inlet is None:
            raise ConnectionError("no pipes")
        inlet.write(struct.pack(">I", len(head)) + head + struct.pack(">I", len(content)))
        whole = memoryview(content)
        for start in range(0, len(content), _PIECE):
            inlet.write(whole[start : start + _PIECE])
            await inlet.drain()
        await inlet.drain()
        self.read += 1
        frame = await self._frame()
        self.worn = not frame.startswith(b"+")
        return frame[1:]

    async def _frame(self) -> bytes:
        outlet = self.process.stdout
        if outlet is None:
            raise ConnectionError("no pipes")
        size = struct.unpack(">I", await outlet.readexactly(4))[0]
        return await outlet.readexactly(size)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


class _Pool:
    """Reads documents in child processes, `count` at once, each at most so many seconds."""

    def __init__(self, count: int, seconds: float, memory_mib: int, niceness: int) -> None:
        self._seconds, self._memory, self._niceness = seconds, memory_mib, niceness
        self._idle: asyncio.LifoQueue[_Child | None] = asyncio.LifoQueue()
        self.children: set[_Child] = set()
        self._starting: set[asyncio.Task[None]] = set()
        for _ in range(count):
            self._idle.put_nowait(None)  # a place; its process starts with the first document

    async def close(self) -> None:
        for start in self._starting:
            start.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(child.stop() for child in self.children))
        self.children.clear()

    async def read(self, head: bytes, content: bytes) -> bytes:
        """A reader's answer. Raises Unreadable where the reader had to be killed or died."""
        child = await self._idle.get()
        answer: bytes | None = None
        try:
            child = child or await self._started()
            answer = await self._asked(child, head, content)
        finally:
            await self._give_back(child, healthy=answer is not None)
        return answer

    async def _asked(self, child: _Child, head: bytes, content: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                return await child.ask(head, content)
        except TimeoutError:
            raise Unreadable(
                "too_slow", f"Reading the document took more than {self._seconds:g} s; it was given up."
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError, BrokenPipeError):
            raise Unreadable("too_complex", "The process reading the document died of it.") from None

    async def _started(self) -> _Child:
        try:
            child = await _Child.start(self._memory, self._niceness)
        except (TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise Unreadable("no_reader", f"No process to read the document came up: {error!r}. Try again.") from error
        self.children.add(child)
        return child

    async def _give_back(self, child: _Child | None, *, healthy: bool) -> None:
        if child is not None and (not healthy or child.worn or child.read >= _RENEWED_AFTER):
            self.children.discard(child)
            await child.stop()
            start = asyncio.create_task(self._replaced())
            self._starting.add(start)
            start.add_done_callback(self._starting.discard)
            return
        self._idle.put_nowait(child)

    async def _replaced(self) -> None:
        """Fill a place again before the next document asks for it."""
        child = None
        try:
            child = await self._started()
        except Unreadable as error:
            log.warning("no reader", cause=error.cause, detail=str(error))
        finally:
            self._idle.put_nowait(child)


class Parsers:
    """Two lanes of readers: a quick one, and a slow one that is nice to it.

    Large documents are read in the slow one; what takes the quick one more than `quick_seconds` is read again there, so
    that no document keeps the others waiting for longer. Use as an async context manager.
    """

    def __init__(
        self, count: int, seconds: float, memory_mib: int, *, slow_count: int = 1, quick_seconds: float = 2.0
    ) -> None:
        self._light = quick_seconds * _LIGHT
        self._lanes: dict[Lane, _Pool] = {
            "quick": _Pool(count, min(quick_seconds, seconds), memory_mib, 0),
            "slow": _Pool(slow_count, seconds, memory_mib, _NICENESS),
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(pool.close() for pool in self._lanes.values()))

    @property
    def children(self) -> list[_Child]:
        """The processes that live now."""
        return [child for pool in self._lanes.values() for child in pool.children]

    async def read(self, form: Form, content: bytes, hints: Hints, lane: Lane = "quick") -> Harvest:
        """Read a document.

        Raises Unreadable, with cause `too_slow` or `too_complex` where its reader had to be killed.
        """
        head = orjson.dumps({"form": form, "hints": hints.model_dump(mode="json", exclude_defaults=True)})
        slow = len(content) > _LARGE
        try:
            answer = await self._lanes["slow" if slow else lane].read(head, content)
        except Unreadable as error:
            if slow or lane == "slow" or error.cause != "too_slow":
                raise
            answer, slow = await self._lanes["slow"].read(head, content), True
        found = orjson.loads(answer)
        if "cause" in found:
            raise Unreadable(found["cause"], found["detail"])
        harvest = Harvest.model_validate(found["harvest"])
        return harvest.model_copy(update={"slow": slow or found["seconds"] > self._light})
