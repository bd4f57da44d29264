"""What every measure of the outlets stands on: real servers, publishing as a process of its own, readers, a teller."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import asyncpg
import psutil  # type: ignore[import-untyped]  # it ships no types
from pydantic import SecretStr
from sqlalchemy import text

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

    async def settle(self) -> None:
        """Let the servers finish what a large filling left behind, which would fall on whoever is measured next."""
        async with self.database.reader.connect() as link:
            await link.execute(text("VACUUM (ANALYZE) outbox"))
            await link.execute(text("CHECKPOINT"))
        await asyncio.sleep(3)  # the hub and the ledger catch up


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
        sys.executable, "-m", "benchmarks.downstream.clients", host, port, *words, stdout=subprocess.PIPE, limit=1 << 30
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


def cpu(process: psutil.Process) -> float:
    """Seconds of processor time so far."""
    used = process.cpu_times()
    return float(used.user + used.system)
