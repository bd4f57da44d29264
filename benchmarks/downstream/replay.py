"""A new reader takes the whole log by pull: how fast, and what everybody else feels of it.

`python -m benchmarks.downstream replay`. First alone, as fast as it goes; then 500 SSE clients, a reader of the stream
and a webhook are timed at 20 publications a second, in turns of some seconds without and beside one reader that pulls
from 0 again and again. All of them stay connected for the whole time, the pulling reader in a process of its own: what
differs between two turns is only whether it pulls. A turn's first half second counts for neither.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

import psutil  # type: ignore[import-untyped]  # it ships no types

from benchmarks.downstream.ground import House, cpu
from benchmarks.downstream.latency import KINDS, Latencies, measured, receiving, subscribe, unsubscribe
from benchmarks.measure import Spread, percentile

NDJSON, JSON = "application/x-ndjson", "application/json"
_SETTLES = 0.5  # seconds at the beginning of a turn
_RESAMPLED = 1000


@dataclass
class Puller:
    """The process that pulls, on command."""

    child: asyncio.subprocess.Process

    async def order(self, *words: str) -> None:
        """Tell it what to do."""
        assert self.child.stdin is not None
        self.child.stdin.write((" ".join(words) + "\n").encode())
        await self.child.stdin.drain()

    async def rate(self) -> float:
        """Events a second of what was ordered, once it is done."""
        assert self.child.stdout is not None
        found = json.loads(await self.child.stdout.readline())
        return float(found["events"] / found["seconds"])


@asynccontextmanager
async def pulling(house: House) -> AsyncIterator[Puller]:
    """A reader of the log as it is now."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.downstream.puller", house.address, str(house.told)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    yield Puller(child)
    child.stdin.close()
    await child.wait()


@dataclass
class Turn:
    """Some seconds in which the reader pulled or did not; `busy` is publishing, `idle` the machine, in % of a core."""

    pulled: bool
    began: float
    ended: float
    busy: float
    idle: float
    rate: float = 0.0


async def in_turns(house: House, puller: Puller, seconds: float, rounds: int) -> list[Turn]:
    """From the next publication on: a turn without, a turn beside, and so on."""
    first, turns = house.told, list[Turn]()
    while house.told == first:  # noqa: ASYNC110  # told by another task
        await asyncio.sleep(0.05)
    for _ in range(rounds):
        for pulled in (False, True):
            if pulled:
                await puller.order("go", NDJSON)
            await asyncio.sleep(_SETTLES)
            began, before, idle = time.time(), cpu(house.process), psutil.cpu_times().idle
            await asyncio.sleep(seconds)
            shares = (
                (after - then) / seconds
                for after, then in ((cpu(house.process), before), (psutil.cpu_times().idle, idle))
            )
            turn = Turn(pulled, began, time.time(), *(100 * share for share in shares))
            if pulled:
                await puller.order("stop")
                turn.rate = await puller.rate()
            turns.append(turn)
    return turns


async def replay(house: House, number: int, clients: int, seconds: float, rounds: int = 10) -> None:
    """Fill the log, pull it alone, then beside everybody else."""
    while house.told < number:
        await house.tell(500)
    await house.settle()
    async with pulling(house) as puller, receiving() as receiver:
        for kind, accept in (("NDJSON", NDJSON), ("JSON", JSON)):
            await puller.order("once", accept)
            print(f"replay by pull alone ({kind}): {await puller.rate():,.0f} events/s over {house.told}")
        key = await subscribe(house, f"http://127.0.0.1:{receiver.port}/")
        await measured(house, receiver, clients, 2)  # connections and caches are warm
        whole = 2 * rounds * (seconds + _SETTLES) + 2  # a turn ends with the page that is under way
        seen, turns = await asyncio.gather(
            measured(house, receiver, clients, whole), in_turns(house, puller, seconds, rounds)
        )
        await unsubscribe(house, key)
    _report(seen, turns, clients)


def _report(seen: Latencies, turns: Sequence[Turn], clients: int) -> None:
    without, beside = [t for t in turns if not t.pulled], [t for t in turns if t.pulled]
    rates = Spread.of([turn.rate for turn in beside])
    print(f"the same beside {clients} SSE clients, stream and webhook at 20/s: {rates} events/s   (bar: ≥ 5,000/s)")
    for name, some in (("alone", without), ("beside it", beside)):
        busy, idle = Spread.of([turn.busy for turn in some]), Spread.of([turn.idle for turn in some])
        print(f"  {name}: publishing busy for {busy} % of a core, the machine idle for {idle} %")
    print(f"commit → arrival in ms, {len(without)} turns each   (bar: p99 ≤ +20 %)")
    for kind in KINDS:
        alone = [seen.between(kind, turn.began, turn.ended) for turn in without]
        theirs = [seen.between(kind, turn.began, turn.ended) for turn in beside]
        for name, share in (("p99", 0.99), ("p50", 0.5)):
            before, after = _pooled(alone, share), _pooled(theirs, share)
            grown = f"{_grown(alone, theirs, share):+.0f} %, {_resampled(alone, theirs, share)}"
            print(
                f"  {kind:<8}{name} of {sum(map(len, alone)):>6,} alone {before:5.1f} (turns {_turns(alone, share)}), "
                f"of {sum(map(len, theirs)):>6,} beside {after:5.1f} (turns {_turns(theirs, share)}): {grown}"
            )


def _pooled(turns: Sequence[Sequence[float]], share: float) -> float:
    return 1000 * percentile([one for turn in turns for one in turn], share)


def _turns(turns: Sequence[Sequence[float]], share: float) -> str:
    each = [1000 * percentile(turn, share) for turn in turns]
    return f"{median(each):.1f}, {min(each):.1f} to {max(each):.1f}"


def _grown(alone: Sequence[Sequence[float]], beside: Sequence[Sequence[float]], share: float) -> float:
    return 100 * (_pooled(beside, share) / _pooled(alone, share) - 1)


def _resampled(alone: Sequence[Sequence[float]], beside: Sequence[Sequence[float]], share: float) -> str:
    """How far the growth depends on which rounds one happened to see: 90 % of draws of as many rounds."""
    thinned = [[sorted(turn)[:: max(1, len(turn) // 2000)] for turn in some] for some in (alone, beside)]
    luck, rounds, seen = random.Random(1), range(min(len(alone), len(beside))), list[float]()
    for _ in range(_RESAMPLED):
        drawn = luck.choices(rounds, k=len(rounds))
        seen.append(_grown([thinned[0][n] for n in drawn], [thinned[1][n] for n in drawn], share))
    return f"{percentile(seen, 0.05):+.0f} to {percentile(seen, 0.95):+.0f} for other draws of rounds"
