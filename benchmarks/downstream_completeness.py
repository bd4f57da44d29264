"""Nothing is missed and nothing comes twice: readers of every kind while everything is cut, emptied and killed.

`python -m benchmarks.downstream_completeness [--number 100000] [--kills 20] [--cuts 1000] [--flushes 2]`: publications
are told while publishing is killed with SIGKILL and started again, Redis is emptied and readers lose their connections.
"""

import argparse
import asyncio
import contextlib
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from newsroom_client import events
from pydantic import SecretStr
from redis import asyncio as aioredis
from redis.exceptions import RedisError

from benchmarks.downstream import TOKEN, a_publication
from ops import servers
from services.publishing.settings import Settings
from shared.runtime import Database
from shared.runtime.migrate import upgrade


@dataclass
class Seen:
    """What one consumer got: every position in the order it came."""

    name: str
    positions: list[int] = field(default_factory=list)
    cuts: int = 0

    def verdict(self, number: int) -> str:
        """Gaps, repeats and reorderings against 1..number."""
        gaps = number - len(set(self.positions))
        repeats = len(self.positions) - len(set(self.positions))
        turns = sum(1 for a, b in zip(self.positions, self.positions[1:], strict=False) if b < a)
        found = f"{gaps} gaps, {repeats} repeats, {turns} reorderings, {self.cuts} cuts"
        return f"{self.name:<10} {len(self.positions)} got, {found}"


@dataclass
class Service:
    """Publishing as a process that can be killed and started again at the same address."""

    environment: dict[str, str]
    port: int
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", "uvicorn", "--factory", "services.publishing.app:build"]
        command += ["--port", str(self.port), "--no-access-log", "--log-level", "error"]
        self.child = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """End it as a crash would."""
        if self.child is not None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()


