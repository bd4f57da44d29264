"""What moderation claims, measured again: `python -m benchmarks.moderation [part …]`, `table` to only print what was.

Those on public data look for it in `NEWSROOM_DATA` (default: `../shared/data` beside the checkout). The parts from
`rebuild` on start their own servers in a temporary folder. It ends with every bar as last measured.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks.moderation.database import rebuild, replaying
from benchmarks.moderation.faults import down, storm
from benchmarks.moderation.quality import leak, learning, splits, words
from benchmarks.moderation.report import Report, table
from benchmarks.moderation.speed import speed
from benchmarks.moderation.stream import flood, stream

PARTS: dict[str, Callable[[Report], Awaitable[None] | None]] = {
    "learning": learning,
    "splits": splits,
    "words": words,
    "leak": leak,
    "speed": speed,
    "stream": stream,
    "rebuild": rebuild,
    "replay": replaying,
    "down": down,
    "storm": storm,
    "flood": flood,
}


async def _awaited(waiting: Awaitable[None]) -> None:
    await waiting


def main() -> None:
    """Run the named parts, or all; then print every bar."""
    chosen = sys.argv[1:] or list(PARTS)
    unknown = [name for name in chosen if name not in {*PARTS, "table"}]
    if unknown:
        raise SystemExit(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}, and `table`")
    for name in chosen:
        if name == "table":
            continue
        print(f"\n{name}")
        report = Report(name)
        done = PARTS[name](report)
        if done is not None:
            asyncio.run(_awaited(done))
        report.keep()
    print(table(list(PARTS)))


if __name__ == "__main__":
    main()
