"""Where a local Newsroom lives: its folder, its ports, its secrets, and the environment of its processes."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

#: Service → offset from the port base. The order is the order of starting.
SERVICES = {"publishing": 0, "ingest": 1, "enrichment": 2, "moderation": 3}
DEMO_SITE, VALKEY = 4, 9  # offsets of the made-up outlet's web server and of Valkey
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Home:
    """A folder with data, logs and secrets, and the first of the ports. One machine may hold several."""

    folder: Path
    port_base: int

    @classmethod
    def here(cls) -> "Home":
        """What `NEWSROOM_HOME` (default `var` in the checkout) and `NEWSROOM_PORT_BASE` (default 8000) say.

        Raises `ValueError` with a sentence for the operator when the port base makes no sense.
        """
        text = os.environ.get("NEWSROOM_PORT_BASE") or "8000"
        if not text.isdecimal() or not 1024 <= int(text) <= 65000:
            raise ValueError(f"NEWSROOM_PORT_BASE={text} is no port from 1024 to 65000. Try NEWSROOM_PORT_BASE=8100.")
        checkout = ROOT if (ROOT / "pyproject.toml").exists() else Path()
        return cls(Path(os.environ.get("NEWSROOM_HOME") or checkout / "var").resolve(), int(text))

    def port(self, name: str) -> int:
        """The port of a service, of `demo` or of `valkey`."""
        return self.port_base + {**SERVICES, "demo": DEMO_SITE, "valkey": VALKEY}[name]

    def url(self, name: str) -> str:
        """Where a service, or the made-up outlet (`demo`), answers on this machine."""
        return f"http://127.0.0.1:{self.port(name)}"

    @property
    def logs(self) -> Path:
        """One file for each process."""
        return self.folder / "logs"

    def secret(self, name: str) -> str:
        """A secret of this home, made the first time it is asked for; only the owner can read its file."""
        path = self.folder / name
        if not path.exists():
            self.keep(name, secrets.token_urlsafe(32))
        return path.read_text().strip()

    def keep(self, name: str, text: str) -> None:
        """Write a small file that only the owner can read."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_private(self.folder / name, f"{text}\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, also where it stood open before."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.truncate(0)
        file.write(text)


def database_urls(server: str) -> dict[str, str]:
    """Service → the URL of its own database `newsroom_<service>` on this PostgreSQL server.

    A service whose `<SERVICE>_DATABASE_URL` is set keeps that one.
    """
    parts = urlsplit(server)
    own = {name: urlunsplit(parts._replace(path=f"/newsroom_{name}")) for name in SERVICES}
    return {name: os.environ.get(f"{name.upper()}_DATABASE_URL") or url for name, url in own.items()}


def environment(home: Home, databases: dict[str, str], redis_url: str) -> dict[str, str]:
    """The environment of every process of this home: ours, over what the operator set."""
    ours = {f"{name.upper()}_DATABASE_URL": url for name, url in databases.items()}
    allowed = [f"127.0.0.1:{home.port('demo')}", *filter(None, [os.environ.get("NEWSROOM_OUTBOUND_ALLOW")])]
    ours |= {
        "REDIS_URL": redis_url,
        "NEWSROOM_TOKEN": os.environ.get("NEWSROOM_TOKEN") or home.secret("token"),
        "NEWSROOM_HOME": str(home.folder),
        "NEWSROOM_PORT_BASE": str(home.port_base),
        "NEWSROOM_URL": os.environ.get("NEWSROOM_URL") or home.url("publishing"),
        "NEWSROOM_OUTBOUND_ALLOW": ",".join(allowed),  # the made-up outlet lives on this machine
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **ours}
