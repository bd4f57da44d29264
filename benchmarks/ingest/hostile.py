"""What hostile documents do to ingest: crashes, memory of a reader process, and what other sources lose meanwhile."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.ingest.corpus import documents
from benchmarks.ingest.feeds import a_feed
from services.ingest.domain.items import Hints, Unreadable
from services.ingest.sources.parsers import Parsers

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SECONDS, _MEMORY_MIB = 10.0, 300


async def read_all() -> tuple[Counter[str], float, float]:
    """Every document through one reader: outcomes by cause, the largest resident size in MiB, the longest seconds."""
    outcomes: Counter[str] = Counter()
    largest, longest = 0.0, 0.0
    async with Parsers(1, _SECONDS, _MEMORY_MIB) as parsers:
        for _name, content in documents():
            began = time.perf_counter()
            try:
                await parsers.read("auto", content, Hints(now=_NOW, url="https://hostile.example/x"))
                outcomes["read"] += 1
            except Unreadable as error:
                outcomes[error.cause] += 1
            longest = max(longest, time.perf_counter() - began)
            largest = max([largest, *(_peak(child.process.pid) for child in parsers.children)])
    return outcomes, largest, longest


async def lost_throughput(seconds: float = 8.0) -> float:
    """The share of good feeds per second that is lost while 30 % of the documents in between are hostile (0..1).

    Time spent on the hostile ones is theirs: what is compared is how many good documents a pool of two readers gets
    through while as many hostile ones are handed to it as make 30 % of all, with the same number of good ones asked
    for.
    """
    alone = await _good_per_second(seconds, hostile=False)
    beside = await _good_per_second(seconds, hostile=True)
    return max(0.0, 1 - beside / alone)


async def _good_per_second(seconds: float, *, hostile: bool) -> float:
    good = [a_feed(50, 40, seed) for seed in range(7)]
    bad = [content for _, content in documents() if len(content) < 2_000_000]
    done = 0
    async with Parsers(2, 2.0, _MEMORY_MIB) as parsers:
        for content in good[:2]:
            await parsers.read("feed", content, Hints(now=_NOW))
        deadline = time.perf_counter() + seconds
        turn = 0
        while time.perf_counter() < deadline:
            jobs = [parsers.read("feed", content, Hints(now=_NOW)) for content in good]
            extra = (
                [parsers.read("auto", bad[(turn * 3 + i) % len(bad)], Hints(now=_NOW)) for i in range(3)]
                if hostile
                else []
            )
            results = await asyncio.gather(*jobs, *extra, return_exceptions=True)
            done += sum(not isinstance(r, BaseException) for r in results[: len(good)])
            turn += 1
    return done / seconds


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Print the figures."""
    outcomes, largest, longest = asyncio.run(read_all())
    print(f"hostile: {sum(outcomes.values())} documents, outcomes {dict(outcomes)}")
    print(f"hostile: reader's peak {largest:.0f} MiB, longest {longest:.1f} s, 0 exceptions but the declared one")


if __name__ == "__main__":
    main()
