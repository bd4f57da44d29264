"""How long a push takes to reach a subscriber, beside one bare hop through Redis.

`python -m benchmarks.pipeline.latency [seconds]`: pushes single articles over HTTP at half the rate the door takes at
most (found first, closed loop, 16 connections), each in a transaction of its own; measures from the 2xx to the moment
a reader of `publications` holds the publication. The bare hop is one XADD met by a blocked XREADGROUP.
"""

import asyncio
import contextlib
import json
import sys
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from redis import asyncio as aioredis

from benchmarks.measure import percentile
from benchmarks.pipeline import stages
from benchmarks.pipeline.__main__ import CONTENDERS
from benchmarks.pipeline.ground import Ground


class Pusher:
    """A few keep-alive connections, written by hand so that the client costs less than the door."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.acknowledged: dict[UUID, float] = {}
        self._links: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def push(self, number: int) -> None:
        """One article, one request; notes when the 2xx came."""
        body = json.dumps({"number": number}).encode()
        head = f"POST /v1/items HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
        head += "Content-Type: application/json\r\n\r\n"
        answer = b""
        while True:
            link = self._links.pop() if self._links else await asyncio.open_connection("127.0.0.1", self.port)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):  # the server closes idle links
                link[1].write(head.encode() + body)
                answer = await link[0].readuntil(b"\r\n\r\n")
                break
        lines = answer.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
        await link[0].readexactly(length)
        if not answer.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(f"the door answered {answer[:80]!r}")
        self.acknowledged[stages.articles(number, 1)[0].id] = time.perf_counter()
        self._links.append(link)

    def close(self) -> None:
        """Close every connection."""
        for _, writer in self._links:
            writer.close()


async def subscribe(redis_url: str, arrived: dict[UUID, float]) -> None:
    """Read `publications` for ever and note when each article came."""
    redis = aioredis.from_url(redis_url, decode_responses=True)
    last = "0-0"
    while True:
        answer: Any = await redis.xread({"publications": last}, block=1000, count=500)
        now = time.perf_counter()
        for _, entries in answer or []:
            for entry_id, fields in entries:
                arrived.setdefault(UUID(json.loads(fields["event"])["data"]["article_id"]), now)
                last = entry_id


async def top_rate(pusher: Pusher, first: int, seconds: float = 5.0) -> float:
    """Pushes a second, closed loop, 16 at once."""
    number, done, until = first, 0, time.perf_counter() + seconds

    async def one() -> None:
        nonlocal number, done
        while time.perf_counter() < until:
            number += 1
            await pusher.push(number)
            done += 1

    await asyncio.gather(*(one() for _ in range(16)))
    return done / seconds


async def at_rate(pusher: Pusher, first: int, rate: float, seconds: float) -> None:
    """Open loop: a push every 1/rate seconds, whether the last one was answered or not."""
    began, tasks = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(pusher.push(first + number)))
    await asyncio.gather(*tasks)


async def all_arrived(pusher: Pusher, arrived: dict[UUID, float], seconds: float = 60.0) -> None:
    """Wait until every acknowledged push was published. Raises TimeoutError when some never are."""
    async with asyncio.timeout(seconds):
        while not pusher.acknowledged.keys() <= arrived.keys():  # noqa: ASYNC110  # looked at between measurements only
            await asyncio.sleep(0.1)


async def bare_hop(redis_url: str, rounds: int = 1000) -> list[float]:
    """Seconds from XADD sent to its entry in the hands of a blocked XREADGROUP."""
    writer, reader = aioredis.from_url(redis_url), aioredis.from_url(redis_url)
    await writer.xgroup_create("bench.hop", "one", id="0", mkstream=True)
    took = []
    for _ in range(rounds):
        read: Any = reader.xreadgroup("one", "a", {"bench.hop": ">"}, block=2000)
        waiting = asyncio.ensure_future(read)
        await asyncio.sleep(0.001)
        began = time.perf_counter()
        await writer.xadd("bench.hop", {"event": "x" * 2000})
        await waiting
        took.append(time.perf_counter() - began)
    await writer.aclose()
    await reader.aclose()
    return took


@dataclass(frozen=True)
class Latency:
    """What one run found: pushes a second at most, and seconds from 2xx to subscriber, beside bare hops."""

    top: float
    took: list[float]
    hops: list[float]


async def latency(ground: Ground, seconds: float, finding: float = 5.0) -> Latency:
    """One run: bare hops, then the top rate, then half of it."""
    contender = next(one for one in CONTENDERS if one.name == "newsroom")
    arrived: dict[UUID, float] = {}
    await ground.clear()
    hops = await bare_hop(ground.redis_url)
    await ground.clear()
    async with ground.running(contender):
        subscriber = asyncio.create_task(subscribe(ground.redis_url, arrived))
        pusher = Pusher(ground.ports["ingest"])
        top = await top_rate(pusher, 0, finding)
        await all_arrived(pusher, arrived)
        pusher.acknowledged.clear()
        await at_rate(pusher, 1_000_000, top / 2, seconds)
        await all_arrived(pusher, arrived)
        pusher.close()
        subscriber.cancel()
    return Latency(top, [max(0.0, arrived[article] - when) for article, when in pusher.acknowledged.items()], hops)


async def main(seconds: float) -> None:
    """Measure and print p50 and p99, in milliseconds and in bare hops."""
    ground = Ground()
    try:
        await ground.start()
        one = await latency(ground, seconds)
    finally:
        await ground.stop()
    hop = percentile(one.hops, 0.5)
    found = {
        "pushes a second at most": round(one.top),
        "publications measured": len(one.took),
        "p50 ms": round(percentile(one.took, 0.5) * 1000, 2),
        "p99 ms": round(percentile(one.took, 0.99) * 1000, 2),
        "bare hop p50 ms": round(hop * 1000, 3),
        "bare hop p99 ms": round(percentile(one.hops, 0.99) * 1000, 3),
        "p50 in bare hops": round(percentile(one.took, 0.5) / hop, 1),
    }
    for name, value in found.items():
        print(f"{name:<36}{value:>12,}")


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0))
