"""What the outlets cost and how fast they are, beside the plainest way to do the same.

`python -m benchmarks.downstream [latency|fanout|burst|replay|all] [--clients N] [--seconds S]`: real PostgreSQL,
Valkey and a publishing service as a process of its own; this process tells publications in their own transactions.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import psutil  # type: ignore[import-untyped]  # it ships no types
from pydantic import SecretStr
from redis import asyncio as aioredis

from ops import servers
from services.publishing.settings import Settings
from shared.events import ArticlePublished, Picture, Tag
from shared.runtime import Database, utc_now
from shared.runtime.migrate import upgrade

TOKEN = "a-token-for-benchmarks"  # noqa: S105  # it opens nothing but this run


@dataclass
class House:
    """The servers, the service under test and a way to tell."""

    address: str
    process: psutil.Process
    database: Database
    redis_url: str
    told: int = 0

    async def tell(self, number: int = 1) -> float:
        """Tell publications in one transaction; when it was committed."""
        async with self.database.transaction() as tx:
            tx.tell(*(a_publication(self.told + n) for n in range(number)))
        self.told += number
        return time.time()


def a_publication(number: int) -> ArticlePublished:
    """A story of about 2.5 KB."""
    now, key = utc_now(), uuid4()
    return ArticlePublished(
        article_id=key,
        revision=1,
        slug=f"story-{number}",
        url=f"http://127.0.0.1/articles/story-{number}",
        headline=f"Story {number}: đường sắt ven biển",
        body_html="<p>" + "The first span of the lagoon viaduct is in place. " * 30 + "</p>",
        language="en",
        outlet="The Lagoon Post",
        source_url=f"https://outlet.example/{number}",
        published_at=now,
        first_published_at=now,
        updated_at=now,
        section="society",
        section_name="Society",
        tags=[Tag(id=f"tag-{n}", name=f"Tag {n}") for n in range(5)],
        pictures=[Picture(url="https://img.example/a.jpg", caption="The viaduct.", credit="Lagoon Post")],
    )


@contextlib.asynccontextmanager
async def a_house(folder: Path) -> AsyncIterator[House]:
    """Servers and service, fresh, until the block is left."""
    postgres = servers.start_postgres(folder / "pg")
    redis_url = servers.start_valkey(folder / "valkey")
    host = postgres.partition("host=")[2]
    link = await asyncpg.connect(user="postgres", database="postgres", host=host)
    await link.execute("CREATE DATABASE publishing")
    await link.close()
    url = postgres.replace("/postgres?", "/publishing?")
    await asyncio.to_thread(upgrade, "publishing", url)
    environment = {**os.environ, "PUBLISHING_DATABASE_URL": url, "REDIS_URL": redis_url, "NEWSROOM_TOKEN": TOKEN}
    environment["NEWSROOM_OUTBOUND_ALLOW"] = "127.0.0.1"
    settings = Settings(database_url=url, redis_url=redis_url, token=SecretStr(TOKEN))
    database = Database(settings, "publishing")
    try:
        async with served("services.publishing.app:build", "--factory", environment=environment) as (address, process):
            yield House(address, process, database, redis_url)
    finally:
        await database.close()
        servers.stop_valkey(folder / "valkey")
        servers.stop_postgres(folder / "pg")


@contextlib.asynccontextmanager
async def served(app: str, *options: str, environment: dict[str, str]) -> AsyncIterator[tuple[str, psutil.Process]]:
    """An application in a process of its own, answering."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", app, *options, "--port", str(port), "--no-access-log"]
    command += ["--log-level", "warning", "--timeout-graceful-shutdown", "3", "--backlog", "4096"]
    with subprocess.Popen(command, env=environment) as child:  # noqa: ASYNC220  # nothing else runs meanwhile
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                await asyncio.sleep(0.1)
            yield f"http://127.0.0.1:{port}", psutil.Process(child.pid)
        finally:
            child.terminate()
            child.wait(20)


