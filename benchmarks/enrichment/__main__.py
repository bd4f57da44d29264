"""`make bench-enrichment`: every bar with its baselines, then the cost of an article; or one of `quality`, `store`."""

import asyncio
import sys

from benchmarks.enrichment import quality, store

if __name__ == "__main__":
    act, rest = (sys.argv[1:2] or ["all"])[0], sys.argv[2:]
    if act not in {"all", "quality", "store"}:
        sys.exit("usage: python -m benchmarks.enrichment [quality [KIND…] | store [STORED…] [--folder F] [--only ACT]]")
    if act in {"all", "quality"}:
        quality.main(rest)
    if act in {"all", "store"}:
        asyncio.run(store.main(rest))
