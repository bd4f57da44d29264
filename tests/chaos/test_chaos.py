"""A minute of chaos on real processes, and servers that are full: nothing acknowledged is lost or happens twice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from redis import asyncio as aioredis

from tests.chaos.bugs import BUGS, SWEEP, bugs
from tests.chaos.checker import Report, check_lab_effects, check_logs, drained
from tests.chaos.driver import Driver
from tests.chaos.house import House
from tests.chaos.plan import NETWORK_FAULTS, PROCESS_FAULTS, SERVER_FAULTS, plan
from tests.chaos.plots import CLAIM_AFTER, LAB
from tests.chaos.run import first_acknowledged, run


def quiet(_line: str) -> None:
    """Say nothing."""


def test_the_same_seed_makes_the_same_schedule() -> None:
    processes = ["ingest", "publishing", "publishing-2"]
    assert plan(7, 300, processes, 2.0) == plan(7, 300, processes, 2.0)
    assert plan(7, 300, processes, 2.0) != plan(8, 300, processes, 2.0)


def test_ten_minutes_hold_at_least_sixty_faults_of_every_kind() -> None:
    for seed in range(20):
        faults = plan(seed, 600, ["ingest", "publishing"], 2.0)
        assert len(faults) >= 60
        assert {fault.kind for fault in faults} == {*PROCESS_FAULTS, *NETWORK_FAULTS, *SERVER_FAULTS}


def test_a_freeze_outlasts_the_claim_time() -> None:
    freezes = [fault for seed in range(20) for fault in plan(seed, 600, ["one"], 2.0) if fault.kind == "freeze"]
    assert freezes
    assert all(fault.seconds > 2.0 for fault in freezes)


def test_at_least_twelve_mistakes_are_planted_and_each_names_its_faults() -> None:
    known = {*PROCESS_FAULTS, *NETWORK_FAULTS, *SERVER_FAULTS}
    assert len(list(BUGS.glob("*.patch"))) >= 12
    for bug in bugs():
        assert bug.why
        assert {fault.partition("@")[0] for fault in bug.faults.split(",")} <= {*known, SWEEP}, bug.name


@pytest.mark.chaos
@pytest.mark.timeout(420)
async def test_a_minute_of_chaos_loses_and_doubles_nothing() -> None:
    report = await run(LAB, seconds=60, seed=11, rate=30, say=quiet, lab=True)
    assert report.clean, "\n".join(report.lines())
    assert report.counts["articles acknowledged"] > 200


@contextlib.asynccontextmanager
async def working(folder: Path) -> AsyncIterator[tuple[House, Driver]]:
    """A house at work, with a driver that pushes."""
    house = House(LAB, folder, CLAIM_AFTER)
    try:
        await house.start()
        driver = Driver(house.url("ingest"), house.token, seed=1, rate=40)
        pushing = asyncio.create_task(driver.run())
        await first_acknowledged(driver, house)
        yield house, driver
        pushing.cancel()
        await asyncio.gather(pushing, return_exceptions=True)
    finally:
        await house.stop()


async def reckon(house: House, driver: Driver) -> None:
    """All that was acknowledged is there, once, and nothing is left to do."""
    assert await driver.finish() == 0
    _, left = await drained(house)
    assert not left
    report = Report()
    streams = await check_logs(house, report)
    await check_lab_effects(house, driver.ledger, streams, report)
    assert report.clean, "\n".join(report.lines())


async def wait_for(what: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until it holds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not what():
        assert asyncio.get_running_loop().time() < deadline, "it never came"
        await asyncio.sleep(0.05)


@pytest.mark.chaos
@pytest.mark.timeout(180)
async def test_a_database_that_refuses_writes_answers_503_with_retry_after_and_recovers(tmp_path: Path) -> None:
    async with working(tmp_path) as (house, driver):
        link = await house.connect("ingest")
        await link.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await link.execute("SELECT pg_reload_conf()")
        await wait_for(lambda: driver.ledger.refused[503] >= 20)
        # A session that has not read the change yet may still write, as long as it lives.
        await link.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        refused = driver.ledger.refused[503]
        await wait_for(lambda: driver.ledger.refused[503] >= refused + 20)
        stood = len(driver.ledger.acknowledged)
        await wait_for(lambda: driver.ledger.refused[503] >= refused + 60)
        assert len(driver.ledger.acknowledged) == stood, "a push was acknowledged that could not be written"
        await link.execute("SET default_transaction_read_only = off")
        await link.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await link.execute("SELECT pg_reload_conf()")
        await link.close()
        await wait_for(lambda: len(driver.ledger.acknowledged) >= stood + 50)
        assert not driver.ledger.wrong
        assert all(process.starts == 1 for process in house.processes.values()), "it recovers without a restart"
        await reckon(house, driver)


@pytest.mark.chaos
@pytest.mark.timeout(180)
async def test_a_redis_without_memory_delays_but_drops_nothing(tmp_path: Path) -> None:
    """What is acknowledged stands in PostgreSQL; a full Redis takes nothing more, and gets it once it has room."""
    async with working(tmp_path) as (house, driver):
        redis = aioredis.from_url(house.redis_url)
        await redis.config_set("maxmemory", "1mb")
        stood = len(driver.ledger.acknowledged)
        await wait_for(lambda: len(driver.ledger.acknowledged) >= stood + 100)
        link = await house.connect("ingest")
        told = await link.fetchval("SELECT count(*) FROM outbox")
        assert await redis.xlen("article.ingested") < told
        await link.close()
        await redis.config_set("maxmemory", "0")
        await redis.aclose()
        assert all(process.starts == 1 for process in house.processes.values()), "it recovers without a restart"
        await reckon(house, driver)