@contextlib.asynccontextmanager
async def readers(address: str, clients: int, first: int, last: int, seconds: float) -> AsyncIterator[dict[str, Any]]:
    """Connected readers; what they saw is in the yielded dict once the block is left."""
    host, port = address.removeprefix("http://").split(":")
    words = [str(word) for word in (clients, first, last, seconds)]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.downstream_clients", host, port, *words, stdout=subprocess.PIPE, limit=1 << 30
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    found: dict[str, Any] = {}
    yield found
    found |= json.loads(await child.stdout.readline())
    await child.wait()


def spread(values: list[float]) -> str:
    """Median, 99th percentile and most, in milliseconds."""
    cut = quantiles(values, n=100)
    return f"p50 {cut[49] * 1000:.1f} ms, p99 {cut[98] * 1000:.1f} ms, most {max(values) * 1000:.1f} ms"


async def paced(seconds: float, each: float, act: Callable[[], Awaitable[None]]) -> None:
    """Do something every `each` seconds, as punctually as it goes."""
    began = time.monotonic()
    for turn in range(int(seconds / each)):
        await asyncio.sleep(max(0.0, began + turn * each - time.monotonic()))
        await act()


async def latency(house: House, clients: int, seconds: float) -> None:  # noqa: PLR0915  # one measurement, told in order
    """From commit to SSE, stream and webhook, at 20 publications a second."""
    first, number = house.told + 1, int(seconds * 20)
    committed: dict[int, float] = {}
    streamed: dict[int, float] = {}
    hooked: dict[int, float] = {}

    async def tail() -> None:
        link = aioredis.from_url(house.redis_url)
        at = f"{house.told}-0"
        while len(streamed) < number:
            answer: Any = await link.xread({"publications": at}, count=100, block=2000)
            for _, entries in answer or []:
                for entry_id, _ in entries:
                    at = entry_id.decode()
                    streamed[int(at.split("-")[0])] = time.time()
        await link.aclose()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(size)
                hooked[int(body.partition(b'"position":')[2].partition(b",")[0])] = time.time()
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    receiver = await asyncio.start_server(take, "127.0.0.1", 0)
    port = receiver.sockets[0].getsockname()[1]
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}) as client:
        hook = {"name": "bench", "url": f"http://127.0.0.1:{port}/"}
        made = await client.post(f"{house.address}/v1/subscriptions", json=hook)
        assert made.status_code == 201, made.text

    async def one() -> None:
        at = await house.tell()
        committed[house.told] = at

    async with readers(house.address, clients, first, first + number - 1, seconds + 30) as found:
        tailing = asyncio.create_task(tail())
        await paced(seconds, 1 / 20, one)
        await tailing
    await asyncio.sleep(2)
    receiver.close()
    sse = [at - committed[int(p)] for p, ats in found["arrivals"].items() for at in ats]
    print(
        f"latency at 20/s with {clients} SSE clients ({len(sse)} arrivals, {found['faults']} out of order or missing)"
    )
    print(f"  commit → SSE            {spread(sse)}   (bar: p99 ≤ 100 ms)")
    print(f"  commit → stream         {spread([streamed[p] - committed[p] for p in committed])}   (bar: p99 ≤ 100 ms)")
    print(f"  commit → webhook        {spread([hooked[p] - committed[p] for p in committed if p in hooked])}", end="")
    print(f"   ({len(hooked)} of {number}; bar: p99 ≤ 500 ms)")
    hop = await bare_hop(house.redis_url, 200)
    print(f"  bare XADD → XREAD       {spread(hop)}   ratio of medians: {median(sse) / median(hop):.1f}")


async def bare_hop(redis_url: str, number: int) -> list[float]:
    """The least it can cost: one client adds, another reads."""
    adding, reading = aioredis.from_url(redis_url), aioredis.from_url(redis_url)
    times, sent = list[float](), 0.0
    payload = {"event": a_publication(0).model_dump_json()}

    async def read() -> None:
        at = "0-0"
        while len(times) < number:
            answer: Any = await reading.xread({"bare": at}, block=2000)
            for _, entries in answer or []:
                at = entries[-1][0].decode()
                times.append(time.time() - sent)

    task = asyncio.create_task(read())
    await asyncio.sleep(0.2)
    for _ in range(number):
        sent = time.time()
        await adding.xadd("bare", payload)  # type: ignore[arg-type]  # its types are invariant
        await asyncio.sleep(0.02)
    await task
    await adding.delete("bare")
    await adding.aclose()
    await reading.aclose()
    return times


