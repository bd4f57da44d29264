"""A TCP proxy that cuts its connections at random, in the middle of whatever is on the way."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cutter:
    """Forwards to `host:port`; each connection lives for a random number of answered bytes, `mean` on average."""

    def __init__(self, host: str, port: int, mean: int) -> None:
        self.host, self.port, self.mean = host, port, mean
        self.address = ""
        self.cuts = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it is cut or ends by itself."""
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(self.host, self.port)
            asking = asyncio.create_task(_forward(reader, back))
            self.cuts += await _forward(there, writer, random.randint(1, 2 * self.mean))
            asking.cancel()
            back.transport.abort()
        writer.transport.abort()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None = None) -> bool:
    """Copy until the end, or until `most` bytes; whether it was cut."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk if most is None else chunk[:most])
            await writer.drain()
            if most is not None and (most := most - len(chunk)) <= 0:
                return True
        writer.write_eof()
    return False


@asynccontextmanager
async def cutting(port: int, mean: int, scheme: str = "http") -> AsyncIterator[Cutter]:
    """A cutter in front of a port of this machine."""
    cutter = Cutter("127.0.0.1", port, mean)
    server = await asyncio.start_server(cutter.serve, "127.0.0.1", 0)
    cutter.address = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield cutter
    server.close()
