"""A house to measure in and to break: real servers, the services as processes, killed and started at will."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ops import servers
from services.moderation.settings import Settings
from shared.runtime import Database
from shared.runtime.migrate import upgrade


class House:
    """PostgreSQL for each service, one Valkey, and processes by name (`moderation`, `moderation-2`, `publishing`)."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.token = secrets.token_urlsafe(16)
        self.redis_url = servers.start_valkey(folder / "vk")
        self.urls: dict[str, str] = {}
        self.ports: dict[str, int] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._more = environment

    async def make_database(self, service: str, *, durable: bool = True) -> None:
        """A PostgreSQL of the service's own, with its database, migrated."""
        url = servers.start_postgres(self.folder / f"pg-{service}", durable=durable)
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as link:
            await link.execute(text(f"CREATE DATABASE {service}"))
        await engine.dispose()
        self.urls[service] = url.replace("/postgres?", f"/{service}?")
        await asyncio.to_thread(upgrade, service, self.urls[service])

    def stop_database(self, service: str) -> None:
        """Take a service's PostgreSQL away."""
        servers.stop_postgres(self.folder / f"pg-{service}")

    def start_database(self, service: str) -> None:
        """Bring it back, with what it kept."""
        servers.start_postgres(self.folder / f"pg-{service}")

    async def start(self, name: str) -> None:
        """Start a process of a service (`moderation-2` is a second one) and wait until it is ready."""
        service = name.partition("-")[0]
        port = self.ports.setdefault(name, _free_port())
        ours = {f"{each.upper()}_DATABASE_URL": url for each, url in self.urls.items()}
        address = f"http://127.0.0.1:{self.ports.get('publishing', port)}"
        ours |= {"REDIS_URL": self.redis_url, "NEWSROOM_TOKEN": self.token, "NEWSROOM_URL": address}
        command = ["-m", "uvicorn", "--factory", f"services.{service}.app:build", "--host", "127.0.0.1"]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = servers.spawn(
                [sys.executable, *command, "--port", str(port), "--no-access-log"],
                log=Path(log.name),
                env={**os.environ, **ours, **self._more},
            )
        await self._until_ready(name)

    async def _until_ready(self, name: str) -> None:
        deadline = time.monotonic() + 60
        async with self.client(name) as client:
            while time.monotonic() < deadline:
                try:
                    if (await client.get("/readyz")).is_success:
                        return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.1)
        raise RuntimeError(f"{name} does not get ready: {(self.folder / f'{name}.log').read_text()[-2000:]}")

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """End a process; by default without a word of warning."""
        process = self._running.pop(name)
        process.send_signal(how)
        process.wait(15)

    def client(self, name: str) -> httpx2.AsyncClient:
        """Ask a process as somebody who may do anything."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.ports[name]}", headers=headers, timeout=10)

    def database(self) -> Database:
        """Moderation's database, opened from here."""
        return Database(Settings(database_url=self.urls["moderation"], redis_url=self.redis_url), "moderation")

    def memory(self, name: str) -> float:
        """What a process holds in memory now, in MB."""
        with Path(f"/proc/{self._running[name].pid}/statm").open() as told:
            return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def seconds(self, name: str) -> float:
        """The processor seconds a process has used."""
        told = Path(f"/proc/{self._running[name].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Stop everything that was started here."""
        for name in list(self._running):
            self.kill(name, signal.SIGTERM)
        servers.stop_valkey(self.folder / "vk")
        for service in self.urls:
            self.stop_database(service)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def a_house(
    services: Sequence[str] = ("moderation",), durable: bool = True, environment: dict[str, str] | None = None
) -> AsyncIterator[House]:
    """A house in a temporary folder, its databases made."""
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - PostgreSQL, another user here, has to reach its own folder inside
        house = House(Path(folder), environment or {})
        try:
            for service in services:
                await house.make_database(service, durable=durable)
            yield house
        finally:
            house.close()
