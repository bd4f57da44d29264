"""Many SSE readers in one process: raw sockets, counting events and noting when each came; at its end one JSON line.

Usage: python -m benchmarks.downstream.clients HOST PORT CLIENTS FIRST LAST SECONDS
Every client reads from the end of the log until it has seen position LAST or SECONDS have passed; arrivals of positions
from FIRST on are noted in seconds since the epoch.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

_REQUEST = b"GET /v1/events HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"


@dataclass
class Reader(asyncio.Protocol):
    """One connection. Events begin a line with `id: `; a position may be cut between two chunks."""

    last: int
    done: asyncio.Event
    open: list[int]
    seen: dict[int, float] = field(default_factory=dict)
    faults: int = 0
    rest: bytes = b""
    newest: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(_REQUEST)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        *whole, self.rest = (self.rest + data).split(b"\n")
        for line in whole:
            if not line.startswith(b"id: "):
                self.open[0] += line.startswith(b"retry: 2000")
                continue
            position = int(line[4:])
            if position == self.newest:
                continue  # a beat repeats it
            if self.newest and position != self.newest + 1:
                self.faults += 1
            self.newest = position
            self.seen[position] = now
        if self.newest >= self.last:
            self.done.set()


async def main(host: str, port: int, clients: int, first: int, last: int, seconds: float) -> None:
    """Open the readers, say so, wait, and write what they saw."""
    loop = asyncio.get_running_loop()
    opened, readers = [0], list[Reader]()
    for start in range(0, clients, 100):
        some = [Reader(last, asyncio.Event(), opened) for _ in range(start, min(start + 100, clients))]
        await asyncio.gather(*(loop.create_connection(lambda r=r: r, host, port) for r in some))  # type: ignore[misc]  # bound now
        readers += some
    while opened[0] < clients:  # noqa: ASYNC110  # counted by the readers themselves
        await asyncio.sleep(0.05)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(reader.done.wait() for reader in readers))
    except TimeoutError:
        pass
    arrivals: dict[int, list[float]] = {}
    for reader in readers:
        for position, at in reader.seen.items():
            if position >= first:
                arrivals.setdefault(position, []).append(at)
    found = {
        "faults": sum(r.faults for r in readers),
        "events": sum(len(r.seen) for r in readers),
        "arrivals": arrivals,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    host, port, *rest = sys.argv[1:]
    asyncio.run(main(host, int(port), int(rest[0]), int(rest[1]), int(rest[2]), float(rest[3])))
