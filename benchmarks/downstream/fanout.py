"""What an open connection costs, and the most one process writes, beside the plain way to do it.

`python -m benchmarks.downstream fanout|burst`. The plain way is bare.py: a queue and a generator a connection.
"""

import asyncio
import os
import time

import httpx2

from benchmarks.downstream.ground import House, a_publication, cpu, paced, readers, served
from benchmarks.measure import Spread


async def fanout(house: House, clients: int, seconds: float) -> None:
    """Processor time per event and client, ours and the bare loop's, and our memory."""
    await house.tell()
    await asyncio.sleep(3)
    before = cpu(house.process)
    await asyncio.sleep(3)
    idle = (cpu(house.process) - before) / 3
    ours, theirs = await _held(house, clients, seconds), await _bare(clients, seconds)
    print(f"fan-out: {clients} SSE clients × 5 events/s for {seconds:g} s, one process")
    arrived = f"{ours[1]} of {ours[2]} arrived, {ours[3]} faults"
    memory = f"{ours[4] / 2**20:.0f} MiB   (bar: ≤ 600 MiB)"
    print(f"  ours  {ours[0] * 1e6:.1f} µs of CPU an event and client, {arrived}, {memory}")
    print(f"  bare  {theirs[0] * 1e6:.1f} µs, {theirs[1]} arrived   ratio {ours[0] / theirs[0]:.2f}   (bar: ≤ 1.5)")
    share = idle / 5 / clients * 1e6
    print(f"  of ours {share:.1f} µs are what an idle publishing does anyway ({idle * 1000:.0f} ms a second)")


async def _held(house: House, clients: int, seconds: float) -> tuple[float, int, int, int, int]:
    first, number = house.told + 1, int(seconds * 5)

    async def one() -> None:
        await house.tell()

    async with readers(house.address, clients, first, first + number - 1, seconds + 60) as found:
        before = cpu(house.process)
        await paced(seconds, 1 / 5, one)
        memory = house.process.memory_info().rss
    used = cpu(house.process) - before
    return used / max(1, found["events"]), found["events"], clients * number, found["faults"], memory


async def _bare(clients: int, seconds: float) -> tuple[float, int]:
    number = int(seconds * 5)
    event = a_publication(1).model_dump_json().encode()
    async with (
        served("benchmarks.downstream.bare:app", environment=dict(os.environ)) as (address, process),
        httpx2.AsyncClient() as client,
    ):

        async def one() -> None:
            await client.post(f"{address}/tell", content=event)

        async with readers(address, clients, 1, number, seconds + 60) as found:
            before = cpu(process)
            await paced(seconds, 1 / 5, one)
        used = cpu(process) - before
    return used / max(1, found["events"]), found["events"]


async def burst(house: House, clients: int, events: int = 400, rounds: int = 3) -> None:
    """The most one process writes a second: everything is told as fast as it is taken, in turns with the bare loop."""
    ours, theirs, faults = list[float](), list[float](), 0
    for _ in range(rounds):
        rate, wrong = await _burst_held(house, clients, events)
        ours.append(rate)
        theirs.append(await _burst_bare(clients, events))
        faults += wrong
    print(f"burst: {events} events to {clients} clients, median of {rounds} (lowest to highest)")
    print(f"  ours  {Spread.of(ours)} events written a second, {faults} faults")
    print(f"  bare  {Spread.of(theirs)}   ours is {Spread.of(ours).median / Spread.of(theirs).median:.2f} of it")


async def _burst_held(house: House, clients: int, events: int) -> tuple[float, int]:
    first = house.told + 1
    async with readers(house.address, clients, first, first + events - 1, 60) as found:
        began = time.time()
        for _ in range(events // 20):
            await house.tell(20)
    last = max(at for ats in found["arrivals"].values() for at in ats)
    return found["events"] / (last - began), found["faults"]


async def _burst_bare(clients: int, events: int) -> float:
    event = a_publication(1).model_dump_json().encode()
    async with (
        served("benchmarks.downstream.bare:app", environment=dict(os.environ)) as (address, _),
        httpx2.AsyncClient(timeout=60) as client,
        readers(address, clients, 1, events, 60) as found,
    ):
        began = time.time()
        for _ in range(events // 20):
            await client.post(f"{address}/tell?times=20", content=event)
    last = max(at for ats in found["arrivals"].values() for at in ats)
    return float(found["events"] / (last - began))
