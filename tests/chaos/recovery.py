"""`python -m tests.chaos.recovery [publications]`: how long the house takes to stand up again, on this machine.

Service killed → ready; consumer killed → what it had read done by another; Redis emptied → its stream complete again.
"""

import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from redis import asyncio as aioredis
from redis import exceptions as redis_errors

from ops.web import Unreachable, ask
from tests.chaos.checker import drained
from tests.chaos.driver import Driver
from tests.chaos.house import House, Process
from tests.chaos.plots import CLAIM_AFTER, LAB
from tests.chaos.run import first_acknowledged

_FILL = """
    WITH told AS (
        INSERT INTO outbox (stream, event_id, type, subject, event)
        SELECT stream, gen_random_uuid(), type, subject, event
        FROM (SELECT * FROM outbox WHERE stream = 'publications' LIMIT 1) AS one, generate_series(1, $1)
        RETURNING stream, event_id
    )
    INSERT INTO waiting (stream, events) SELECT stream, ARRAY[event_id] FROM told
"""


async def until_ready(process: Process) -> float:
    """Kill a process and answer the seconds until its successor says it is ready."""
    began, dead = time.monotonic(), process.running
    assert dead is not None
    dead.send_signal(signal.SIGKILL)
    await asyncio.to_thread(dead.wait)
    while True:
        with contextlib.suppress(Unreachable):
            answer = await asyncio.to_thread(ask, "GET", f"{process.url}/readyz", timeout=2)
            if answer.ok and process.running is not dead:
                return time.monotonic() - began
        await asyncio.sleep(0.02)


async def until_claimed(house: House, driver: Driver) -> float:
    """Freeze one consumer with work in its hands, as if its host were gone: seconds until nothing of it is left."""
    for process in (house.processes["enrichment"], house.processes["publishing"]):
        assert process.running is not None
        process.running.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    redis = aioredis.from_url(house.redis_url, decode_responses=True)
    await asyncio.sleep(0.5)  # work goes on being read and left
    await driver.finish()
    while True:
        pending = 0
        for stream in ("article.ingested", "article.enriched"):
            for group in await redis.xinfo_groups(stream):
                pending += int(group["pending"])
        if not pending:
            await redis.aclose()
            return time.monotonic() - began
        await asyncio.sleep(0.05)


async def until_refilled(house: House, publications: int) -> float:
    """Empty Redis: seconds until the publications stream holds every entry again."""
    link = await house.connect("publishing")
    await link.execute(_FILL, publications, timeout=120)
    redis = aioredis.from_url(house.redis_url, decode_responses=True)
    head, waiting = 0, 1
    while waiting or await redis.xlen("publications") < head:  # all told, before anything is taken away
        waiting = await link.fetchval("SELECT count(*) FROM waiting")
        head = await link.fetchval("SELECT position FROM streams WHERE stream = 'publications'")
        await asyncio.sleep(0.1)
    began = time.monotonic()
    await redis.flushall()
    while True:
        with contextlib.suppress(redis_errors.ResponseError):
            if await redis.xlen("publications") >= head:
                break
        await asyncio.sleep(0.02)
    took = time.monotonic() - began
    await redis.aclose()
    await link.close()
    return took


async def main(publications: int) -> None:
    """Measure all three and print them."""
    folder = Path(tempfile.mkdtemp(prefix="newsroom-recovery-"))
    house = House(LAB, folder, CLAIM_AFTER)
    try:
        await house.start()
        driver = Driver(house.url("ingest"), house.token, seed=1, rate=50)
        pushing = asyncio.create_task(driver.run())
        await first_acknowledged(driver, house)
        lines = {}
        for name in ("ingest", "enrichment", "publishing"):
            lines[f"{name} killed → ready, s"] = await until_ready(house.processes[name])
        lines[
            f"consumers frozen → their messages done by others, s (claimed after {CLAIM_AFTER:g})"
        ] = await until_claimed(house, driver)
        pushing.cancel()
        await house.heal()
        await drained(house)
        lines[f"Redis emptied → {publications:,} publications back, s"] = await until_refilled(house, publications)
        for line, seconds in lines.items():
            sys.stdout.write(f"{line:<80}{seconds:>8.1f}\n")
    finally:
        await house.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
