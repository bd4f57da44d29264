"""From commit to whoever listens: SSE clients, a reader of the Redis stream, a webhook; at 20 publications a second.

`python -m benchmarks.downstream latency`, beside a bare XADD → XREAD hop on the same servers.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import httpx2
from redis import asyncio as aioredis

from benchmarks.downstream.ground import TOKEN, House, a_publication, paced, readers, spread
from shared.events import Role, TokenIssued, TokenRevoked
from shared.runtime import utc_now
from shared.runtime.auth import mint

RATE = 20  # publications a second


KINDS = ("sse", "stream", "webhook")


@dataclass
class Latencies:
    """When each position was committed, and the seconds from there to its arrivals by kind of reader."""

    committed: dict[int, float]
    took: dict[str, dict[int, list[float]]]
    faults: int

    def all(self, kind: str) -> list[float]:
        """Every arrival at one kind of reader."""
        return [one for some in self.took[kind].values() for one in some]

    def between(self, kind: str, began: float, ended: float) -> list[float]:
        """Those of what was committed in that time."""
        took = self.took[kind].items()
        return [one for at, some in took if began <= self.committed[at] < ended for one in some]


@dataclass
class Receiver:
    """A webhook endpoint that answers at once and notes when each position first came."""

    port: int = 0
    came: dict[int, float] = field(default_factory=dict)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(size)
                self.came.setdefault(int(body.partition(b'"position":')[2].partition(b",")[0]), time.time())
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """An endpoint on loopback."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()


async def subscribe(house: House, url: str, **more: Any) -> str:
    """Subscribe an endpoint from now on; its subscription's id."""
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}, timeout=30) as client:
        made = await client.post(f"{house.address}/v1/subscriptions", json={"name": "bench", "url": url, **more})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


async def unsubscribe(house: House, key: str) -> None:
    """End a subscription."""
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}, timeout=30) as client:
        await client.delete(f"{house.address}/v1/subscriptions/{key}")


async def measured(house: House, receiver: Receiver, clients: int, seconds: float) -> Latencies:
    """Tell for so many seconds and see when it arrives. The receiver must be subscribed."""
    first, number = house.told + 1, int(seconds * RATE)
    committed: dict[int, float] = {}
    streamed: dict[int, float] = {}

    async def tail() -> None:
        async with aioredis.from_url(house.redis_url) as link:
            at = f"{house.told}-0"
            while len(streamed) < number:
                answer: Any = await link.xread({"publications": at}, count=100, block=2000)
                for _, entries in answer or []:
                    for entry_id, _ in entries:
                        at = entry_id.decode()
                        streamed[int(at.split("-")[0])] = time.time()

    async def one() -> None:
        at = await house.tell()
        committed[house.told] = at

    async with readers(house.address, clients, first, first + number - 1, seconds + 30) as found:
        tailing = asyncio.create_task(tail())
        await paced(seconds, 1 / RATE, one)
        await tailing
    until = time.monotonic() + 10
    while len(receiver.came.keys() & committed) < number and time.monotonic() < until:  # noqa: ASYNC110  # the same
        await asyncio.sleep(0.1)
    came = {
        "sse": {int(p): ats for p, ats in found["arrivals"].items()},
        "stream": {p: [at] for p, at in streamed.items()},
        "webhook": {p: [receiver.came[p]] for p in committed if p in receiver.came},
    }
    took = {kind: {p: [at - committed[p] for at in ats] for p, ats in some.items()} for kind, some in came.items()}
    return Latencies(committed, took, found["faults"])


async def latency(house: House, clients: int, seconds: float) -> None:
    """Measure and print."""
    async with receiving() as receiver:
        key = await subscribe(house, f"http://127.0.0.1:{receiver.port}/")
        seen = await measured(house, receiver, clients, seconds)
        await unsubscribe(house, key)
    sse, stream, webhook = (seen.all(kind) for kind in KINDS)
    print(f"latency at {RATE}/s with {clients} SSE clients: {len(sse)} arrivals, {seen.faults} faults")
    print(f"  commit → SSE            {spread(sse)}   (bar: p99 ≤ 100 ms)")
    print(f"  commit → stream         {spread(stream)}   (bar: p99 ≤ 100 ms)")
    told = len(seen.committed)
    print(f"  commit → webhook        {spread(webhook)}   ({len(webhook)} of {told}; bar: p99 ≤ 500 ms)")
    hop = await bare_hop(house.redis_url, 200)
    print(f"  bare XADD → XREAD       {spread(hop)}   ratio of medians: {median(sse) / median(hop):.1f}")


async def revoked(house: House, rounds: int = 10) -> None:
    """From a token's revocation to the end of the stream that was opened with it."""
    took = [await _revoked_once(house) for _ in range(rounds)]
    print(f"revoked token → its stream closed: {spread(took)} over {rounds}   (bar: ≤ 5 s)")


async def _revoked_once(house: House) -> float:
    token_id, secret, digest = mint()
    facts: dict[str, Any] = {"token_id": token_id, "secret_sha256": digest, "name": "bench", "roles": [Role.READER]}
    async with house.database.transaction() as tx:
        tx.tell(TokenIssued(**facts, issued_at=utc_now()))
    async with httpx2.AsyncClient(timeout=30, headers={"authorization": f"Bearer {secret}"}) as client:
        while (await client.get(f"{house.address}/v1/events?wait=0&limit=1")).status_code == 401:  # noqa: ASYNC110  # the other process learns of it
            await asyncio.sleep(0.1)
        async with client.stream("GET", f"{house.address}/v1/events?format=sse") as answer:
            chunks = answer.aiter_bytes()
            await anext(chunks)
            async with house.database.transaction() as tx:
                tx.tell(TokenRevoked(token_id=token_id, revoked_at=utc_now()))
            began = time.monotonic()
            async for _ in chunks:
                pass
            return time.monotonic() - began


async def bare_hop(redis_url: str, number: int) -> list[float]:
    """The least it can cost: one client adds, another reads."""
    adding, reading = aioredis.from_url(redis_url), aioredis.from_url(redis_url)
    times, sent = list[float](), 0.0
    payload = {"event": a_publication(0).model_dump_json()}

    async def read() -> None:
        at = "0-0"
        while len(times) < number:
            answer: Any = await reading.xread({"bare": at}, block=2000)
            for _, entries in answer or []:
                at = entries[-1][0].decode()
                times.append(time.time() - sent)

    task = asyncio.create_task(read())
    await asyncio.sleep(0.2)
    for _ in range(number):
        sent = time.time()
        await adding.xadd("bare", payload)  # type: ignore[arg-type]  # its types are invariant
        await asyncio.sleep(0.02)
    await task
    await adding.delete("bare")
    await adding.aclose()
    await reading.aclose()
    return times
