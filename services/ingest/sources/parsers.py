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

from services.ingest.domain.items import Harvest, Hints, Unreadable
from services.ingest.sources.reading import Form

log = structlog.get_logger()
_ROOT = Path(__file__).parents[3]
_RENEWED_AFTER = 2000  # documents; libraries that cache never grow for ever


class _Child:
    """One reader process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.read = 0

    @classmethod
    async def start(cls, memory_mib: int) -> "_Child":
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
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            cwd=_ROOT,
            start_new_session=True,
        )
        return cls(process)

    async def ask(self, head: bytes, content: bytes) -> bytes:
        inlet, outlet = self.process.stdin, self.process.stdout
        if inlet is None or outlet is None:
            raise ConnectionError("no pipes")
        inlet.write(struct.pack(">I", len(head)) + head + struct.pack(">I", len(content)) + content)
        await inlet.drain()
        size = struct.unpack(">I", await outlet.readexactly(4))[0]
        self.read += 1
        return await outlet.readexactly(size)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


class Parsers:
    """Reads documents in child processes, `count` at once. Use as an async context manager."""

    def __init__(self, count: int, seconds: float, memory_mib: int) -> None:
        self._count, self._seconds, self._memory = count, seconds, memory_mib
        self._idle: asyncio.LifoQueue[_Child | None] = asyncio.LifoQueue()
        self.children: set[_Child] = set()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._idle.put_nowait(None)  # a place; its process starts with the first document
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(child.stop() for child in self.children))
        self.children.clear()

    async def read(self, form: Form, content: bytes, hints: Hints) -> Harvest:
        """Read a document.

        Raises Unreadable, with cause `too_slow` or `too_complex` where its reader had to be killed.
        """
        head = orjson.dumps({"form": form, "hints": hints.model_dump(mode="json", exclude_defaults=True)})
        child = await self._idle.get()
        answer: bytes | None = None
        try:
            child = child or await self._started()
            answer = await self._asked(child, head, content)
        finally:
            await self._give_back(child, healthy=answer is not None)
        found = orjson.loads(answer)
        if "cause" in found:
            raise Unreadable(found["cause"], found["detail"])
        return Harvest.model_validate(found["harvest"])

    async def _asked(self, child: _Child, head: bytes, content: bytes) -> bytes:
        first = 20.0 if not child.read else 0.0  # a new process loads its libraries first
        try:
            async with asyncio.timeout(self._seconds + first):
                return await child.ask(head, content)
        except TimeoutError:
            raise Unreadable(
                "too_slow", f"Reading the document took more than {self._seconds:g} s; it was given up."
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError, BrokenPipeError):
            raise Unreadable("too_complex", "The process reading the document died of it.") from None

    async def _started(self) -> _Child:
        child = await _Child.start(self._memory)
        self.children.add(child)
        return child

    async def _give_back(self, child: _Child | None, *, healthy: bool) -> None:
        if child is not None and (not healthy or child.read >= _RENEWED_AFTER):
            self.children.discard(child)
            await child.stop()
            child = None
        self._idle.put_nowait(child)