def cpu(process: psutil.Process) -> float:
    """Seconds of processor time so far."""
    used = process.cpu_times()
    return float(used.user + used.system)


async def fanout(house: House, clients: int, seconds: float) -> None:
    """Processor time per event and client, ours and the bare loop's, and our memory."""
    ours, theirs = await _held(house, clients, seconds), await _bare(clients, seconds)
    print(f"fan-out: {clients} SSE clients × 5 events/s for {seconds:g} s, one process")
    arrived = f"{ours[1]} of {ours[2]} arrived, {ours[3]} faults"
    memory = f"{ours[4] / 2**20:.0f} MiB   (bar: ≤ 600 MiB)"
    print(f"  ours  {ours[0] * 1e6:.1f} µs of CPU an event and client, {arrived}, {memory}")
    print(f"  bare  {theirs[0] * 1e6:.1f} µs, {theirs[1]} arrived   ratio {ours[0] / theirs[0]:.2f}   (bar: ≤ 1.5)")


async def _held(house: House, clients: int, seconds: float) -> tuple[float, int, int, int, int]:
    first, number = house.told + 1, int(seconds * 5)

    async def one() -> None:
        await house.tell()

    async with readers(house.address, clients, first, first + number - 1, seconds + 60) as found:
        before = cpu(house.process)
        await paced(seconds, 1 / 5, one)
        memory = house.process.memory_info().rss
    used = cpu(house.process) - before
    return used / max(1, found["events"]), found["events"], clients * number, found["faults"], memory


async def _bare(clients: int, seconds: float) -> tuple[float, int]:
    number = int(seconds * 5)
    event = a_publication(1).model_dump_json().encode()
    async with (
        served("benchmarks.downstream_bare:app", environment=dict(os.environ)) as (address, process),
        httpx2.AsyncClient() as client,
    ):

        async def one() -> None:
            await client.post(f"{address}/tell", content=event)

        async with readers(address, clients, 1, number, seconds + 60) as found:
            before = cpu(process)
            await paced(seconds, 1 / 5, one)
        used = cpu(process) - before
    return used / max(1, found["events"]), found["events"]


async def burst(house: House, clients: int) -> None:
    """The most one process writes: publications as fast as the log takes them."""
    first, number = house.told + 1, 400
    async with readers(house.address, clients, first, first + number - 1, 120) as found:
        began = time.time()
        for _ in range(number // 20):
            await house.tell(20)
    last = max(at for ats in found["arrivals"].values() for at in ats)
    rate = found["events"] / (last - began)
    print(f"burst: {rate:,.0f} events/s written to {clients} clients, {found['faults']} faults")


async def replay(house: House, number: int) -> None:
    """A new reader takes the whole log by pull."""
    while house.told < number:
        await house.tell(500)
    async with httpx2.AsyncClient(timeout=60) as client:
        for kind, accept in (("NDJSON", "application/x-ndjson"), ("JSON", "application/json")):
            after, events, began = 0, 0, time.monotonic()
            while True:
                url = f"{house.address}/v1/events?after={after}&limit=1000&wait=0"
                answer = await client.get(url, headers={"accept": accept})
                reached = int(answer.headers["newsroom-next"])
                if reached == after:
                    break
                events, after = events + (reached - after), reached
            took = time.monotonic() - began
            print(f"replay by pull ({kind}): {events / took:,.0f} events/s over {events}   (bar: ≥ 5,000/s)")


async def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", nargs="?", default="all", choices=["all", "latency", "fanout", "burst", "replay"])
    asked.add_argument("--clients", type=int)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--number", type=int, default=100_000, help="events in the replay")
    given = asked.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 65536), limit))
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240  # PostgreSQL runs as another user
        async with a_house(Path(folder)) as house:
            if given.what in {"all", "latency"}:
                await latency(house, given.clients or 500, given.seconds)
            if given.what in {"all", "fanout"}:
                await fanout(house, given.clients or 2000, given.seconds)
            if given.what in {"all", "burst"}:
                await burst(house, given.clients or 1000)
            if given.what in {"all", "replay"}:
                await replay(house, given.number)


if __name__ == "__main__":
    asyncio.run(main())
