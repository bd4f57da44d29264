"""One run: build the house, let the world push and listen, strike by the schedule, heal, and reckon."""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from shared.runtime.ending import end
from tests.chaos.checker import (
    Report,
    check_lab_effects,
    check_logs,
    check_publications,
    check_sinks,
    check_versions,
    drained,
)
from tests.chaos.driver import Driver, GroupSink, StreamSink
from tests.chaos.house import House, Plot
from tests.chaos.plan import Fault, plan

Say = Callable[[str], None]


async def run(
    plot: Plot,
    *,
    seconds: float,
    seed: int,
    rate: float,
    say: Say,
    lab: bool,
    faults: list[Fault] | None = None,
    claim_after: float = 2.0,
    drain_within: float = 120.0,
) -> Report:
    """Run one house for `seconds` under the seed's faults (or the ones given) and answer the report."""
    folder = Path(tempfile.mkdtemp(prefix="newsroom-chaos-"))
    house = House(plot, folder, claim_after)
    report = Report()
    try:
        await house.start()
        await _run(house, report, seconds, seed, rate, say, faults, drain_within, lab=lab)
    finally:
        await house.stop()
        if report.clean:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            say(f"The logs and data of this run are kept in {folder}")
    return report


async def _run(
    house: House,
    report: Report,
    seconds: float,
    seed: int,
    rate: float,
    say: Say,
    given: list[Fault] | None,
    drain_within: float,
    *,
    lab: bool,
) -> None:
    driver = Driver(house.url("ingest"), house.token, seed, rate, long_texts=not lab)
    stream, group = StreamSink(house.redis_url), GroupSink(house.redis_url)
    world = [asyncio.create_task(part.run()) for part in (driver, stream, group)]
    faults = plan(seed, seconds, list(house.processes), house.claim_after) if given is None else given
    strikes: list[asyncio.Task[None]] = []
    try:
        await first_acknowledged(driver, house)
        began = time.monotonic()
        for fault in faults:
            await asyncio.sleep(max(0.0, fault.at - (time.monotonic() - began)))
            say(str(fault))
            strikes.append(asyncio.create_task(house.strike(fault)))
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
        struck = await asyncio.gather(*strikes, return_exceptions=True)
        await house.heal()
        unanswered = await driver.finish()
        took, left = await drained(house, drain_within)
        await asyncio.sleep(1.5)  # one more read of each subscriber
    finally:
        await end(world)
    report.counts["faults"] = len(faults)
    for kind, times in sorted(Counter(fault.kind for fault in faults).items()):
        report.counts[f"    {kind}"] = times
    report.counts["articles acknowledged"] = len(driver.ledger.acknowledged)
    report.counts["answers that refused (503 and like)"] = sum(driver.ledger.refused.values())
    report.counts["requests without an answer"] = driver.ledger.unanswered
    report.counts["starts of processes"] = sum(process.starts for process in house.processes.values())
    report.counts["seconds to drain after healing"] = round(took, 1)
    report.fault("faults that could not be made", [error for error in struck if isinstance(error, BaseException)])
    report.fault("pushes never answered after healing", ["push"] * unanswered)
    report.fault("answers that break a promise", driver.ledger.wrong)
    report.fault("backlog after healing", left)
    report.fault("processes that ended by themselves", [line for line in house.log if "by itself" in line])
    streams = await check_logs(house, report)
    check_publications(_articles(streams.get("publications", [])), driver.ledger, report, lab=lab)
    check_sinks(streams.get("publications", []), stream, group, report)
    if lab:
        await check_lab_effects(house, driver.ledger, streams, report)
    else:
        await check_versions(house, driver.ledger, report)


def _articles(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row for row in rows if ".article." in str(row["type"])]


async def first_acknowledged(driver: Driver, house: House, seconds: float = 90.0) -> None:
    """Wait for the first 2xx. Raises RuntimeError with the ends of the logs when none comes."""
    deadline = time.monotonic() + seconds
    while not driver.ledger.acknowledged:
        if time.monotonic() > deadline:
            logs = {name: house.folder / f"{name}.log" for name in house.processes}
            tails = [f"{name}: {log.read_text(errors='replace')[-1500:]}" for name, log in logs.items()]
            raise RuntimeError("no push was acknowledged; the ends of the logs:\n" + "\n".join(tails))
        await asyncio.sleep(0.1)
