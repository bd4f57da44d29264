"""Nothing is missed and nothing comes twice: readers of every kind while everything is cut, emptied and killed.

`python -m benchmarks.downstream.completeness [--number 100000] [--kills 20] [--cuts 1000] [--flushes 2]`: publications
are told while publishing is killed with SIGKILL and started again, Redis is emptied, and every reader's connection is
cut in the middle of what it reads.
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
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import orjson
from newsroom_client import Unverified, events, verify
from pydantic import SecretStr
from redis import asyncio as aioredis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import text

from benchmarks.downstream.cutter import cutting
from benchmarks.downstream.ground import TOKEN, a_publication
from ops import servers
from services.publishing.settings import Settings
from shared.runtime import Database
from shared.runtime.migrate import upgrade

EVENT = 3000  # bytes, about
READERS = 6


@dataclass
class Seen:
    """What one consumer got: every position in the order it came."""

    name: str
    positions: list[int] = field(default_factory=list)
    cuts: int = 0

    @property
    def last(self) -> int:
        """The position it has."""
        return self.positions[-1] if self.positions else 0

    def verdict(self, number: int) -> str:
        """Gaps, repeats and reorderings against 1..number."""
        gaps = number - len(set(self.positions))
        repeats = len(self.positions) - len(set(self.positions))
        turns = sum(1 for a, b in zip(self.positions, self.positions[1:], strict=False) if b < a)
        found = f"{gaps} gaps, {repeats} repeats, {turns} reorderings, {self.cuts} cuts"
        return f"{self.name:<18} {len(self.positions)} got, {found}"


@dataclass
class Hook(Seen):
    """A webhook endpoint: fails some of the events once, and notes each id's bodies."""

    url: str = ""
    secret: str = ""
    faults: float = 0.0
    unverified: int = 0
    bodies: dict[str, set[bytes]] = field(default_factory=dict)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:-2]]
                headers = {name.decode().lower(): value.decode() for name, _, value in lines}
                body = await reader.readexactly(int(headers["content-length"]))
                key = headers["webhook-id"]
                first = key not in self.bodies
                self.bodies.setdefault(key, set()).add(hashlib.sha256(body).digest())
                if first and random.random() < self.faults:  # a second failure would wait five minutes, as published
                    self.cuts += 1
                    if random.random() < 0.5:
                        writer.close()
                        return
                    writer.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
                    continue
                self._keep(body, headers)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    def _keep(self, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.positions.append(verify(body, headers, secrets=[self.secret])["position"])
        except Unverified:
            self.unverified += 1

    def verdict(self, number: int) -> str:
        """The same, with what only webhooks have."""
        differing = sum(1 for found in self.bodies.values() if len(found) > 1)
        return f"{super().verdict(number)}, {differing} ids with two bodies, {self.unverified} unverified"

    def is_whole(self, number: int) -> bool:
        """At least once, each id with one body, each signed."""
        same = all(len(found) == 1 for found in self.bodies.values())
        return set(self.positions) == set(range(1, number + 1)) and same and not self.unverified


@dataclass
class Service:
    """Publishing as a process that can be killed and started again at the same address."""

    environment: dict[str, str]
    port: int
    said: Path
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", "uvicorn", "--factory", "services.publishing.app:build"]
        command += ["--port", str(self.port), "--no-access-log", "--log-level", "error"]
        with self.said.open("ab") as said:
            self.child = subprocess.Popen(command, env=self.environment, stdout=said, stderr=said)

    def kill(self) -> None:
        """End it as a crash would."""
        if self.child is not None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()


async def by_sse(address: str, seen: Seen, number: int) -> None:
    """The client of this house, which survives every cut by itself."""
    async for event in events(address, after=0):
        seen.positions.append(event.position)
        if event.position >= number:
            return


async def by_new_sse(address: str, seen: Seen, number: int, each: int) -> None:
    """A client that leaves at random and begins again after what it had."""
    while seen.last < number:
        left = random.randint(1, 2 * each)
        reading = events(address, after=seen.last)
        async for event in reading:
            seen.positions.append(event.position)
            left -= 1
            if left <= 0 or event.position >= number:
                break
        await reading.aclose()
        seen.cuts += 1


async def by_pull(address: str, seen: Seen, number: int, accept: str) -> None:
    """Plain requests, repeated when they fail."""
    async with httpx2.AsyncClient(timeout=40, headers={"accept": accept}) as client:
        while seen.last < number:
            try:
                answer = await client.get(f"{address}/v1/events", params={"after": seen.last, "limit": 200})
                answer.raise_for_status()
                items = answer.text.splitlines() if "ndjson" in accept else answer.json()["items"]
                got = [(orjson.loads(item) if isinstance(item, str) else item)["position"] for item in items]
            except (httpx2.HTTPError, ValueError):
                await asyncio.sleep(0.2)
                continue
            seen.positions += got


async def by_stream(redis_url: str, seen: Seen, number: int) -> None:
    """XREAD after the last id. An emptied stream is filled again at the same ids."""
    async with aioredis.from_url(redis_url) as link:
        while seen.last < number:
            try:
                answer: Any = await link.xread({"publications": f"{seen.last}-0"}, count=200, block=1000)
            except (RedisError, OSError):
                await asyncio.sleep(0.1)
                continue
            for _, entries in answer or []:
                seen.positions += [int(entry_id.split(b"-")[0]) for entry_id, _ in entries]


async def by_group(redis_url: str, seen: Seen, number: int) -> None:
    """XREADGROUP: first what was given and not acknowledged, then what is new; a lost group is made where it was."""
    async with aioredis.from_url(redis_url) as link:
        start = "0"
        while seen.last < number:
            try:
                answer: Any = await link.xreadgroup("reader", "one", {"publications": start}, count=200, block=1000)
                got = [int(entry_id.split(b"-")[0]) for _, entries in answer or [] for entry_id, _ in entries]
                seen.positions += [position for position in got if position > seen.last]  # known: the answer was cut
                if got:
                    await link.xack("publications", "reader", *(f"{position}-0" for position in got))
                elif start == "0":
                    start = ">"
            except ResponseError:  # no such group: the stream was emptied
                start = "0"
                with contextlib.suppress(RedisError):
                    await link.xgroup_create("publications", "reader", id=f"{seen.last}-0", mkstream=True)
            except (RedisError, OSError):
                start = "0"
                await asyncio.sleep(0.1)


@asynccontextmanager
async def by_webhook(name: str, faults: float) -> AsyncIterator[Hook]:
    """An endpoint on loopback."""
    hook = Hook(name, faults=faults)
    server = await asyncio.start_server(hook.take, "127.0.0.1", 0)
    hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    yield hook
    server.close()


async def subscribed(address: str, hook: Hook, ordering: str) -> None:
    """Subscribe an endpoint from the beginning, as soon as publishing answers."""
    body = {"name": hook.name, "url": hook.url, "start": 0, "ordering": ordering}
    async with httpx2.AsyncClient(timeout=10, headers={"authorization": f"Bearer {TOKEN}"}) as client:
        while True:
            with contextlib.suppress(httpx2.HTTPError):
                made = await client.post(f"{address}/v1/subscriptions", json=body)
                if made.is_success:
                    hook.secret = made.json()["secret"]
                    return
            await asyncio.sleep(0.5)


async def trouble(service: Service, redis_url: str, given: argparse.Namespace) -> None:
    """Kill and empty at random moments, evenly over the run."""
    acts = ["kill"] * given.kills + ["flush"] * given.flushes
    random.shuffle(acts)
    for act in acts:
        await asyncio.sleep(given.seconds / len(acts) * random.uniform(0.5, 1.5))
        if act == "kill":
            service.kill()
            service.start()
        else:
            async with aioredis.from_url(redis_url) as link:
                await link.flushall()


async def tell_all(database: Database, number: int, each: float) -> None:
    """Tell publications in small transactions, some of them several at once."""
    told, began = 0, time.monotonic()
    while told < number:
        some = min(random.choice((1, 1, 5, 20)), number - told)
        async with database.transaction() as tx:
            tx.tell(*(a_publication(told + n) for n in range(some)))
        told += some
        await asyncio.sleep(max(0.0, began + told * each - time.monotonic()))


async def traced(database: Database, hook: Hook, missing: set[int]) -> list[str]:
    """Why each delivery that is missing has not come: its row, its attempts and its lane, as publishing knows them."""
    lane = "SELECT id, state, routed, acked, due_at, lease_until, leased_by FROM subscriptions WHERE name = :name"
    rows = """
        SELECT position, state, attempts, due_at, log FROM deliveries
        WHERE subscription_id = :key AND position = ANY(:all) ORDER BY position
    """
    async with database.reading() as session:
        held = (await session.execute(text(lane), {"name": hook.name})).one()
        rows_of = await session.execute(text(rows), {"key": held.id, "all": sorted(missing)})
        found = {row.position: row for row in rows_of}
    lines = [f"{hook.name}: {len(missing)} missing; lane {held}"]
    return lines + [f"  {position}: {found.get(position, 'no row')}" for position in sorted(missing)[:30]]


async def deliveries_end(hooks: list[Hook], number: int, patience: float) -> None:
    """Wait until every webhook arrived, or for as long as something still comes."""
    last, at = 0, time.monotonic()
    while any(len(set(hook.positions)) < number for hook in hooks) and time.monotonic() - at < patience:
        await asyncio.sleep(0.5)
        if (now := sum(len(hook.positions) for hook in hooks)) > last:
            last, at = now, time.monotonic()


async def run(given: argparse.Namespace, folder: Path) -> bool:
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
    said = Path(given.log) if given.log else folder / "publishing.log"
    service = Service({**environment, "NEWSROOM_OUTBOUND_ALLOW": "127.0.0.1"}, port, said)
    service.start()
    database = Database(Settings(database_url=url, redis_url=redis_url, token=SecretStr(TOKEN)), "publishing")
    began = time.monotonic()
    try:
        async with AsyncExitStack() as stack:
            readers, hooks = await _everyone(given, stack, service, database, redis_url)
            await deliveries_end(hooks, given.number, 360)
            print(f"{given.number} publications, {given.kills} kills, {given.flushes} times emptied", end=", ")
            print(f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")
            for seen in (*readers, *hooks):
                print(" ", seen.verdict(given.number))
            print(f"  reconnects: {sum(seen.cuts for seen in (*readers, *hooks))}")
            for hook in hooks:
                if missing := set(range(1, given.number + 1)) - set(hook.positions):
                    print("\n".join(await traced(database, hook, missing)))
    finally:
        service.kill()
        await database.close()
        servers.stop_valkey(folder / "valkey")
        servers.stop_postgres(folder / "pg")
    whole = list(range(1, given.number + 1))
    return all(seen.positions == whole for seen in readers) and all(hook.is_whole(given.number) for hook in hooks)


async def _everyone(
    given: argparse.Namespace, stack: AsyncExitStack, service: Service, database: Database, redis_url: str
) -> tuple[list[Seen], list[Hook]]:
    """Tell, trouble and read until every reader but the webhooks has everything."""
    number, each = given.number, max(1, READERS * given.number // max(1, given.cuts))
    address, valkey = f"http://127.0.0.1:{service.port}", int(redis_url.rpartition(":")[2].partition("/")[0])
    cutters = [await stack.enter_async_context(cutting(service.port, each * EVENT)) for _ in range(3)]
    cutters += [await stack.enter_async_context(cutting(valkey, each * EVENT, "redis")) for _ in range(2)]
    cut = [cutter.address for cutter in cutters]
    readers = [
        Seen(name) for name in ("sse", "pull json", "pull ndjson", "stream", "stream by group", "sse, new client")
    ]
    hooks = [
        await stack.enter_async_context(by_webhook(f"webhook {kind}", 20 / number)) for kind in ("ordered", "parallel")
    ]
    for hook in hooks:
        await subscribed(address, hook, hook.name.partition(" ")[2])
    async with asyncio.TaskGroup() as group:
        group.create_task(tell_all(database, number, given.seconds / number))
        group.create_task(trouble(service, redis_url, given))
        group.create_task(by_sse(cut[0], readers[0], number))
        group.create_task(by_pull(cut[1], readers[1], number, "application/json"))
        group.create_task(by_pull(cut[2], readers[2], number, "application/x-ndjson"))
        group.create_task(by_stream(cut[3], readers[3], number))
        group.create_task(by_group(cut[4], readers[4], number))
        group.create_task(by_new_sse(address, readers[5], number, each))
        group.create_task(_progress(readers, hooks, number))
    for seen, cutter in zip(readers, cutters, strict=False):
        seen.cuts = cutter.cuts
    return readers, hooks


async def _progress(readers: list[Seen], hooks: list[Hook], number: int) -> None:
    while min(seen.last for seen in readers) < number:
        await asyncio.sleep(5)
        sys.stderr.write(" ".join(f"{seen.name} {len(seen.positions)};" for seen in (*readers, *hooks)) + "\n")


def main() -> int:
    """0 where nothing was missed, repeated or turned around."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--number", type=int, default=100_000)
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--cuts", type=int, default=1000)
    asked.add_argument("--flushes", type=int, default=2)
    asked.add_argument("--seconds", type=float, default=600.0, help="over which the publications are spread")
    asked.add_argument("--log", help="where publishing's own log goes; a temporary file where missing")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        Path(folder).chmod(0o755)
        return 0 if asyncio.run(run(given, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
