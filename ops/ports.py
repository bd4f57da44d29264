"""Is a port free, and if not, who has it?"""

import contextlib
import socket
from pathlib import Path


def is_free(port: int) -> bool:
    """Whether we could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who listens on a port, as words for a person: `process 4242 (python -m http.server)`. Linux only; else vague."""
    for inode in _listening(port):
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            with contextlib.suppress(OSError):
                if str(link.readlink()) == f"socket:[{inode}]":
                    words = (link.parents[1] / "cmdline").read_bytes().decode(errors="replace").split("\0")
                    return f"process {link.parts[2]} ({' '.join(words).strip()[:80]})"
    return "another program"


def _listening(port: int) -> list[str]:
    """Inodes of the sockets that listen on this port (state 0A of /proc/net/tcp, columns as in proc(5))."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
            found += [row[9] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")]
    return found
