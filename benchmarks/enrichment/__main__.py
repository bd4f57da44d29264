"""`make bench-enrichment`: every bar with its baselines, then the cost of an article; or one of `quality`, `store`.

Exit status: 0 where every bar that was measured is met, 1 where one is missed (the last lines name it), 2 where the
command is not understood. What is skipped, for want of data or of a peer's package, is named and counts as neither.
"""

import asyncio
import sys

from benchmarks.enrichment import quality, store
from benchmarks.enrichment.bars import status

if __name__ == "__main__":
    act, rest = (sys.argv[1:2] or ["all"])[0], sys.argv[2:]
    if act not in {"all", "quality", "store"} or (act == "quality" and not set(rest) <= quality.KINDS.keys()):
        print("usage: python -m benchmarks.enrichment [quality [KIND…] | store [STORED…] [--folder F] [--only ACT]]")
        print(f"kinds: {', '.join(quality.KINDS)}")
        sys.exit(2)
    told = quality.main(rest) if act in {"all", "quality"} else []
    told += asyncio.run(store.main(rest)) if act in {"all", "store"} else []
    sys.exit(status(told))
