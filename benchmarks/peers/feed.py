"""Ingest's stage for the peers: `python -m benchmarks.peers.feed celery`; a task for each fact."""

import asyncio
import importlib
import sys

from benchmarks.peers import rows
from benchmarks.pipeline import stages


def main(peer: str) -> None:
    """Take in what the harness says, for ever."""
    tasks = importlib.import_module(f"benchmarks.peers.{peer}_tasks")
    if peer == "taskiq":
        asyncio.run(tasks.feed())
    send = ("delay", "send")[peer == "dramatiq"]
    enrich, keep = getattr(tasks.enrich, send), getattr(tasks.keep, send)
    while True:
        numbers = rows.wait_for_go()
        for start in numbers[:: stages.FEED]:
            some = stages.articles(start, min(stages.FEED, numbers.stop - start))
            rows.ingest(some)
            for one in some:
                enrich(str(one.id), one.headline, one.body)
                keep(str(one.id), one.headline, one.body)


if __name__ == "__main__":
    main(sys.argv[1])
