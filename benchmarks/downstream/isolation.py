"""What a bad endpoint does to its neighbours: good webhooks timed without and beside one of every bad kind.

`python -m benchmarks.downstream isolation`, at 20 publications a second.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.downstream.ground import House, paced, spread
from benchmarks.downstream.latency import RATE, Receiver, receiving, subscribe, unsubscribe
from benchmarks.measure import Spread

GOOD = 5
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def hangs(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Takes everything and never answers."""
    await asyncio.sleep(3600)


async def drips(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers a byte every half second."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.5)


async def floods(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


async def babbles(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speaks something else."""
    writer.write(b"\x15\x03\x01\x00\x02\x02\x50")
    writer.close()


def says(answer: bytes) -> Serve:
    """Answers the same to all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            writer.write(answer)

    return serve


BAD: dict[str, Serve | None] = {
    "hangs": hangs,
    "drips": drips,
    "floods": floods,
    "babbles": babbles,
    "500": says(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
    "503, try in a second": says(b"HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"),
    "redirects": says(b"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
    "refuses": None,
}


@asynccontextmanager
async def bad_endpoint(serve: Serve | None) -> AsyncIterator[str]:
    """The address of an endpoint that behaves so; None is a closed port."""

    async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            assert serve is not None
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(kept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if serve is None:
        server.close()
    yield f"http://127.0.0.1:{port}/"
    server.close()


async def timed(house: House, receivers: list[Receiver], seconds: float) -> list[float]:
    """Commit → arrival at every good endpoint."""
    committed: dict[int, float] = {}

    async def one() -> None:
        at = await house.tell()
        committed[house.told] = at

    await paced(seconds, 1 / RATE, one)
    until = time.monotonic() + 30
    while time.monotonic() < until and any(committed.keys() - r.came.keys() for r in receivers):  # noqa: ASYNC110  # noted by the receivers
        await asyncio.sleep(0.1)
    missing = sum(len(committed.keys() - receiver.came.keys()) for receiver in receivers)
    if missing:
        print(f"  {missing} did not arrive within 30 s")
    return [r.came[p] - at for r in receivers for p, at in committed.items() if p in r.came]


async def isolation(house: House, seconds: float, rounds: int = 5) -> None:
    """Measure in turns and print."""
    async with AsyncExitStack() as stack:
        receivers = [await stack.enter_async_context(receiving()) for _ in range(GOOD)]
        good = [await subscribe(house, f"http://127.0.0.1:{receiver.port}/") for receiver in receivers]
        await timed(house, receivers, 2)
        print(f"isolation: commit → webhook at {GOOD} good endpoints, {RATE}/s for {seconds:g} s each, in turns")
        print(f"alone and beside {2 * len(BAD)} bad ones, ordered and parallel ({', '.join(BAD)})")
        delays = list[float]()
        for _ in range(rounds):
            alone = await timed(house, receivers, seconds)
            beside = await beside_bad(house, receivers, seconds)
            delays.append(max(beside) - max(alone))
            print(f"  alone   {spread(alone)}")
            print(f"  beside  {spread(beside)}   slowest {delays[-1]:+.2f} s")
        print(f"the slowest came later by {Spread.of([1000 * d for d in delays])} ms, {rounds} rounds   (bar: ≤ 1 s)")
        for key in good:
            await unsubscribe(house, key)


async def beside_bad(house: House, receivers: list[Receiver], seconds: float) -> list[float]:
    """The same while every bad endpoint is subscribed twice."""
    async with AsyncExitStack() as bad:
        keys = [
            await subscribe(house, await bad.enter_async_context(bad_endpoint(serve)), ordering=ordering)
            for serve in BAD.values()
            for ordering in ("ordered", "parallel")
        ]
        beside = await timed(house, receivers, seconds)
        for key in keys:
            await unsubscribe(house, key)
    return beside
