"""A new reader in a process of its own: pulls the log from 0, page by page, when it is told to.

Usage: python -m benchmarks.downstream.puller ADDRESS UPTO
Orders are lines on its stdin, each answered by one JSON line, `{"events": …, "seconds": …}`: `once ACCEPT` has the log
one time; `go ACCEPT` has it again and again until `stop`.
"""

import asyncio
import json
import sys
import time

import httpx2


async def main(address: str, upto: int) -> None:
    """Say that all is ready and obey until stdin is closed."""
    _say("ready")
    async with httpx2.AsyncClient(timeout=60) as client:
        while order := (await _order()).split():
            stop = asyncio.create_task(_order()) if order[0] == "go" else None
            events, began = 0, time.monotonic()
            while True:
                events += await _pull(client, address, order[1], upto, stop)
                if stop is None or stop.done():
                    break
            _say(json.dumps({"events": events, "seconds": time.monotonic() - began}))


async def _pull(
    client: httpx2.AsyncClient, address: str, accept: str, upto: int, stop: "asyncio.Task[str] | None"
) -> int:
    """The whole log, or as much of it as comes before `stop`; how many events that were."""
    after = 0
    while after < upto and (stop is None or not stop.done()):
        url = f"{address}/v1/events?after={after}&limit=1000&wait=0"
        answer = await client.get(url, headers={"accept": accept})
        answer.raise_for_status()
        after = int(answer.headers["newsroom-next"])
    return after


async def _order() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
