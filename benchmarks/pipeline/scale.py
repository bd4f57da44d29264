"""`python -m benchmarks.pipeline.scale`: 1, 2 and 4 consumers of a handler that takes 10 ms for each fact."""

import asyncio
import contextlib
import time
from dataclasses import replace

from redis import asyncio as aioredis
from redis import exceptions as redis_errors

from benchmarks.pipeline.__main__ import CONTENDERS
from benchmarks.pipeline.ground import Contender, Ground

FACTS = 800
_SLOW = "benchmarks.pipeline.ours:build_slow_enrichment"


def with_consumers(number: int) -> Contender:
    """Ingest, and this many processes of a slow enrichment on ports of their own choice."""
    ours = next(one for one in CONTENDERS if one.name == "newsroom")
    ingest = ours.commands[0]
    serve = (*ingest[:4], _SLOW, *ingest[5:-1], "0")
    settings = {**ours.settings, "ENRICHMENT_BATCH_SIZE": "5"}
    return replace(
        ours, name=f"{number} consumers", commands=(ingest, *[serve] * number), settings=settings, ports=("ingest",)
    )


async def facts_per_second(ground: Ground, number: int) -> float:
    """From the first fact told to the last one acknowledged, by this many consumers."""
    await ground.clear()
    async with ground.running(with_consumers(number)):
        redis = aioredis.from_url(ground.redis_url, decode_responses=True)
        while await _reading(redis) < number:  # noqa: ASYNC110  # Redis does not tell when one begins to read
            await asyncio.sleep(0.05)
        began = time.perf_counter()
        await redis.rpush("bench.go", f"0:{FACTS}")
        while not await _done(redis):  # noqa: ASYNC110  # nor when a group is done
            await asyncio.sleep(0.01)
        took = time.perf_counter() - began
        await redis.aclose()
        return FACTS / took


async def _reading(redis: "aioredis.Redis") -> int:
    with contextlib.suppress(redis_errors.ResponseError):
        return len(await redis.xinfo_consumers("article.ingested", "enrichment"))
    return 0


async def _done(redis: "aioredis.Redis") -> bool:
    with contextlib.suppress(redis_errors.ResponseError):
        for group in await redis.xinfo_groups("article.ingested"):
            if group["name"] == "enrichment":
                return str(group["last-delivered-id"]) == f"{FACTS}-0" and not group["pending"]
    return False


async def main() -> None:
    """Print facts a second and the share of linear, once."""
    ground, found = Ground(), dict[int, float]()
    try:
        await ground.start()
        for number in (1, 2, 4):
            found[number] = await facts_per_second(ground, number)
    finally:
        await ground.stop()
    for number, rate in found.items():
        print(f"{number} consumers{rate:>10,.0f} facts/s{rate / found[1] / number:>8.2f} of linear")


if __name__ == "__main__":
    asyncio.run(main())
