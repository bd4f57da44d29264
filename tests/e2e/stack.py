"""The whole stack as `make run` starts it, on ports and in a home of its own, with what a test asks of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import redis

from ops.home import SERVICES, Home
from ops.web import Answer, Unreachable, ask

T = TypeVar("T")
_OWN = ("REDIS_URL", "DATABASE_URL", "NEWSROOM_TOKEN", "NEWSROOM_URL", "NEWSROOM_DEMO")


def wait_for(true: Callable[[], T | None], seconds: float = 60, what: str = "it") -> T:
    """The first truthy answer. Fails, naming `what`, after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = true()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.05)


def free_base() -> int:
    """A port base whose ten ports are free now."""
    for base in range(18000 + os.getpid() % 500 * 20, 60000, 20):
        probes = [socket.socket() for _ in range(10)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        else:
            return base
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no ten free ports in a row")


class Stack:
    """One run of `python -m ops.run`."""

    def __init__(self, folder: Path, port_base: int, **environment: str) -> None:
        self.home = Home(folder, port_base)
        kept = {name: value for name, value in os.environ.items() if name not in _OWN and "DATABASE_URL" not in name}
        kept |= {"INGEST_READ_SECONDS": "60", "INGEST_QUICK_SECONDS": "60"}  # a busy machine makes no document slow
        self.environment = {**kept, "NEWSROOM_HOME": str(folder), "NEWSROOM_PORT_BASE": str(port_base), **environment}
        self.said = folder.with_suffix(".said")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Stack":
        """Start, and wait until every service is ready."""
        with self.said.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops.run"], stdout=out, stderr=subprocess.STDOUT, env=self.environment
            )
        wait_for(self._is_up, 120, "the stack's start")
        return self

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said.read_text()
        return "Site " in self.said.read_text()

    def processes(self) -> set[int]:
        """The pids of everything that runs for this home, the supervisor included."""
        mark = f"NEWSROOM_HOME={self.home.folder}".encode()
        folder = str(self.home.folder).encode()
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                told = mark in (entry / "environ").read_bytes().split(b"\0")
                named = folder in (entry / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if state != "Z" and (told or named) and int(entry.name) != os.getpid():
                found.add(int(entry.name))
        return found

    def pid_of(self, service: str) -> int:
        """The pid of a service's process."""
        for pid in self.processes():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if f"services.{service}.app:build".encode() in words:
                return pid
        raise AssertionError(f"{service} does not run")

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 25) -> float:
        """End it as Ctrl-C does; answers the seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(seconds)
        return time.monotonic() - began

    def ask(self, service: str, method: str, path: str, body: object = None, **more: Any) -> Answer:
        """Ask a service as the operator (or with `token=None` as a reader)."""
        more.setdefault("token", self.home.secret("token"))
        return ask(method, self.home.url(service) + path, body, **more)

    def get(self, service: str, path: str, **more: Any) -> Any:
        """The JSON of a GET, which must succeed."""
        answer = self.ask(service, "GET", path, **more)
        assert answer.ok, f"{path}: {answer.status} {answer.trouble}"
        return answer.json()

    def publications(self) -> list[dict[str, Any]]:
        """The whole public log, as a consumer pulls it."""
        events: list[dict[str, Any]] = []
        position = 0
        while True:
            page = self.get("publishing", f"/v1/events?after={position}&limit=500&wait=0", token=None)
            events += page["items"]
            if not page["items"]:
                return events
            position = int(page["next"])

    def publication(self, **wanted: object) -> dict[str, Any] | None:
        """The newest publication whose data holds all of these."""
        found = [event for event in self.publications() if wanted.items() <= event["data"].items()]
        return found[-1] if found else None

    def stream(self) -> list[tuple[str, dict[str, Any]]]:
        """The Redis stream `publications`, as any client reads it."""
        url: str = json.loads((self.home.folder / "run.json").read_text())["redis_url"]
        with self.client(url) as link:
            entries: Any = link.xrange("publications")
            return [(identity, json.loads(fields["event"])) for identity, fields in entries]

    def client(self, url: str) -> Any:
        """A client of the stack's Redis, be it one server or a cluster."""
        spread = self.environment.get("REDIS_URL", "").startswith("redis-cluster:")
        node = url.replace("redis-cluster:", "redis:").partition(",")[0]
        return (redis.RedisCluster if spread else redis.Redis).from_url(node, decode_responses=True)

    def ready(self) -> bool:
        """Whether every service says so."""
        try:
            return all(self.ask(name, "GET", "/readyz").ok for name in SERVICES)
        except Unreachable:
            return False
