"""What hostile sources take from good ones: the whole poller on loopback, PostgreSQL and readers included.

70 good sources and 30 hostile ones, each due again a moment after its last look, which is more than one process can
do: the figure is how many looks at good sources it completes a second. Two conditions take turns, in one run and in
changing order: good ones alone; hostile ones beside them in their own lane, as the poller sorts them by itself. Before
each window the readings that the hostile ones left behind come to their end, so that no condition pays for another.
Last, for comparison: hostile ones forced into the same lane as the good ones, as it would be without lanes.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import asyncpg

from benchmarks.measure import Spread
from ops import servers
from ops.web import Unreachable, ask
from shared.runtime.migrate import upgrade

_GOOD, _HOSTILE = 70, 30
_WINDOW, _SETTLE, _ROUNDS = 10.0, 2.0, 6
_PACE = timedelta(seconds=0.1)
_Link: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def measured(rounds: int = _ROUNDS) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Looks at good sources a second in each window of each condition, and the largest memory (MiB) by process."""
    folder = Path(tempfile.mkdtemp(prefix="newsroom-crowd-"))
    try:
        url = await asyncio.to_thread(servers.start_postgres, folder / "postgres")
        redis = await asyncio.to_thread(servers.start_valkey, folder / "valkey")
        await asyncio.to_thread(upgrade, "ingest", url)
        async with _running(folder, url, redis) as (service, port):
            link = await asyncpg.connect(user="postgres", host=url.rsplit("host=", 1)[1], database="postgres")
            await _add_sources(link, port)
            found = await _rounds(link, rounds, service)
            await link.close()
            return found
    finally:
        await asyncio.to_thread(servers.stop_valkey, folder / "valkey")
        await asyncio.to_thread(servers.stop_postgres, folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


async def _rounds(link: _Link, rounds: int, service: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    found: dict[str, list[float]] = {"alone": [], "own lane": [], "one lane": []}
    pacer = asyncio.create_task(_keep_due(link, state := {"condition": "own lane"}))
    try:
        began = asyncio.get_running_loop().time()
        while await _one(link, "SELECT count(*) FROM sources WHERE last_checked_at IS NULL"):  # noqa: ASYNC110 - a row
            await asyncio.sleep(0.2)
        sorting = asyncio.get_running_loop().time() - began
        print(f"crowd: everybody is new at first; all sorted into their lanes after {sorting:.0f} s")
        for number in range(rounds):
            for condition in ("alone", "own lane") if number % 2 else ("own lane", "alone"):
                state["condition"] = "alone"
                while await _one(link, _LEFT_BEHIND):  # noqa: ASYNC110 - a row
                    await asyncio.sleep(0.1)
                found[condition].append(await _window(link, state, condition))
        memory = _memory(service)
        found["one lane"].append(await _window(link, state, "one lane"))
    finally:
        pacer.cancel()
        await asyncio.gather(pacer, return_exceptions=True)
    return found, memory


async def _window(link: _Link, state: dict[str, str], condition: str) -> float:
    """Looks at good sources a second under a condition."""
    state["condition"] = condition
    await asyncio.sleep(_SETTLE)
    before, began = await _one(link, _LOOKS), asyncio.get_running_loop().time()
    await asyncio.sleep(_WINDOW)
    return (await _one(link, _LOOKS) - before) / (asyncio.get_running_loop().time() - began)


#: Looks at hostile sources that are still going on, but for those that only wait for a byte a second (every tenth).
_LEFT_BEHIND = "SELECT count(*) FROM sources WHERE name LIKE 'bad%' AND name NOT LIKE '%0' AND leased_until IS NOT NULL"
_LOOKS = "SELECT count(*) FROM fetches WHERE source_name LIKE 'good%' AND outcome = 'ok'"
_lock = asyncio.Lock()


async def _one(link: _Link, statement: str) -> int:
    async with _lock:
        return int(await link.fetchval(statement))


async def _keep_due(link: _Link, state: dict[str, str]) -> None:
    """The schedule as this benchmark wants it, ten times a second."""
    while True:
        bad = "paused" if state["condition"] == "alone" else "active"
        async with _lock:
            await link.execute(f"UPDATE sources SET status = '{bad}' WHERE name LIKE 'bad%' AND status <> '{bad}'")  # noqa: S608
            if state["condition"] == "one lane":
                await link.execute("UPDATE sources SET lane = 'quick' WHERE lane = 'slow'")
            await link.execute(
                "UPDATE sources SET next_at = now() WHERE next_at > now() AND leased_until IS NULL"
                " AND last_checked_at < now() - $1::interval",
                _PACE,
            )
        await asyncio.sleep(0.1)


async def _add_sources(link: _Link, port: int) -> None:
    names = [("good", n) for n in range(_GOOD)] + [("bad", n) for n in range(_HOSTILE)]
    for place, (kind, number) in enumerate(names):
        await link.execute(
            "INSERT INTO sources (id, name, kind, url, trust, full_text, status, next_at, interval_seconds, failures,"
            " created_at) VALUES ($1, $2, 'feed', $3, 'review', 'feed', 'active', now(), 300, 0, now())",
            uuid4(),
            f"{kind} {number}",
            f"http://127.0.1.{place + 1}:{port}/{kind}/{number}",
        )


@contextlib.asynccontextmanager
async def _running(folder: Path, url: str, redis: str) -> AsyncIterator[tuple[int, int]]:
    """The web and the service as processes; the service's id and the web's port."""
    web_port, port = _free_port(), _free_port()
    environment = {
        **os.environ,
        "INGEST_DATABASE_URL": url,
        "REDIS_URL": redis,
        "INGEST_LOG_LEVEL": "ERROR",
        "INGEST_NEW_POLLS": "32",
        "NEWSROOM_OUTBOUND_ALLOW": "127.0.0.0/8",
    }
    serve = ["uvicorn", "--factory", "services.ingest.app:build", "--host", "127.0.0.1", "--port", str(port)]
    log = folder / "log"
    started = [
        servers.spawn([sys.executable, "-m", "benchmarks.ingest.crowd_web", str(web_port)], env=environment, log=log),
        servers.spawn([sys.executable, "-m", *serve, "--no-access-log"], env=environment, log=log),
    ]
    try:
        for _ in range(300):
            with contextlib.suppress(Unreachable):
                if (await asyncio.to_thread(ask, "GET", f"http://127.0.0.1:{port}/readyz")).ok:
                    break
            await asyncio.sleep(0.1)
        else:
            raise RuntimeError(f"ingest did not start:\n{log.read_text()[-3000:]}")
        yield started[1].pid, web_port
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                await asyncio.to_thread(process.wait, 12)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _memory(service: int) -> dict[str, float]:
    """The largest resident size of the service and of each reader that lives, in MiB."""
    children = Path(f"/proc/{service}/task/{service}/children").read_text().split()
    found = {"service": peak(service)}
    return found | {f"reader {number}": peak(int(pid)) for number, pid in enumerate(children, 1)}


def peak(pid: int) -> float:
    """The largest resident size a process has had, in MiB; 0 where it is gone."""
    try:
        size = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()
    except OSError:
        return 0.0
    return int(size[0]) / 1024 if size else 0.0


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def main() -> None:
    """Print looks a second, the losses, and memory."""
    found, memory = asyncio.run(measured())
    alone, beside = Spread.of(found["alone"]), Spread.of(found["own lane"])
    losses = Spread.of([1 - one / other for one, other in zip(found["own lane"], found["alone"], strict=True)])
    print(f"crowd: {_GOOD} good sources alone: {alone.median:.1f} looks/s ({alone.low:.1f} to {alone.high:.1f})")
    print(
        f"crowd: beside 30 % hostile ones: {beside.median:.1f} looks/s ({beside.low:.1f} to {beside.high:.1f}), loss"
        f" {losses.median:.0%} ({losses.low:.0%} to {losses.high:.0%}, {losses.runs} rounds)  [bar 10 %]"
    )
    print(f"crowd: the same without lanes: {found['one lane'][0]:.1f} looks/s")
    print("crowd: largest memory in MiB:", ", ".join(f"{name} {size:.0f}" for name, size in memory.items()))


if __name__ == "__main__":
    main()
