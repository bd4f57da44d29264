"""How much faster clean feeds are read than feedparser reads them, feed by feed.

Interleaved: each round times every reading of each feed one after the other, each long enough to be measured and as
warm as in a process that reads feed upon feed; a feed's figure is the median of its ratios over rounds. Four readings,
because a feed comes in several states. *Parsed* is the bare parser, which is what feedparser's own work compares with
and what bounds every other. *Nothing new* and *one new* are looks at a source that was read before: it is asked twice
between two of its stories. *First seen* is a feed all new, every entry cleaned, dated, credited and given its
evidence, which feedparser does not do.
"""

import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import fastfeedparser
import feedparser

from benchmarks.ingest.feed_shapes import shapes
from benchmarks.measure import Spread
from services.ingest.domain.items import Hints
from services.ingest.sources.feeds import read_feed
from services.ingest.sources.parts.entries import entries_of, mark_of
from services.ingest.sources.parts.xml import plain_xml

_ROUNDS = 7
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_TIMES = {"feedparser": 1, "parsed": 30, "nothing new": 30, "one new": 20, "first seen": 2}


def measured(rounds: int = _ROUNDS) -> dict[str, dict[str, Spread]]:
    """By feed: feedparser's milliseconds, and how many times faster each of our readings is."""
    return {name: _one_feed(content, rounds) for name, content in shapes().items()}


def _one_feed(content: bytes, rounds: int) -> dict[str, Spread]:
    new = Hints(url="https://lagoon.example/rss", now=_NOW)
    marks = [mark_of(part) for part in entries_of(plain_xml(content, None, "")).parts(1000)]
    none, one = (new.model_copy(update={"known": frozenset(known)}) for known in (marks, marks[1:]))
    readings: dict[str, Callable[[], object]] = {
        "feedparser": lambda: feedparser.parse(content),
        "parsed": lambda: fastfeedparser.parse(content),
        "nothing new": lambda: read_feed(content, none),
        "one new": lambda: read_feed(content, one),
        "first seen": lambda: read_feed(content, new),
    }
    spent: dict[str, list[float]] = {name: [] for name in readings}
    for turn in range(rounds + 1):
        for name, reading in readings.items():
            seconds = _timed(reading, _TIMES[name])
            if turn:  # the first round warms caches
                spent[name].append(seconds)
    theirs = spent.pop("feedparser")
    ratios = {
        name: Spread.of([their / our for their, our in zip(theirs, ours, strict=True)]) for name, ours in spent.items()
    }
    return {"feedparser": Spread.of([seconds * 1000 for seconds in theirs])} | ratios


def _timed(reading: Callable[[], object], times: int) -> float:
    gc.collect()
    began = time.perf_counter()
    for _ in range(times):
        reading()
    return (time.perf_counter() - began) / times


def main() -> None:
    """Print the ratios."""
    found = measured()
    print(f"feeds: {'':16} feedparser   parsed   nothing new   one new   first seen")
    for name, one in found.items():
        theirs, *ours = (spread.median for spread in one.values())
        print(f"feeds: {name:16} {theirs:7.1f} ms " + "".join(f"{ratio:9.1f}×" for ratio in ours))
    for reading in list(_TIMES)[1:]:
        medians = [one[reading].median for one in found.values()]
        print(
            f"feeds, {reading}: {statistics.median(medians):.1f}× feedparser (by feed {min(medians):.1f} to"
            f" {max(medians):.1f}; {sum(ratio >= 40 for ratio in medians)} of {len(medians)} feeds reach it)  [bar 40]"
        )


if __name__ == "__main__":
    main()
