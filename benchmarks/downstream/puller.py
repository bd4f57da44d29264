"""A new reader in a process of its own: pulls the log from 0, page by page; at its end one JSON line.

Usage: python -m benchmarks.downstream.puller ADDRESS ACCEPT UPTO TIMES
Begins at a first line on its stdin, and ends when it has had the log so many times or its stdin is closed.
"""

import asyncio
import contextlib
import json
import sys
import time

import httpx2


async def main(address: str, accept: str, upto: int, times: int) -> None:
    """Say that all is ready, pull until told to stop, write how many events in how many seconds."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    events, began = 0, time.monotonic()
    async with httpx2.AsyncClient(timeout=60, headers={"accept": accept}) as client:
        for _ in range(times):
            after = 0
            while after < upto and not over.done():
                answer = await client.get(f"{address}/v1/events?after={after}&limit=1000&wait=0")
                answer.raise_for_status()
                reached = int(answer.headers["newsroom-next"])
                events, after = events + reached - after, reached
    sys.stdout.write(json.dumps({"events": events, "seconds": time.monotonic() - began}) + "\n")
    sys.stdout.flush()
    with contextlib.suppress(asyncio.CancelledError):
        await over


if __name__ == "__main__":
    where, kind, *rest = sys.argv[1:]
    asyncio.run(main(where, kind, int(rest[0]), int(rest[1])))
