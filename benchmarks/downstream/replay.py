"""A new reader takes the whole log by pull: how fast, and what everybody else feels of it.

`python -m benchmarks.downstream replay`. First alone, as fast as it goes; then 500 SSE clients, a reader of the stream
and a webhook are timed at 20 publications a second, in turns without and beside one reader that pulls from 0 again and
again. That reader is a process of its own, so that its own work is not taken for what the timed ones feel.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.downstream.ground import House
from benchmarks.downstream.latency import Latencies, measured, receiving, subscribe, unsubscribe
from benchmarks.measure import Spread, percentile

NDJSON, JSON = "application/x-ndjson", "application/json"
_FOR_EVER = 1000


@asynccontextmanager
async def pulling(house: House, accept: str, times: int) -> AsyncIterator[dict[str, Any]]:
    """A reader takes the log, as it is now, so many times, or until the block is left where that is sooner.

    The yielded dict says afterwards how many events it had and in how many seconds.
    """
    words = (house.address, accept, str(house.told), str(times))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.downstream.puller", *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    child.stdin.write(b"go\n")
    found: dict[str, Any] = {}
    yield found
    if times == _FOR_EVER:
        child.stdin.close()
    found |= json.loads(await child.stdout.readline())
    child.stdin.close()
    await child.wait()


async def replay(house: House, number: int, clients: int, seconds: float, rounds: int = 5) -> None:
    """Fill the log, pull it alone, then beside everybody else."""
    while house.told < number:
        await house.tell(500)
    await house.settle()
    for kind, accept in (("NDJSON", NDJSON), ("JSON", JSON)):
        async with pulling(house, accept, times=1) as pulled:
            pass
        rate = pulled["events"] / pulled["seconds"]
        print(f"replay by pull alone ({kind}): {rate:,.0f} events/s over {pulled['events']}   (bar: ≥ 5,000/s)")
    without, beside, rates = list[Latencies](), list[Latencies](), list[float]()
    async with receiving() as receiver:
        key = await subscribe(house, f"http://127.0.0.1:{receiver.port}/")
        await measured(house, receiver, clients, 2)  # connections and caches are warm
        for _ in range(rounds):
            without.append(await measured(house, receiver, clients, seconds))
            async with pulling(house, NDJSON, times=_FOR_EVER) as pulled:
                beside.append(await measured(house, receiver, clients, seconds))
            rates.append(pulled["events"] / pulled["seconds"])
        await unsubscribe(house, key)
    print(f"the same beside {clients} SSE clients, stream and webhook at 20/s: {Spread.of(rates)} events/s")
    print(f"p99 in ms, {rounds} rounds of {seconds:g} s each, in turns: median (lowest to highest)   (bar: ≤ +20 %)")
    for name in ("sse", "stream", "webhook"):
        before, after = _p99(without, name), _p99(beside, name)
        grown = 100 * (Spread.of(after).median / Spread.of(before).median - 1)
        print(f"  {name:<8} alone {Spread.of(before)}, beside it {Spread.of(after)}: {grown:+.0f} %")


def _p99(seen: list[Latencies], kind: str) -> list[float]:
    return [1000 * percentile(getattr(one, kind), 0.99) for one in seen]
