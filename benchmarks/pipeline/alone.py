"""The relay alone and a consumer alone: facts a second, and microseconds of our own processor time for each.

The relay finds all facts waiting in its outbox; the consumer finds all of them waiting in its stream. Both run in this
process, as in a service, with nothing beside them but PostgreSQL and Valkey.
`python -m benchmarks.pipeline.alone [runs] [profile]` prints where the time goes, function by function, with `profile`.
"""

import asyncio
import cProfile
import pstats
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext

import uvloop
from redis import asyncio as aioredis

from benchmarks.measure import Spread
from benchmarks.pipeline import ours, stages
from benchmarks.pipeline.ground import Ground
from shared.runtime import Database, Service, ServiceSettings
from shared.runtime.envelope import Cause, write_down
from shared.runtime.garbage import collect_less
from shared.runtime.redis import connect
from shared.runtime.relay import Relay

FACTS = 10_000
_STREAM = "article.ingested"
Watch = AbstractContextManager[object]
Line = Callable[[Ground, Watch], Awaitable[tuple[float, float]]]


def _settings(ground: Ground, name: str) -> ServiceSettings:
    kinds: dict[str, type[ServiceSettings]] = {"ingest": ours.IngestSettings, "enrichment": ours.EnrichmentSettings}
    url = f"postgresql://postgres@/newsroom_{name}?host={ground.socket}"
    return kinds[name].model_validate({"database_url": url, "REDIS_URL": ground.redis_url, "log_level": "WARNING"})


async def relay_alone(ground: Ground, watch: Watch) -> tuple[float, float]:
    """From a full outbox into the stream."""
    await ground.clear()
    settings = _settings(ground, "ingest")
    database, redis = Database(settings, "ingest"), connect(settings.redis_url)
    for start in range(0, FACTS, 500):
        async with database.transaction() as tx:
            tx.tell(*(ours.ingested(one) for one in stages.articles(start, 500)))
    relay = Relay(database, redis, settings, [_STREAM])
    with watch:
        began, spent = time.perf_counter(), time.process_time()
        task = asyncio.create_task(relay.run())
        while await redis.xlen(_STREAM) < FACTS:  # noqa: ASYNC110  # Redis does not tell when a stream is full
            await asyncio.sleep(0.002)
        took, spent = time.perf_counter() - began, time.process_time() - spent
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await redis.aclose()
    await database.close()
    return FACTS / took, 1e6 * spent / FACTS


async def consumer_alone(ground: Ground, watch: Watch) -> tuple[float, float]:
    """From a full stream, through enrichment's handler with its facts told, to the last acknowledgement."""
    await ground.clear()
    await _fill(ground.redis_url)
    service = Service("enrichment", _settings(ground, "enrichment"))
    service.join(handlers=ours.enrichment_events)
    redis = aioredis.from_url(ground.redis_url, decode_responses=True)
    await redis.xgroup_create(_STREAM, "enrichment", id="0")
    with watch:
        began, spent = time.perf_counter(), time.process_time()
        await service.start()
        while not await _settled(redis):  # noqa: ASYNC110  # Redis does not tell when a group is done
            await asyncio.sleep(0.002)
        took, spent = time.perf_counter() - began, time.process_time() - spent
    await service.stop()
    await redis.aclose()
    return FACTS / took, 1e6 * spent / FACTS


async def _fill(redis_url: str) -> None:
    redis = aioredis.from_url(redis_url)
    for start in range(0, FACTS, 500):
        async with redis.pipeline(transaction=False) as pipe:
            for number, one in enumerate(stages.articles(start, 500), start + 1):
                fact = ours.ingested(one)
                event_id, event = write_down(fact, "ingest", Cause.fresh())
                pipe.xadd(_STREAM, {"id": str(event_id), "type": fact.type_name(), "event": event}, id=f"{number}-0")
            await pipe.execute()
    await redis.aclose()


async def _settled(redis: "aioredis.Redis") -> bool:
    (group,) = await redis.xinfo_groups(_STREAM)
    return str(group["last-delivered-id"]) == f"{FACTS}-0" and not group["pending"]


LINES: dict[str, Line] = {"relay alone": relay_alone, "consumer alone": consumer_alone}


async def main(runs: int, profiled: bool) -> None:
    """Print both lines."""
    ground, found = Ground(), dict[str, list[tuple[float, float]]]()
    try:
        await ground.start()
        collect_less()
        for _ in range(runs):
            for name, measure in LINES.items():
                profile = cProfile.Profile() if profiled else None
                found.setdefault(name, []).append(await measure(ground, profile or nullcontext()))
                if profile:
                    pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    finally:
        await ground.stop()
    for name, pairs in found.items():
        print(f"{name:<20}{Spread.of([rate for rate, _ in pairs])} facts/s, {Spread.of([c for _, c in pairs])} us each")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, "profile" in sys.argv))
