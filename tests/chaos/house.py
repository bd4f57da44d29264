"""A whole house of real processes on its own servers, each behind its own proxies, and the hands that break it."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from ops import servers
from tests.chaos.plan import Fault
from tests.chaos.proxy import Proxy, Weather


@dataclass(frozen=True)
class Plot:
    """What kind of house: service → uvicorn factory and number of processes, and how a database is prepared."""

    factories: dict[str, str]
    replicas: dict[str, int]
    prepare: Callable[[str, str], None]  # (service, database URL) → tables made
    settings: dict[str, str] = field(default_factory=dict)
    root: Path = Path(__file__).parents[2]


@dataclass
class Process:
    """One process of a service, its port, and the proxies before its servers and before its own doors."""

    name: str
    service: str
    port: int
    redis: Proxy
    postgres: Proxy
    doors: Proxy
    running: subprocess.Popen[bytes] | None = None
    wanted: bool = True
    starts: int = 0

    @property
    def url(self) -> str:
        """Where its people's doors are."""
        return f"http://127.0.0.1:{self.doors.port}"

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        """All of them."""
        return (self.redis, self.postgres, self.doors)


class House:
    """Servers, proxies and processes in `folder`. Everything it starts, it stops."""

    def __init__(self, plot: Plot, folder: Path, claim_after: float = 2.0) -> None:
        self.plot = plot
        self.folder = folder
        self.claim_after = claim_after
        self.token = secrets.token_urlsafe(24)
        self.processes: dict[str, Process] = {}
        self.redis_url = ""
        self.log: list[str] = []
        self._database = ""
        self._redis_port = 0
        self._busy: dict[str, asyncio.Lock] = {"redis": asyncio.Lock(), "postgres": asyncio.Lock()}
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the servers, prepare the databases, start every process and keep it up."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._database = await asyncio.to_thread(servers.start_postgres, self.folder / "postgres")
        self.redis_url = await asyncio.to_thread(servers.start_valkey, self.folder / "valkey")
        self._redis_port = int(self.redis_url.rsplit(":", 1)[1].split("/")[0])
        for service in self.plot.factories:
            await self._create(f"newsroom_{service}")
            await asyncio.to_thread(self.plot.prepare, service, self.database_url(service))
        for service in self.plot.factories:
            for number in range(self.plot.replicas.get(service, 1)):
                name = service if number == 0 else f"{service}-{number + 1}"
                socket = f"{self.database_socket}/.s.PGSQL.5432"
                port = _free_port()
                before = (Proxy(("127.0.0.1", self._redis_port)), Proxy(socket), Proxy(("127.0.0.1", port)))
                process = Process(name, service, port, *before)
                for proxy in process.proxies:
                    await proxy.start()
                self.processes[name] = process
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Stop everything."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        for process in self.processes.values():
            if process.running and process.running.poll() is None:
                process.running.send_signal(signal.SIGCONT)
                process.running.kill()
                process.running.wait()
            for proxy in process.proxies:
                await proxy.stop()
        await asyncio.to_thread(servers.stop_valkey, self.folder / "valkey")
        await asyncio.to_thread(servers.stop_postgres, self.folder / "postgres")

    @property
    def database_socket(self) -> str:
        """The folder of PostgreSQL's socket."""
        return self._database.rsplit("host=", 1)[1]

    def database_url(self, service: str) -> str:
        """The service's database, reached directly."""
        return f"postgresql://postgres@/newsroom_{service}?host={self.database_socket}"

    async def connect(self, service: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A direct connection to a service's database, past all proxies."""
        return await asyncpg.connect(
            user="postgres", host=self.database_socket, database=f"newsroom_{service}", timeout=20
        )

    def url(self, service: str) -> str:
        """The people's doors of the first process of a service."""
        return self.processes[service].url

    async def strike(self, fault: Fault) -> None:
        """Let one fault happen and end it after its time."""
        self.log.append(str(fault))
        name, _, side = fault.target.partition(":")
        if fault.kind in {"kill", "terminate", "freeze"}:
            await self._strike_process(self.processes[name], fault)
        elif side:
            await self._strike_network(getattr(self.processes[name], side), fault)
        else:
            await self._strike_server(fault)

    async def heal(self) -> None:
        """Clear weather everywhere and every process and server up."""
        for process in self.processes.values():
            for proxy in process.proxies:
                proxy.turn(Weather.CLEAR)
            if process.running:
                process.running.send_signal(signal.SIGCONT)
        async with self._busy["redis"]:
            await self._up("valkey")
        async with self._busy["postgres"]:
            await self._up("postgres")

    async def _create(self, name: str) -> None:
        link = await asyncpg.connect(user="postgres", host=self.database_socket, database="postgres", timeout=20)
        with contextlib.suppress(asyncpg.DuplicateDatabaseError):
            await link.execute(f'CREATE DATABASE "{name}"')
        await link.close()

    async def _keep(self) -> None:
        while True:
            for process in self.processes.values():
                if process.wanted and (process.running is None or process.running.poll() is not None):
                    self._spawn(process)
            await asyncio.sleep(0.2)

    def _spawn(self, process: Process) -> None:
        if process.running is not None and process.running.returncode not in {None, 0, -9, 137, -15}:
            self.log.append(f"{process.name} ended by itself with {process.running.returncode}")
        prefix = process.service.upper()
        ours = {
            f"{prefix}_DATABASE_URL": (
                f"postgresql://postgres@127.0.0.1:{process.postgres.port}/newsroom_{process.service}"
            ),
            "REDIS_URL": f"redis://127.0.0.1:{process.redis.port}/0",
            "NEWSROOM_TOKEN": self.token,
            "PYTHONUNBUFFERED": "1",
            **{f"{prefix}_{name}": value for name, value in self.plot.settings.items()},
        }
        factory = self.plot.factories[process.service]
        command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--host", "127.0.0.1"]
        command += ["--port", str(process.port), "--no-access-log", "--timeout-graceful-shutdown", "8"]
        environment = {**os.environ, **ours, "PYTHONPATH": str(self.plot.root)}
        process.starts += 1
        process.running = servers.spawn(command, log=self.folder / f"{process.name}.log", env=environment)

    async def _strike_process(self, process: Process, fault: Fault) -> None:
        running = process.running
        if running is None or running.poll() is not None:
            return
        if fault.kind == "freeze":
            running.send_signal(signal.SIGSTOP)
            await asyncio.sleep(fault.seconds)
            running.send_signal(signal.SIGCONT)
        else:
            running.send_signal(signal.SIGKILL if fault.kind == "kill" else signal.SIGTERM)

    async def _strike_network(self, proxy: Proxy, fault: Fault) -> None:
        if fault.kind == "cut":
            proxy.cut()
            return
        proxy.turn(Weather(fault.kind))
        await asyncio.sleep(fault.seconds)
        proxy.turn(Weather.CLEAR)
        if fault.kind == "deaf":  # what was swallowed never comes: only a new connection helps
            proxy.cut()

    async def _strike_server(self, fault: Fault) -> None:
        server, _, how = fault.kind.partition("-")
        async with self._busy[server]:
            if how == "flush":
                await self._flush()
                return
            data = self.folder / ("valkey" if server == "redis" else "postgres")
            running = servers.process_on(data)
            if running is None:
                return
            stop = signal.SIGINT if server == "postgres" else signal.SIGTERM
            running.send_signal(stop if how == "restart" else signal.SIGKILL)
            await asyncio.to_thread(running.wait)
            if how == "lost-tail":
                lose_tail(data)
            await asyncio.sleep(fault.seconds)
            await self._up(data.name)

    async def _flush(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._redis_port)
        writer.write(b"FLUSHALL\r\n")
        await reader.readline()
        writer.close()

    async def _up(self, server: str) -> None:
        """Start a server that is down; a PostgreSQL whose postmaster was killed needs its children gone first."""
        data = self.folder / server
        running = servers.process_on(data)
        if running is not None and running.poll() is None:
            return
        deadline = time.monotonic() + 30
        while True:
            try:
                if server == "valkey":
                    await asyncio.to_thread(servers.start_valkey, data, self._redis_port)
                else:
                    await asyncio.to_thread(servers.start_postgres, data)
            except servers.ServerError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.3)
            else:
                return


def lose_tail(data: Path, share: float = 0.2, most: int = 200_000) -> int:
    """Cut the end off Valkey's append-only file, as a machine that lost power would; how many bytes were lost."""
    files = sorted((data / "appendonlydir").glob("*.incr.aof"))
    if not files:
        return 0
    size = files[-1].stat().st_size
    lost = min(int(size * share), most)
    os.truncate(files[-1], size - lost)
    return lost


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
