"""Real processes of a service that can be killed, side by side on one database."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

TOKEN = "nwr_boot_strap"
AUTH = {"authorization": f"Bearer {TOKEN}"}
_ROOT = Path(__file__).parents[3]


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Replica:
    """One process of the service; `start` waits until it answers, `kill` gives it no time at all."""

    database_url: str
    redis_url: str
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None
    service: str = "publishing"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> "Replica":
        """Start it and wait until it is alive. Raises AssertionError after two minutes."""
        env = {
            **os.environ,
            f"{self.service.upper()}_DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "NEWSROOM_TOKEN": TOKEN,
            f"{self.service.upper()}_LOG_LEVEL": "WARNING",
        }
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "uvicorn", "--factory", f"services.{self.service}.app:build"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--log-level", "error"),
            cwd=_ROOT,
            env=env,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with httpx2.AsyncClient() as client:
            for _ in range(1200):
                with suppress(httpx2.TransportError):
                    if (await client.get(f"{self.url}/healthz")).status_code == 200:
                        return self
                await asyncio.sleep(0.1)
        await self.kill()
        raise AssertionError(f"{self.service} did not come up in two minutes")

    async def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()
