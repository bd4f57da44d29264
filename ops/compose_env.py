"""Writes `.env` for Docker Compose with random secrets, once: an existing file only gains what it lacks."""

import secrets
from pathlib import Path

from ops.home import SERVICES, write_private

PATH = Path(".env")
NAMES = [
    "NEWSROOM_TOKEN",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    *(f"{service.upper()}_{kind}_PASSWORD" for service in SERVICES for kind in ("DATABASE", "REDIS")),
]


def complete(text: str) -> str:
    """The file's text with every secret it lacks added; what stands there stays."""
    present = {line.split("=", 1)[0].strip() for line in text.splitlines() if "=" in line}
    missing = [f"{name}={secrets.token_urlsafe(24)}" for name in NAMES if name not in present]
    head = text or "# Secrets of this installation. Keep this file; without it the data cannot be read.\n"
    return head + ("" if head.endswith("\n") else "\n") + "".join(f"{line}\n" for line in missing)


def main() -> None:
    """Write the file, readable by its owner only, if anything is missing."""
    before = PATH.read_text() if PATH.exists() else ""
    after = complete(before)
    if after == before:
        return
    write_private(PATH, after)
    print(f"{PATH.resolve()} holds the secrets now; keep it.")


if __name__ == "__main__":
    main()
