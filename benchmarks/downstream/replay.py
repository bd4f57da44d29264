"""A new reader takes the whole log by pull: how fast, and what everybody else feels of it.

`python -m benchmarks.downstream replay`. First alone, as fast as it goes; then 500 SSE clients, a reader of the stream
and a webhook are timed at 20 publications a second, in turns without and beside one reader that pulls from 0.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from dataclasses import dataclass

import httpx2

from benchmarks.downstream.ground import House
from benchmarks.downstream.latency import Latencies, measured, receiving, subscribe, unsubscribe
from benchmarks.measure import Spread, percentile


@dataclass
class Pulled:
    """How much a reader has pulled, and in how long."""

    events: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.events / max(self.seconds, 1e-9)


async def pull(house: House, pulled: Pulled, accept: str, upto: int) -> None:
    """Read from 0 to `upto`, page by page."""
    began, after = time.monotonic(), 0
    async with httpx2.AsyncClient(timeout=60, headers={"accept": accept}) as client:
        while after < upto:
            answer = await client.get(f"{house.address}/v1/events?after={after}&limit=1000&wait=0")
            reached = int(answer.headers["newsroom-next"])
            if reached == after:
                break
            pulled.events += reached - after
            pulled.seconds, after = time.monotonic() - began, reached


async def replay(house: House, number: int, clients: int, seconds: float, rounds: int = 2) -> None:
    """Fill the log, pull it alone, then beside everybody else."""
    while house.told < number:
        await house.tell(500)
    await asyncio.sleep(3)  # the hub and the ledger have caught up
    for kind, accept in (("NDJSON", "application/x-ndjson"), ("JSON", "application/json")):
        pulled = Pulled()
        await pull(house, pulled, accept, number)
        print(f"replay by pull alone ({kind}): {pulled.rate:,.0f} events/s over {pulled.events}   (bar: ≥ 5,000/s)")
    async with receiving() as receiver:
        key = await subscribe(house, f"http://127.0.0.1:{receiver.port}/")
        await measured(house, receiver, clients, 2)  # connections and caches are warm
        without, beside, rates = list[Latencies](), list[Latencies](), list[float]()
        for _ in range(rounds):
            without.append(await measured(house, receiver, clients, seconds))
            seen, rate = await _beside(house, measured(house, receiver, clients, seconds))
            beside.append(seen)
            rates.append(rate)
        await unsubscribe(house, key)
    print(f"the same beside {clients} SSE clients, stream and webhook at 20/s: {Spread.of(rates)} events/s")
    for name in ("sse", "stream", "webhook"):
        before = Spread.of([1000 * percentile(getattr(one, name), 0.99) for one in without])
        after = Spread.of([1000 * percentile(getattr(one, name), 0.99) for one in beside])
        grown = 100 * (after.median / before.median - 1)
        print(f"  {name:<8} p99 {before} ms alone, {after} ms beside it: {grown:+.0f} %   (bar: ≤ +20 %)")


async def _beside(house: House, measuring: Awaitable[Latencies]) -> tuple[Latencies, float]:
    pulled = Pulled()

    async def again() -> None:
        while True:
            await pull(house, pulled, "application/x-ndjson", house.told)

    began = time.monotonic()
    reading = asyncio.create_task(again())
    seen = await measuring
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    return seen, pulled.events / (time.monotonic() - began)
