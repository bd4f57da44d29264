"""What the outlets cost and how fast they are, beside the plainest way to do the same.

`python -m benchmarks.downstream [latency] [isolation] [replay] [fanout] [burst] [--clients N] [--seconds S]`: real
PostgreSQL, Valkey and a publishing service as a process of its own; this process tells publications in transactions.
Completeness under kills and cuts is a run of its own: `python -m benchmarks.downstream.completeness`.
"""

import argparse
import asyncio
import os
import resource
import tempfile
from pathlib import Path

from benchmarks.downstream.fanout import burst, fanout
from benchmarks.downstream.ground import a_house
from benchmarks.downstream.isolation import isolation
from benchmarks.downstream.latency import latency, revoked
from benchmarks.downstream.replay import replay


async def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    kinds = ["latency", "isolation", "replay", "fanout", "burst"]
    asked.add_argument("what", nargs="*", help=f"all where missing: {', '.join(kinds)}")
    asked.add_argument("--clients", type=int)
    asked.add_argument("--seconds", type=float)
    asked.add_argument("--number", type=int, default=100_000, help="events in the replay")
    given = asked.parse_args()
    what = given.what or kinds
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 65536), limit))
    print(f"load before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240  # PostgreSQL runs as another user
        async with a_house(Path(folder)) as house:
            if "latency" in what:
                await latency(house, given.clients or 500, given.seconds or 20)
                await revoked(house)
            if "isolation" in what:
                await isolation(house, given.seconds or 10)
            if "replay" in what:
                await replay(house, given.number, given.clients or 500, given.seconds or 5.5)
            if "fanout" in what:
                await fanout(house, given.clients or 2000, given.seconds or 60)
            if "burst" in what:
                await burst(house, given.clients or 1000)


if __name__ == "__main__":
    asyncio.run(main())
