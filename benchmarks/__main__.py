"""`python -m benchmarks [rounds] [lines…]`: what the README claims about speed, in one table.

Every line is measured in every round, one after the other, so that what the machine does besides falls on all alike;
shown are medians with the lowest and the highest. Growth and memory come last, for they fill the databases.
"""

import asyncio
import os
import sys
from contextlib import nullcontext

from benchmarks.measure import keep, machine, percentile
from benchmarks.pipeline.__main__ import CONTENDERS, READING
from benchmarks.pipeline.alone import consumer_alone, relay_alone
from benchmarks.pipeline.ground import Contender, Ground
from benchmarks.pipeline.growth import SIZES, growth, memory
from benchmarks.pipeline.latency import latency
from benchmarks.pipeline.scale import facts_per_second
from benchmarks.table import Table

ALL = ("pipeline", "alone", "latency", "scale", "reading", "growth", "memory")


async def main(rounds: int, lines: set[str]) -> None:
    """Measure, print the table as it grows, keep it as JSON."""
    about, ground, table = machine(), Ground(), Table()
    try:
        await ground.start()
        for number in range(rounds):
            await one_round(ground, table, lines)
            say(f"round {number + 1} of {rounds}, load {os.getloadavg()[0]:.1f}\n{table}\n")
        if "growth" in lines:
            for size, rates in (await growth(ground, rounds)).items():
                table.add(f"growth: {size:,} stored", *rates)
        if "memory" in lines:
            for service, held in (await memory(ground)).items():
                for when, mib in zip(("idle", "after 10,000", "after 100,000"), held, strict=True):
                    table.add(f"memory MiB: {service}, {when}", mib)
    finally:
        await ground.stop()
    name = "bench" if lines == set(ALL) else "-".join(["bench", *(line for line in ALL if line in lines)])
    say(f"{table}\n\n{judged(table)}\nkept in {keep(name, table.as_json(), about)}")


async def one_round(ground: Ground, table: Table, lines: set[str]) -> None:
    """Each line once."""
    if "pipeline" in lines:
        for contender in filter(_installed, CONTENDERS):
            rate, cost = await ground.run(contender)
            table.add(contender.name, rate)
            table.add(f"{contender.name}: own processor ms", cost)
    if "alone" in lines:
        for name, measure in (("relay alone", relay_alone), ("consumer alone", consumer_alone)):
            rate, cost = await measure(ground, nullcontext())
            table.add(f"{name}, facts/s", rate)
            table.add(f"{name}: own processor us", cost)
    if "latency" in lines:
        one = await latency(ground, seconds=6, finding=2)
        table.add("latency ms, p50", 1000 * percentile(one.took, 0.5))
        table.add("latency ms, p99", 1000 * percentile(one.took, 0.99))
        table.add("bare hop ms, p50", 1000 * percentile(one.hops, 0.5))
        table.add("latency: pushes/s", one.top / 2)
    if "scale" in lines:
        for number in (1, 2, 4):
            table.add(f"consumers of 10 ms: {number}, facts/s", await facts_per_second(ground, number))
    if "reading" in lines:
        await ground.prepare_reading()
        rate, cost = await ground.run(READING, warm=20)
        table.add(READING.name, rate)
        table.add(f"{READING.name}: own processor ms", cost)


def _installed(contender: Contender) -> bool:
    return contender.installed


def judged(table: Table) -> str:
    """Each bar with what was found."""
    ours, per = "newsroom", "newsroom, one message per transaction"
    least = [
        ("≥ 10 × celery", table.ratio(ours, "celery"), 10),
        ("≥ 6 × taskiq", table.ratio(ours, "taskiq (Redis streams)"), 6),
        ("≥ 6 × dramatiq", table.ratio(ours, "dramatiq"), 6),
        ("≥ 10 × one message per transaction", table.ratio(ours, per), 10),
        ("≥ 0.60 of the limit by hand", table.ratio(ours, "by hand: redis-py + asyncpg, same batches"), 0.6),
        ("≥ 0.9 of linear, 2 consumers", table.ratio(*_of(2), times=2), 0.9),
        ("≥ 0.9 of linear, 4 consumers", table.ratio(*_of(4), times=4), 0.9),
    ]
    most = [
        ("p99 ≤ 250 ms", table.median("latency ms, p99"), 250),
        ("1,000,000 stored cost ≤ 1.3 × 1,000", table.ratio(*_stored()), 1.3),
    ]
    found = [(name, value, value >= bar) for name, value, bar in least]
    found += [(name, value, value <= bar) for name, value, bar in most]
    return "\n".join(f"{'met' if met else 'MISSED':<8}{name:<42}{value:>8.2f}" for name, value, met in found if value)


def _of(number: int) -> tuple[str, str]:
    return f"consumers of 10 ms: {number}, facts/s", "consumers of 10 ms: 1, facts/s"


def _stored() -> tuple[str, str]:
    """The other way about: articles a second beside few, over those beside many, is the cost beside many."""
    return f"growth: {SIZES[0]:,} stored", f"growth: {SIZES[-1]:,} stored"


def say(text: str) -> None:
    """At once, so that a long run can be followed."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    words = sys.argv[1:]
    rounds = int(words.pop(0)) if words and words[0].isdigit() else 5
    asyncio.run(main(rounds, set(words) or set(ALL)))
