"""What an article costs beside 1,000,000 stored ones, as a multiple of what it costs beside 1,000: two houses in turns.

`python -m benchmarks.pipeline.stored fill FOLDER` makes both houses (ten minutes, 15 GB).
`python -m benchmarks.pipeline.stored measure FOLDER [rounds]` then carries three loads through each of them in every
round, so that what the machine does besides falls on both alike.
"""

import asyncio
import contextlib
import os
import sys
import time
from pathlib import Path

from redis import asyncio as aioredis

from benchmarks.measure import Spread, keep, machine
from benchmarks.pipeline.ground import Ground
from benchmarks.pipeline.growth import SIZES, newsroom, store

FEW, MANY = SIZES[0], SIZES[-1]
_LOADS, _LOAD, _STEP = 3, 2000, 50_000


async def fill(folder: Path) -> None:
    """Both houses with their stored articles, in folders named after how many they hold."""
    for size in (FEW, MANY):
        ground = Ground(folder / str(size))
        ground.folder.mkdir(parents=True)
        try:
            await ground.start()
            for first in range(0, size, _STEP):
                await store(ground, first + 1, min(first + _STEP, size))
                say(f"{min(first + _STEP, size):,} of {size:,} stored")
        finally:
            await ground.stop()


async def measure(folder: Path, rounds: int) -> None:
    """Print articles a second in each house, and the ratio."""
    about, rates = machine(), dict[int, list[float]]()
    async with contextlib.AsyncExitStack() as stack:
        houses = {size: await _open(folder / str(size), stack) for size in (FEW, MANY)}
        for number in range(rounds + 1):
            for size, (ground, redis) in houses.items():
                found = [await _carry(ground, redis) for _ in range(_LOADS)]
                if number:  # the first round fills caches
                    rates.setdefault(size, []).extend(found)
                    each = ", ".join(f"{rate:,.0f}" for rate in found)
                    say(f"round {number}, load {os.getloadavg()[0]:.1f}, {size:,} stored: {each}")
    spreads = {f"{size:,} stored": Spread.of(found) for size, found in rates.items()}
    cost = spreads[f"{FEW:,} stored"].median / spreads[f"{MANY:,} stored"].median
    for name, spread in spreads.items():
        say(f"{name:<20}{spread} articles/s")
    say(f"an article beside {MANY:,} costs {cost:.2f} x what it costs beside {FEW:,} (bar 1.3)")
    say(f"kept in {keep('stored', {**spreads, 'cost': cost}, about)}")


async def _open(folder: Path, stack: contextlib.AsyncExitStack) -> "tuple[Ground, aioredis.Redis]":
    ground = Ground(folder)
    stack.push_async_callback(ground.stop)
    await ground.start()
    await stack.enter_async_context(ground.running(newsroom()))
    redis = aioredis.from_url(ground.redis_url)
    stack.push_async_callback(redis.aclose)
    return ground, redis


async def _carry(ground: Ground, redis: "aioredis.Redis") -> float:
    carried = await redis.xlen("publications")
    began = time.perf_counter()
    await ground.through(redis, carried, _LOAD)
    return _LOAD / (time.perf_counter() - began)


def say(line: str) -> None:
    """At once, so that a long run can be followed."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    what, where, *words = sys.argv[1:]
    asyncio.run(fill(Path(where)) if what == "fill" else measure(Path(where), int(words[0]) if words else 5))