async def by_sse(address: str, seen: Seen, number: int, cuts: int) -> None:
    """The client, dropped at random and started again after what it had."""
    while len(seen.positions) < number:
        after = seen.positions[-1] if seen.positions else 0
        until = random.randint(1, max(2, 2 * number // max(1, cuts)))
        reading = events(address, after=after)
        async for event in reading:
            seen.positions.append(event.position)
            until -= 1
            if until <= 0 or event.position >= number:
                break
        await reading.aclose()
        seen.cuts += 1


async def by_pull(address: str, seen: Seen, number: int) -> None:
    """Plain requests, repeated when they fail."""
    async with httpx2.AsyncClient(timeout=40) as client:
        while len(seen.positions) < number:
            after = seen.positions[-1] if seen.positions else 0
            try:
                answer = await client.get(f"{address}/v1/events", params={"after": after, "limit": 200})
                seen.positions += [event["position"] for event in answer.json()["items"]]
            except (httpx2.HTTPError, KeyError, ValueError):
                seen.cuts += 1
                await asyncio.sleep(0.2)


async def by_stream(redis_url: str, seen: Seen, number: int) -> None:
    """XREAD after the last id. An emptied stream is filled again at the same ids."""
    link = aioredis.from_url(redis_url)
    while len(seen.positions) < number:
        after = seen.positions[-1] if seen.positions else 0
        with contextlib.suppress(RedisError):
            answer: Any = await link.xread({"publications": f"{after}-0"}, count=200, block=1000)
            for _, entries in answer or []:
                seen.positions += [int(entry_id.split(b"-")[0]) for entry_id, _ in entries]
    await link.aclose()


@contextlib.asynccontextmanager
async def by_webhook(seen: Seen, bodies: dict[str, set[str]], faults: float) -> AsyncIterator[str]:
    """A receiver that fails this share of the events once (5 s of its lane each) and notes each id's bodies."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                key = head.partition(b"webhook-id: ")[2].partition(b"\r\n")[0].decode()
                body = await reader.readexactly(size)
                first = key not in bodies
                bodies.setdefault(key, set()).add(hashlib.sha256(body).hexdigest())
                if first and random.random() < faults:  # a second failure would wait five minutes, as published
                    seen.cuts += 1
                    writer.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
                    continue
                seen.positions.append(int(body.partition(b'"position":')[2].partition(b",")[0]))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


async def trouble(service: Service, redis_url: str, given: argparse.Namespace, seconds: float) -> None:
    """Kill and empty at random moments, evenly over the run."""
    acts = ["kill"] * given.kills + ["flush"] * given.flushes
    random.shuffle(acts)
    for act in acts:
        await asyncio.sleep(seconds / len(acts) * random.uniform(0.5, 1.5))
        if act == "kill":
            service.kill()
            service.start()
        else:
            async with aioredis.from_url(redis_url) as link:
                await link.flushall()


async def tell_all(database: Database, number: int, each: float) -> None:
    """Tell publications in small transactions, some of them several at once."""
    told = 0
    while told < number:
        some = min(random.choice((1, 1, 5, 20)), number - told)
        async with database.transaction() as tx:
            tx.tell(*(a_publication(told + n) for n in range(some)))
        told += some
        await asyncio.sleep(each * some)


async def run(given: argparse.Namespace, folder: Path) -> bool:  # noqa: PLR0915  # one story, told in order
    """The whole story; whether it ended well."""
    postgres, redis_url = servers.start_postgres(folder / "pg"), servers.start_valkey(folder / "valkey")
    link = await asyncpg.connect(user="postgres", database="postgres", host=postgres.partition("host=")[2])
    await link.execute("CREATE DATABASE publishing")
    await link.close()
    url = postgres.replace("/postgres?", "/publishing?")
    await asyncio.to_thread(upgrade, "publishing", url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PUBLISHING_DATABASE_URL": url, "REDIS_URL": redis_url, "NEWSROOM_TOKEN": TOKEN}
    service = Service({**environment, "NEWSROOM_OUTBOUND_ALLOW": "127.0.0.1"}, port)
    service.start()
    address = f"http://127.0.0.1:{port}"
    database = Database(Settings(database_url=url, redis_url=redis_url, token=SecretStr(TOKEN)), "publishing")
    sse, pulled, stream, hook = Seen("sse"), Seen("pull"), Seen("stream"), Seen("webhook")
    bodies: dict[str, set[str]] = {}
    began = time.monotonic()
    try:
        async with by_webhook(hook, bodies, 20 / given.number) as receiver, httpx2.AsyncClient(timeout=10) as client:
            subscription = {"name": "completeness", "url": receiver, "start": 0}
            while True:
                with contextlib.suppress(httpx2.HTTPError):
                    headers = {"authorization": f"Bearer {TOKEN}"}
                    if (
                        await client.post(f"{address}/v1/subscriptions", json=subscription, headers=headers)
                    ).is_success:
                        break
                await asyncio.sleep(0.5)
            pace = given.seconds / given.number
            async with asyncio.TaskGroup() as group:
                group.create_task(tell_all(database, given.number, pace))
                group.create_task(trouble(service, redis_url, given, given.seconds))
                group.create_task(by_sse(address, sse, given.number, given.cuts))
                group.create_task(by_pull(address, pulled, given.number))
                group.create_task(by_stream(redis_url, stream, given.number))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(300):
                    while len(set(hook.positions)) < given.number:  # noqa: ASYNC110  # noted by the receiver above
                        await asyncio.sleep(0.5)
    finally:
        service.kill()
        await database.close()
        servers.stop_valkey(folder / "valkey")
        servers.stop_postgres(folder / "pg")
    took = time.monotonic() - began
    print(f"{given.number} publications, {given.kills} kills, {given.flushes} times emptied, {took:.0f} s")
    for seen in (sse, pulled, stream, hook):
        print(" ", seen.verdict(given.number))
    differing = sum(1 for found in bodies.values() if len(found) > 1)
    print(f"  webhook ids with more than one body: {differing}")
    whole = list(range(1, given.number + 1))
    exact = all(seen.positions == whole for seen in (sse, pulled, stream))
    return exact and set(hook.positions) == set(whole) and not differing


def main() -> int:
    """0 where nothing was missed, repeated or turned around."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--number", type=int, default=100_000)
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--cuts", type=int, default=1000)
    asked.add_argument("--flushes", type=int, default=2)
    asked.add_argument("--seconds", type=float, default=600.0, help="over which the publications are spread")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        Path(folder).chmod(0o755)
        return 0 if asyncio.run(run(given, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
