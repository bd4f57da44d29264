"""The same load beside 1,000, 100,000 and 1,000,000 stored articles, and what the services hold in memory afterwards.

The stored articles are put into the services' own tables, inboxes and outboxes by bulk SQL, indexes and all; then the
pipeline carries articles as in the other lines.
`python -m benchmarks.pipeline.growth [loads] [most]` stops growing at `most` articles.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from redis import asyncio as aioredis

from benchmarks.measure import Spread
from benchmarks.pipeline import stages
from benchmarks.pipeline.__main__ import CONTENDERS
from benchmarks.pipeline.ground import DATABASES, Contender, Ground

SIZES = (1_000, 100_000, 1_000_000)
_LOAD = 2000
_BODY = stages.PARAGRAPH * 20
_FROM = " FROM generate_series($1::int, $2::int) AS n"
_STORED = {
    "ingest": ("INSERT INTO articles SELECT gen_random_uuid(), 1, 'Stored ' || n, $3::text" + _FROM, (_BODY,)),
    "enrichment": ("INSERT INTO enriched SELECT gen_random_uuid(), 1, $3::text" + _FROM, (stages.TAGS,)),
    "publishing": (
        "INSERT INTO drafts SELECT gen_random_uuid(), 1, 'Stored ' || n, $3::text, $4::text, n" + _FROM,
        (_BODY, stages.TAGS),
    ),
}
#: On a stream of its own, so that no relay takes them for its own unsent ones.
_TOLD = (
    """
    WITH made AS MATERIALIZED (SELECT n, gen_random_uuid() AS id FROM generate_series($1::int, $2::int) AS n),
    told AS (INSERT INTO outbox (event_id, stream, type, subject, event)
             SELECT id, 'stored', 'stored', gen_random_uuid()::text, $3::text FROM made)
    INSERT INTO positions (stream, position, event_id) SELECT 'stored', n, id FROM made
    """,
    (_BODY,),
)
_HEARD = ("INSERT INTO inbox (consumer, event_id) SELECT 'stored', gen_random_uuid()" + _FROM, ())


def newsroom() -> Contender:
    """The pipeline on the runtime."""
    return next(one for one in CONTENDERS if one.name == "newsroom")


async def store(ground: Ground, first: int, last: int) -> None:
    """Add stored articles number `first` to `last` to every service's database, side by side."""

    async def one(name: str) -> None:
        link = await ground.connect(f"newsroom_{name}")
        for statement, values in (_STORED[name], _TOLD, _HEARD):
            await link.execute(statement, first, last, *values, timeout=600)
        await link.execute("ANALYZE")
        await link.execute("CHECKPOINT")
        await link.close()

    await asyncio.gather(*map(one, DATABASES))


async def growth(ground: Ground, loads: int, most: int = SIZES[-1]) -> dict[int, list[float]]:
    """Articles a second at each size, `loads` times."""
    found: dict[int, list[float]] = {}
    stored = carried = 0
    await ground.clear()
    for size in (size for size in SIZES if size <= most):
        await store(ground, stored + 1, size)
        stored = size
        async with ground.running(newsroom()):
            redis = aioredis.from_url(ground.redis_url)
            for load in range(loads + 1):
                began = time.perf_counter()
                await ground.through(redis, carried, _LOAD)
                carried += _LOAD
                if load:  # the first fills caches
                    found.setdefault(size, []).append(_LOAD / (time.perf_counter() - began))
            await redis.aclose()
    return found


async def memory(ground: Ground, articles: int = 100_000) -> dict[str, tuple[float, float, float]]:
    """MiB each service holds: idle, after a tenth of the articles, after all of them."""
    await ground.clear()
    async with ground.running(newsroom()) as processes:
        redis = aioredis.from_url(ground.redis_url)
        idle = [resident(pid) for pid in processes]
        await ground.through(redis, 0, articles // 10)
        tenth = [resident(pid) for pid in processes]
        for first in range(articles // 10, articles, articles // 10):
            await ground.through(redis, first, articles // 10)
        whole = [resident(pid) for pid in processes]
        await redis.aclose()
    return dict(zip(DATABASES, zip(idle, tenth, whole, strict=True), strict=True))


def resident(pid: int) -> float:
    """MiB of a process's memory that are in use (Linux; 0.0 elsewhere)."""
    status = Path(f"/proc/{pid}/status")
    lines: Sequence[str] = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


async def main(loads: int, most: int) -> None:
    """Print both."""
    ground = Ground()
    try:
        await ground.start()
        for size, rates in (await growth(ground, loads, most)).items():
            print(f"{size:>10,} stored{Spread.of(rates)} articles/s")
        for name, held in (await memory(ground, most // 10)).items():
            print(f"{name:<12}" + "".join(f"{mib:>8.1f} MiB" for mib in held))
    finally:
        await ground.stop()


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(words[0] if words else 5, words[1] if len(words) > 1 else SIZES[-1]))
