"""From the stream of comments to the stream of verdicts: at a steady rate, and in a flood."""

import asyncio
import json
import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

import redis.asyncio as redis
from sqlalchemy import text

from benchmarks.measure import percentile
from benchmarks.moderation.house import House, a_house
from benchmarks.moderation.report import Report
from benchmarks.moderation.texts import a_fact, fields_of, long_comment


async def stream(report: Report) -> None:
    """At 200 a second, 377 characters each, one moderation process."""
    chance, rate, seconds = random.Random(4), 200, int(os.environ.get("BENCH_STREAM_SECONDS", "20"))
    async with a_house() as house, redis.Redis.from_url(house.redis_url) as link:
        await house.start("moderation")
        warm = [(long_comment(chance), f"warm-{n}") for n in range(2 * rate)]
        said = [(long_comment(chance), f"author-{n}") for n in range(seconds * rate)]
        sent: dict[str, float] = {}
        took: list[float] = []
        told = asyncio.create_task(_listen(link, sent, took, len(said)))
        await _send(link, warm, rate, {})
        await asyncio.sleep(1)
        busy, own = _busy(), house.seconds("moderation")
        await _send(link, said, rate, sent)
        await asyncio.wait_for(told, 60)
        busy, own = (_busy() - busy) / seconds, (house.seconds("moderation") - own) / seconds
    p99 = percentile(took, 0.99) * 1e3
    others = f"median {statistics.median(took) * 1e3:.0f}, worst {max(took) * 1e3:.0f}, {len(took):,} comments"
    figure = f"{p99:.0f} ms ({others}; the service used {own:.2f} cores, the whole machine {busy:.2f})"
    report.say("through the stream at 200/s, p99 ≤ 50 ms", figure, p99 <= 50)


def _busy() -> float:
    """Processor seconds the whole machine has spent, whoever spent them."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


async def flood(report: Report) -> None:
    """2,000 a second for 30 s from 50 authors, while others write now and then."""
    seconds, rate = int(os.environ.get("BENCH_FLOOD_SECONDS", "30")), 2000
    async with a_house() as house, redis.Redis.from_url(house.redis_url) as link:
        await house.start("moderation")
        sent: dict[str, float] = {}
        took: list[float] = []
        others = seconds * 2
        told = asyncio.create_task(_listen(link, sent, took, others))
        held: list[float] = []
        began = time.perf_counter()
        for second in range(seconds):
            await _a_second_of_flood(link, second, rate, sent)
            held.append(house.memory("moderation"))
            await asyncio.sleep(max(0.0, began + second + 1 - time.perf_counter()))
        offered = seconds * rate / (time.perf_counter() - began)
        await asyncio.wait_for(told, 300)
        last = time.perf_counter() - began
        verdicts, undecided = await _verdicts(house, seconds * rate)
    figure = f"worst {max(took):.1f} s of {len(took)}, p50 {statistics.median(took):.2f} s; offered {offered:,.0f}/s"
    report.say("flood by 50 authors: others decided within 5 s", figure, max(took) <= 5 and offered >= rate * 0.95)
    shown = verdicts.get("approve", 0)
    limit = 50 * 6 * (1 + seconds // 60 + 1)
    report.say(
        "  limits hold: each flooder's first 6 a minute at most are shown",
        f"{verdicts}, {undecided} undecided {last - seconds:.1f} s after the flood",
        shown <= limit and undecided == 0,
    )
    third = len(held) // 3
    grown = max(held[-third:]) - max(held[:third]) if third else 0.0
    report.say("  memory flat", f"{max(held):.0f} MB at most, last third {grown:+.0f} MB on the first", grown <= 64)


async def _a_second_of_flood(link: Any, second: int, rate: int, sent: dict[str, float]) -> None:
    chance = random.Random(second)
    for part in range(20):
        pipe = link.pipeline(transaction=False)
        for n in range(rate // 20):
            number = part * (rate // 20) + n
            fact = a_fact(f"{long_comment(chance, 120)} {second} {number}", f"flooder-{number % 50}")
            pipe.xadd("comment.submitted", fields_of(fact))
        await pipe.execute()
        if part in {5, 15}:
            await _send(link, [(long_comment(chance, 200), f"calm-{second}-{part}")], 1000, sent)


async def _verdicts(house: House, flooded: int) -> tuple[dict[str, int], int]:
    """How the flooders' comments stand once all are there, and how many never got a verdict."""
    database = house.database()
    query = text(
        "SELECT coalesce(verdict, 'undecided'), count(*) FROM comments WHERE author_id LIKE 'flooder%' GROUP BY 1"
    )
    deadline = time.monotonic() + 240
    counts: dict[str, int] = {}
    while time.monotonic() < deadline:
        async with database.reading() as session:
            counts = dict((await session.execute(query)).all())
        if sum(counts.values()) - counts.get("undecided", 0) >= flooded:
            break
        await asyncio.sleep(0.5)
    await database.close()
    return counts, flooded - sum(counts.values()) + counts.get("undecided", 0)


async def _send(link: Any, comments: list[tuple[str, str]], rate: float, sent: dict[str, float]) -> None:
    began = time.perf_counter()
    for n, (said, author) in enumerate(comments):
        wait = began + n / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        fact = a_fact(said, author)
        fields = fields_of(fact)
        sent[str(fact.comment_id)] = time.perf_counter()
        await link.xadd("comment.submitted", fields)


async def _listen(link: Any, sent: dict[str, float], took: list[float], count: int) -> None:
    last = "0"
    while len(took) < count:
        for _, entries in await link.xread({"comment.moderated": last}, block=1000, count=500):
            now = time.perf_counter()
            for entry, fields in entries:
                last = entry
                began = sent.get(json.loads(fields[b"event"])["data"]["comment_id"])
                if began is not None:
                    took.append(now - began)
