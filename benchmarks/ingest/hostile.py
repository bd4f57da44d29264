"""What hostile documents do to a reader process: outcomes, memory, the longest time one took."""

import asyncio
import resource
import time
from collections import Counter
from datetime import UTC, datetime

from benchmarks.ingest.corpus import documents
from services.ingest.domain.items import Hints, Unreadable
from services.ingest.sources.parsers import Parsers

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SECONDS, _MEMORY_MIB = 10.0, 256  # as the service has them by default


async def read_all() -> tuple[Counter[str], float, float]:
    """Every document through one reader: outcomes by cause, the largest resident size in MiB, the longest seconds.

    The size is of every reader there was: those that were killed or replaced as well.
    """
    outcomes: Counter[str] = Counter()
    longest = 0.0
    async with Parsers(1, _SECONDS, _MEMORY_MIB) as parsers:
        for _name, content in documents():
            began = time.perf_counter()
            try:
                await parsers.read("auto", content, Hints(now=_NOW, url="https://hostile.example/x"))
                outcomes["read"] += 1
            except Unreadable as error:
                outcomes[error.cause] += 1
            longest = max(longest, time.perf_counter() - began)
    return outcomes, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, longest


def main() -> None:
    """Print the figures."""
    outcomes, largest, longest = asyncio.run(read_all())
    print(f"hostile: {sum(outcomes.values())} documents, outcomes {dict(outcomes)}")
    print(f"hostile: reader's peak {largest:.0f} MiB  [bar 300], longest {longest:.1f} s, 0 crashes of the service")


if __name__ == "__main__":
    main()
