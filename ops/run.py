"""`make run`: PostgreSQL, Valkey, the made-up outlet and the four services on this machine, until Ctrl-C."""

import contextlib
import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from types import FrameType

from ops import servers
from ops.home import SERVICES, Home, database_urls, environment
from ops.ports import holder, is_free
from ops.supervisor import Child, Supervisor
from ops.web import Unreachable, ask

_STOPPING = 12.0  # seconds the services may take to finish their batches
_READY = 90.0


class CannotRun(Exception):
    """Why Newsroom cannot start here, and a way out, in words for the operator."""


class Stop(BaseException):
    """Ctrl-C or SIGTERM arrived."""


def say(sentence: str) -> None:
    """One line for the operator, at once."""
    print(sentence, flush=True)


@contextlib.contextmanager
def alone_in(home: Home) -> Iterator[None]:
    """Hold this home: a lock the system gives back even after kill -9, so a stale file never stands in the way."""
    home.folder.mkdir(parents=True, exist_ok=True)
    with (home.folder / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CannotRun(
                f"Newsroom already runs in {home.folder} (process {file.read().strip() or 'unknown'}).\n"
                "Stop it with Ctrl-C in its terminal, or run a second one beside it:\n"
                "    NEWSROOM_HOME=var2 NEWSROOM_PORT_BASE=8100 make run"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def check_ports(home: Home) -> None:
    """Raise `CannotRun` when another program has one of our ports."""
    names = [*SERVICES, "demo", *([] if os.environ.get("REDIS_URL") else ["valkey"])]
    taken = [name for name in names if not is_free(home.port(name))]
    if taken:
        lines = [f"Port {home.port(name)} ({name}) is in use by {holder(home.port(name))}." for name in taken]
        way_out = f"Stop it, or move Newsroom: NEWSROOM_PORT_BASE={home.port_base + 100} make run"
        raise CannotRun("\n".join([*lines, way_out]))


@contextlib.contextmanager
def data_servers(home: Home) -> Iterator[tuple[str, str]]:
    """PostgreSQL and Valkey of this home, or those the environment names; answers their URLs."""
    postgres, valkey = home.folder / "postgres", home.folder / "valkey"
    try:
        database = os.environ.get("DATABASE_URL") or servers.start_postgres(postgres)
        redis = os.environ.get("REDIS_URL") or servers.start_valkey(
            valkey, home.port("valkey"), password=home.secret("valkey-password")
        )
        yield database, redis
    finally:
        servers.stop_valkey(valkey)
        servers.stop_postgres(postgres)


def children(home: Home, env: dict[str, str]) -> list[Child]:
    """The made-up outlet and the services, as commands."""
    home.logs.mkdir(exist_ok=True)
    python = sys.executable
    outlet = Child("demo", [python, "-m", "ops.demo_site", str(home.port("demo"))], env, home.logs / "demo.log")
    found = [name for name in SERVICES if importlib.util.find_spec(f"services.{name}.app")]
    return [outlet, *(Child(name, _uvicorn(home, name), env, home.logs / f"{name}.log") for name in found)]


def _uvicorn(home: Home, name: str) -> list[str]:
    factory = f"services.{name}.app:build"
    options = [
        "--host",
        "127.0.0.1",
        "--port",
        str(home.port(name)),
        "--no-access-log",
        "--timeout-graceful-shutdown",
        "8",
    ]
    return [sys.executable, "-m", "uvicorn", "--factory", factory, *options]


def wait_ready(home: Home, supervisor: Supervisor) -> None:
    """Wait until every service says it is ready; after a while say which is not, and go on watching."""
    names = [child.name for child in supervisor.children if child.name in SERVICES]
    deadline = time.monotonic() + _READY
    while names and time.monotonic() < deadline:
        supervisor.look()
        names = [name for name in names if not _is_ready(home.url(name))]
        time.sleep(0.1)
    for name in names:
        say(f"{name} is not ready after {_READY:.0f} s. Why: {home.url(name)}/readyz and {home.logs / name}.log")


def _is_ready(url: str) -> bool:
    try:
        return ask("GET", f"{url}/readyz", timeout=2).status == 200
    except Unreachable:
        return False


def show(home: Home) -> None:
    """Where to look, one line each."""
    site = home.url("publishing")
    for what, where in {
        "Site": f"{site}/",
        "Desk": f"{site}/desk",
        "Queue": f"{home.url('moderation')}/desk   sign in with the token in {home.folder / 'token'}",
        "APIs": "  ".join(f"{home.url(name)}/docs" for name in SERVICES),
        "Events": f"{site}/v1/events   on Redis: .venv/bin/newsroom consumers add NAME",
        "Logs": f"{home.logs}/",
        "Status": ".venv/bin/newsroom status",
    }.items():
        say(f"  {what:<8}{where}")


def run(home: Home) -> None:
    """Start all, watch all, stop all. Returns after Ctrl-C or SIGTERM."""
    check_ports(home)
    with data_servers(home) as (database, redis):
        env = environment(home, database_urls(database), redis)
        migration = {**env, "DATABASE_URL": database}
        if subprocess.run([sys.executable, "-m", "ops.databases"], env=migration, check=False).returncode:
            raise CannotRun("The databases could not be brought up to date; the lines above say why.")
        home.keep("run.json", json.dumps({"port_base": home.port_base, "redis_url": redis}))
        supervisor = Supervisor(children(home, env), say)
        try:
            supervisor.start()
            wait_ready(home, supervisor)
            show(home)
            welcome = servers.spawn([sys.executable, "-m", "ops.welcome"], env=env)
            while True:
                supervisor.look()
                welcome.poll()
                time.sleep(0.2)
        finally:
            say("Stopping …")
            supervisor.stop(_STOPPING)


def main() -> None:
    """Run until told to stop; every reason not to start is one plain sentence."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # stopping is under way; it ends within seconds by itself
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stop

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        home = Home.here()
        with alone_in(home):
            run(home)
    except Stop:
        say("Stopped. Everything is kept in the home folder; `make run` goes on from there.")
    except (CannotRun, ValueError, servers.ServerError) as error:
        raise SystemExit(f"Newsroom cannot start.\n{error}") from error


if __name__ == "__main__":
    main()
