"""Throws made-up requests at every door of publishing: no fault of ours, and no answer the OpenAPI does not name.

    python -m benchmarks.fuzz_publishing [--examples 1000] [--minutes 60] [--part 1/8] [--seed 1]

Runs schemathesis against a real process on real servers, with that many examples an operation. `--part 2/8` takes the
second eighth of the operations, so that a long run may be cut. Streams that never end are left out.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

import asyncpg
import httpx2

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
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--seed", type=int, default=1)
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
            return await _fuzz(replica.url, home, given)
        finally:
            await replica.kill()
    finally:
        servers.stop_postgres(home / "pg")
        servers.stop_valkey(home / "valkey")


async def _fuzz(url: str, home: Path, given: argparse.Namespace) -> int:
    names = await _operations(url, given.part)
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json", "--no-color"),
        *("-H", f"Authorization: Bearer {TOKEN}", "-c", _CHECKS, "-n", str(given.examples), "-w", "2"),
        *("--phases", "coverage,fuzzing", "--continue-on-failure", "--max-time", str(int(given.minutes * 60))),
        *("--seed", str(given.seed), "--include-operation-id-regex", f"^({'|'.join(names)})$"),
    ]
    print(f"part {given.part}: {len(names)} operations: {', '.join(names)}", flush=True)
    process = await asyncio.create_subprocess_exec(*command, cwd=home)  # it leaves its cache there
    return await process.wait()


async def _operations(url: str, part: str) -> list[str]:
    """The operations of a part, by name."""
    async with httpx2.AsyncClient() as client:
        paths = (await client.get(f"{url}/openapi.json")).json()["paths"]
    names = [
        operation["operationId"]
        for path, item in paths.items()
        if path not in _ENDLESS
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    number, parts = (int(word) for word in part.split("/"))
    return names[number - 1 :: parts]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
