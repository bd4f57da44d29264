"""Throws made-up requests at every door of publishing: no fault of ours, and no answer the OpenAPI does not name.

    python -m benchmarks.fuzz_publishing [--examples 1000] [--minutes 30]

Runs schemathesis against a real process on real servers. Streams that never end are left out.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

import asyncpg

from ops import servers
from shared.runtime.migrate import upgrade
from tests.publishing.desk.replicas import TOKEN, Replica

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
_ENDLESS = ("/v1/desk/events", "/v1/events")


async def main() -> int:
    """Start a house, fuzz it, answer schemathesis' exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="newsroom-fuzz-"))
    url, redis_url = servers.start_postgres(home / "pg", durable=False), servers.start_valkey(home / "valkey")
    try:
        link = await asyncpg.connect(user="postgres", database="postgres", host=url.partition("host=")[2])
        await link.execute("CREATE DATABASE fuzz")
        await link.close()
        own = url.replace("/postgres?", "/fuzz?")
        await asyncio.to_thread(upgrade, "publishing", own)
        replica = await Replica(own, redis_url).start()
        try:
            return await _fuzz(replica.url, home, given.examples, given.minutes)
        finally:
            await replica.kill()
    finally:
        servers.stop_postgres(home / "pg")
        servers.stop_valkey(home / "valkey")


async def _fuzz(url: str, home: Path, examples: int, minutes: float) -> int:
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json", "--no-color"),
        *("-H", f"Authorization: Bearer {TOKEN}", "-c", _CHECKS, "-n", str(examples), "-w", "2"),
        *("--phases", "coverage,fuzzing", "--continue-on-failure", "--max-time", str(int(minutes * 60))),
    ]
    for path in _ENDLESS:
        command += ["--exclude-path", path]
    process = await asyncio.create_subprocess_exec(*command, cwd=home)  # it leaves its cache there
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
