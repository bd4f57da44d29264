"""The ground all contenders run on: one PostgreSQL, one Valkey, both durable; and the contenders as processes."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from redis import asyncio as aioredis
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from benchmarks.pipeline import stages
from ops import servers
from ops.web import Unreachable, ask
from shared.runtime import tables
from shared.runtime.migrate import upgrade

_TABLES = "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
DATABASES = ("ingest", "enrichment", "publishing")


@dataclass(frozen=True)
class Contender:
    """A way to do the work: its processes as commands, and how many articles a run takes."""

    name: str
    count: int
    commands: tuple[tuple[str, ...], ...]
    settings: dict[str, str] = field(default_factory=dict)
    ports: tuple[str, ...] = ()  # names of its services with a door: they are asked whether they are ready
    needs: str = "redis"
    databases: dict[str, str] = field(default_factory=dict)  # service → another database than its usual one

    @property
    def installed(self) -> bool:
        """Whether the library it stands on is here."""
        return importlib.util.find_spec(self.needs) is not None


class Ground:
    """Servers in a folder of their own, and the tables of every contender. A folder that was named is kept."""

    def __init__(self, kept: Path | None = None) -> None:
        self.kept = kept
        self.folder = kept or Path(tempfile.mkdtemp(prefix="newsroom-bench-"))
        self.socket = ""
        self.redis_url = ""
        self.ports = {name: _free_port() for name in DATABASES}

    async def start(self) -> None:
        """Start both servers, and make the databases where they are not there yet."""
        made = not (self.folder / "postgres").exists()
        url = await asyncio.to_thread(servers.start_postgres, self.folder / "postgres")
        self.socket = url.rsplit("host=", 1)[1]
        self.redis_url = await asyncio.to_thread(servers.start_valkey, self.folder / "valkey")
        if made:
            await self._make_databases()

    async def _make_databases(self) -> None:
        link = await self.connect("postgres")
        for name in DATABASES:
            await link.execute(f"CREATE DATABASE newsroom_{name}")
        await link.close()
        for name in DATABASES:
            link = await self.connect(f"newsroom_{name}")
            for statement in [*runtime_tables(), stages.SCHEMAS[name]]:
                await link.execute(statement)
            if name == "publishing":
                await link.execute(stages.PEERS_SCHEMA)
            await link.close()

    async def stop(self) -> None:
        """Stop both and remove the folder, unless it is to be kept."""
        await asyncio.to_thread(servers.stop_valkey, self.folder / "valkey")
        await asyncio.to_thread(servers.stop_postgres, self.folder / "postgres")
        if self.kept is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """One of the databases, for a service's settings."""
        return f"postgresql://postgres@/{database}?host={self.socket}"

    async def prepare_reading(self) -> None:
        """A fresh database for the real enrichment."""
        link = await self.connect("postgres")
        await link.execute("DROP DATABASE IF EXISTS newsroom_reading")
        await link.execute("CREATE DATABASE newsroom_reading")
        await link.close()
        await asyncio.to_thread(upgrade, "enrichment", self.url("newsroom_reading"))

    async def connect(self, database: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection to one of the databases."""
        return await asyncpg.connect(user="postgres", host=self.socket, database=database, timeout=10)

    async def clear(self) -> None:
        """Empty tables and an empty Valkey, the same for each run."""
        redis = aioredis.from_url(self.redis_url)
        await redis.flushall()
        await redis.aclose()
        for name in DATABASES:
            link = await self.connect(f"newsroom_{name}")
            names = await link.fetchval(_TABLES)
            await link.execute(f"TRUNCATE {names}")
            await link.execute("CHECKPOINT")
            await link.close()

    def environment(self, contender: Contender) -> dict[str, str]:
        """What a contender's processes are told."""
        urls = {name: self.url(contender.databases.get(name, f"newsroom_{name}")) for name in DATABASES}
        ours = {f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()}
        shared = {"REDIS_URL": self.redis_url, "BENCH_REDIS": self.redis_url, "BENCH_PG": self.socket}
        return {**os.environ, **ours, **shared, **contender.settings}

    @contextlib.asynccontextmanager
    async def running(self, contender: Contender) -> AsyncIterator[list[int]]:
        """The contender's processes, ready for work; stopped at the end."""
        environment = self.environment(contender)
        ports = {f"{{{name}}}": str(port) for name, port in self.ports.items()}
        words = {"{redis}": self.redis_url, "{socket}": self.socket, **ports}
        started: list[subprocess.Popen[bytes]] = []
        log = self.folder / f"{contender.name}.log"
        try:
            for command in contender.commands:
                program = [sys.executable, "-m", *(words.get(word, word) for word in command)]
                started.append(servers.spawn(program, env=environment, log=log))
            await self._ready(contender, started, log)
            yield [process.pid for process in started]
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            for process in started:
                try:
                    await asyncio.to_thread(process.wait, 12)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)  # its own session: nobody else's processes are in it
                    process.wait()

    async def _ready(self, contender: Contender, started: Sequence["subprocess.Popen[bytes]"], log: Path) -> None:
        deadline = time.monotonic() + 60
        waiting = [self.ports[name] for name in contender.ports]
        while waiting and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            with contextlib.suppress(Unreachable):
                answers = [await asyncio.to_thread(ask, "GET", f"http://127.0.0.1:{port}/readyz") for port in waiting]
                waiting = [port for port, answer in zip(waiting, answers, strict=True) if not answer.ok]
        await asyncio.sleep(0.5 if contender.ports else 4.0)
        ended = [process.returncode for process in started if process.poll() is not None]
        if ended or waiting:
            told = await asyncio.to_thread(log.read_text)
            raise RuntimeError(f"{contender.name} did not start ({ended}, {waiting}):\n{told[-3000:]}")

    async def run(self, contender: Contender, warm: int = 200) -> tuple[float, float]:
        """One run, from the word `go` to the last publication in the stream.

        Answers articles a second, and milliseconds of processor time that the contender's own processes spent on each
        (without PostgreSQL and Valkey): the second figure hardly minds what else the machine does.
        """
        await self.clear()
        async with self.running(contender) as sessions:
            redis = aioredis.from_url(self.redis_url)
            try:
                await self.through(redis, 0, warm)
                began, spent = time.perf_counter(), processor_seconds(sessions)
                await self.through(redis, warm, contender.count)
                took, spent = time.perf_counter() - began, processor_seconds(sessions) - spent
                return contender.count / took, 1000 * spent / contender.count
            finally:
                await redis.aclose()

    async def through(self, redis: "aioredis.Redis", first: int, count: int) -> None:
        """Let articles `first` to `first + count` be taken in, and wait until all are published."""
        await redis.rpush("bench.go", f"{first}:{count}")
        deadline = time.monotonic() + 180
        while await redis.xlen("publications") < first + count:
            if time.monotonic() > deadline:
                have = await redis.xlen("publications")
                raise RuntimeError(f"only {have} of {first + count} articles came through in three minutes")
            await asyncio.sleep(0.005)


def processor_seconds(sessions: Sequence[int]) -> float:
    """User and system time of all living processes of these sessions (Linux; 0.0 elsewhere)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()  # proc_pid_stat(5): the name may hold blanks
            ticks += int(words[11]) + int(words[12]) if int(words[3]) in sessions else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def runtime_tables() -> list[str]:
    """The runtime's own tables as statements."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own class without types
    made: list[str] = []
    for table in tables.metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        made += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
