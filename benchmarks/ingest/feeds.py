"""How much faster a clean feed is read than feedparser reads it, and what our own part of the reading costs.

Interleaved: each round times the three readings of each feed one after the other; the figures are medians over rounds.
"""

import random
import time
from datetime import UTC, datetime

import fastfeedparser
import feedparser

from benchmarks.measure import Spread
from services.ingest.domain.items import Hints
from services.ingest.sources.feeds import read_feed

_ROUNDS = 9
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_WORDS = [
    "harbour",
    "board",
    "channel",
    "ferry",
    "vote",
    "mayor",
    "permit",
    "dredger",
    "study",
    "port",
    "meadow",
    "plan",
]


def a_feed(entries: int, words: int, seed: int) -> bytes:
    """A clean RSS 2.0 feed as agencies write them: guid, link, RFC 822 date, author, categories, a summary."""
    chance = random.Random(seed)
    items = []
    for number in range(entries):
        text = " ".join(chance.choices(_WORDS, k=words))
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


def main() -> None:
    """Print the ratios."""
    feeds = [
        a_feed(entries, words, seed) for seed, (entries, words) in enumerate([(20, 30), (50, 40), (100, 40), (30, 200)])
    ]
    hints = Hints(url="https://lagoon.example/rss", now=_NOW)
    parser_ratio, whole_ratio, each = [], [], []
    for turn in range(_ROUNDS + 1):
        spent = [0.0, 0.0, 0.0]
        for content in feeds:
            for index, read in enumerate((feedparser.parse, fastfeedparser.parse, lambda c: read_feed(c, hints))):
                began = time.perf_counter()
                read(content)
                spent[index] += time.perf_counter() - began
        if turn:  # the first round warms caches
            parser_ratio.append(spent[0] / spent[1])
            whole_ratio.append(spent[0] / spent[2])
            each.append(spent[2] / len(feeds) * 1000)
    parser, whole, cost = Spread.of(parser_ratio), Spread.of(whole_ratio), Spread.of(each)
    print(f"feeds: parser {parser.median:.0f}× feedparser ({parser.low:.0f} to {parser.high:.0f}); ", end="")
    print(
        f"read whole, cleaned, dated, with evidence {whole.median:.1f}× ({whole.low:.1f} to {whole.high:.1f}), ", end=""
    )
    print(f"{cost.median:.1f} ms a feed")


if __name__ == "__main__":
    main()
