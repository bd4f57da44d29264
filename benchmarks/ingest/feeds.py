"""How much faster clean feeds are read than feedparser reads them.

Interleaved: each round times every reading of each feed one after the other; the figures are medians over rounds.
Three readings of ours, because a feed comes in three states. *Parsed* is the bare parser. *Asked again* is what most
looks at a source are (it is asked twice between two of its stories): a feed with one new entry. *First seen* is a feed
all new, every entry cleaned, dated and credited, with its evidence, which feedparser does not do.
"""

import random
import time
from datetime import UTC, datetime

import fastfeedparser
import feedparser

from benchmarks.measure import Spread
from services.ingest.domain.items import Hints
from services.ingest.sources.feeds import read_feed
from services.ingest.sources.parts.entries import entries_of, mark_of

_ROUNDS = 15
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SENTENCES = [
    "The harbour board voted to widen the channel, which fishermen had fought for two years.",
    "Dredgers will start in April and work at night, so that the ferries keep their timetable.",
    "A study paid for by the port found that the meadows would recover within five years.",
    "The mayor, who had kept silent for months, said that she would sign the permits.",
    "Opponents pointed to the seagrass off the breakwater, where young bream spend a summer.",
    "The vote was seven to four, and the minutes are to be published at the end of the week.",
]


def a_feed(entries: int, sentences: int, seed: int) -> bytes:
    """A clean RSS 2.0 feed as agencies write them: guid, link, RFC 822 date, author, category, a text."""
    chance = random.Random(seed)
    items = []
    for number in range(entries):
        text = " ".join(chance.choices(_SENTENCES, k=sentences))
        items.append(
            f"<item><title>Story {number}: {text[:60]}</title><link>https://lagoon.example/{seed}/{number}</link>"
            f'<guid isPermaLink="false">{seed}-{number}</guid>'
            f"<pubDate>Tue, 24 Feb 2026 10:{number % 60:02}:00 +0700</pubDate>"
            f"<dc:creator>Jane Doe</dc:creator><category>Harbour</category><description>{text}</description></item>"
        )
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    )
    return (head + "<title>T</title><language>en</language>" + "".join(items) + "</channel></rss>").encode()


def measured(rounds: int = _ROUNDS) -> dict[str, list[float]]:
    """Seconds that feedparser and each of our readings takes, per round."""
    shapes = [(20, 2), (50, 3), (100, 3), (30, 14)]
    feeds = [a_feed(entries, sentences, seed) for seed, (entries, sentences) in enumerate(shapes)]
    new = Hints(url="https://lagoon.example/rss", now=_NOW)
    again = [_known(content, new) for content in feeds]
    found: dict[str, list[float]] = {"feedparser": [], "parsed": [], "asked again": [], "first seen": []}
    for turn in range(rounds + 1):
        spent = [0.0] * 4
        for content, known in zip(feeds, again, strict=True):
            began = time.perf_counter()
            feedparser.parse(content)
            first = time.perf_counter()
            fastfeedparser.parse(content)
            second = time.perf_counter()
            read_feed(content, known)
            third = time.perf_counter()
            read_feed(content, new)
            last = time.perf_counter()
            parts = (first - began, second - first, third - second, last - third)
            spent = [whole + part for whole, part in zip(spent, parts, strict=True)]
        if turn:  # the first round warms caches
            for seconds, part in zip(found.values(), spent, strict=True):
                seconds.append(part)
    return found


def _known(content: bytes, hints: Hints) -> Hints:
    marks = [mark_of(part) for part in entries_of(content).parts(1000)]
    return hints.model_copy(update={"known": frozenset(marks[1:])})


def main() -> None:
    """Print the ratios."""
    found = measured()
    theirs = found.pop("feedparser")
    for name, ours in found.items():
        ratio = Spread.of([one / other for one, other in zip(theirs, ours, strict=True)])
        print(
            f"feeds, {name}: {ratio.median:.1f}× feedparser ({ratio.low:.1f} to {ratio.high:.1f});"
            f" at best {min(theirs) / min(ours):.1f}×, {min(ours) / 4 * 1000:.2f} ms a feed  [bar 40]"
        )


if __name__ == "__main__":
    main()
