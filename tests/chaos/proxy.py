"""A small TCP proxy that stands between a service and its Redis or PostgreSQL and behaves like a bad network."""

import asyncio
import contextlib
from enum import StrEnum

_CHUNK = 65536


class Weather(StrEnum):
    """How the network behaves for every connection, old and new."""

    CLEAR = "clear"
    BLACKHOLE = "blackhole"  # bytes go in and nothing comes out; the connection stays open
    SLOW = "slow"  # 30 ms before every chunk, each way
    SLICED = "sliced"  # one byte at a time
    DEAF = "deaf"  # requests go through, replies are swallowed; the connection is cut after a while


class Proxy:
    """Listens on 127.0.0.1 and forwards to `target`: (host, port) or the path of a Unix socket."""

    def __init__(self, target: tuple[str, int] | str) -> None:
        self.target = target
        self.weather = Weather.CLEAR
        self.port = 0
        self._clear = asyncio.Event()
        self._clear.set()
        self._links: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Begin to listen and return the port, which it keeps."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def turn(self, weather: Weather) -> None:
        """Change the weather for all connections at once."""
        self.weather = weather
        if weather is Weather.BLACKHOLE:
            self._clear.clear()
        else:
            self._clear.set()

    def cut(self) -> None:
        """Reset every connection now; new ones are welcome."""
        for link in list(self._links):
            with contextlib.suppress(OSError, RuntimeError):
                link.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._clear.wait()
        try:
            if isinstance(self.target, str):
                far_reader, far_writer = await asyncio.open_unix_connection(self.target)
            else:
                far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        self._links |= {writer, far_writer}
        ways = [
            asyncio.create_task(self._carry(reader, far_writer, reply=False)),
            asyncio.create_task(self._carry(far_reader, writer, reply=True)),
        ]
        self._tasks |= set(ways)
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
                self._tasks.discard(way)
            for link in (writer, far_writer):
                self._links.discard(link)
                with contextlib.suppress(OSError, RuntimeError):
                    link.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, reply: bool) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(_CHUNK):
                await self._clear.wait()
                if self.weather is Weather.DEAF and reply:
                    continue
                if self.weather is Weather.SLOW:
                    await asyncio.sleep(0.03)
                if self.weather is Weather.SLICED:
                    await self._slice(data, writer)
                    continue
                writer.write(data)
                await writer.drain()

    async def _slice(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for at in range(min(len(data), 400)):
            writer.write(data[at : at + 1])
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(data[400:])
        await writer.drain()
