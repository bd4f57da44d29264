"""The reckoning: compares what was acknowledged, what the databases hold, what Redis holds and what subscribers saw."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from redis import asyncio as aioredis

from tests.chaos.driver import GroupSink, Ledger, StreamSink
from tests.chaos.house import House

_OUTBOX = """
    SELECT stream, position, event_id::text AS event_id, type, subject, event
    FROM outbox LEFT JOIN positions USING (stream, event_id)
    ORDER BY stream, position
"""


@dataclass
class Report:
    """Counts, which may be anything, and faults, each of which must be zero. `details` names the first offenders."""

    counts: dict[str, float] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    details: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, name: str, offenders: list[Any]) -> None:
        """Count offenders under a fault; it stands in the report even at zero."""
        self.faults[name] = self.faults.get(name, 0) + len(offenders)
        if offenders:
            self.details.setdefault(name, []).extend(str(one) for one in offenders[:5])

    @property
    def clean(self) -> bool:
        """Whether every fault is zero."""
        return not any(self.faults.values())

    def lines(self) -> list[str]:
        """The report as it is printed."""
        told = [f"{name:<44}{value:>12,.10g}" for name, value in self.counts.items()]
        for name, value in self.faults.items():
            told.append(f"{name:<44}{value:>12,}{'   <-- must be 0' if value else ''}")
        return told + [f"    {name}: {offender}" for name, all_ in self.details.items() for offender in all_]


async def drained(house: House, seconds: float = 120.0) -> tuple[float, list[str]]:
    """Wait until nothing is under way anywhere; (seconds it took, what was still under way at the end)."""
    began = time.monotonic()
    calm_since: float | None = None
    left: list[str] = ["not looked yet"]
    while time.monotonic() - began < seconds:
        try:
            left = await _under_way(house)
        except Exception as error:  # noqa: BLE001  # a server that is still coming up: look again
            left = [f"{type(error).__name__}: {error}"]
        if left:
            calm_since = None
        else:
            calm_since = calm_since or time.monotonic()
            if time.monotonic() - calm_since > 1.0:
                return calm_since - began, []
        await asyncio.sleep(0.25)
    return time.monotonic() - began, left


async def _under_way(house: House) -> list[str]:
    left: list[str] = []
    redis = aioredis.from_url(house.redis_url, decode_responses=True)
    try:
        for service in house.plot.factories:
            link = await house.connect(service)
            try:
                waiting = await link.fetchval("SELECT count(*) FROM waiting WHERE due_at <= now()")
                retries = await link.fetchval("SELECT count(*) FROM failed_events WHERE NOT dead")
                heads = await link.fetch("SELECT stream, position FROM streams WHERE position > 0")
            finally:
                await link.close()
            left += [f"{service}: {waiting} transactions whose facts have no position"] if waiting else []
            left += [f"{service}: {retries} messages waiting for another attempt"] if retries else []
            for head in heads:
                left += await _behind(redis, head["stream"], head["position"])
    finally:
        await redis.aclose()
    return left


async def _behind(redis: "aioredis.Redis", stream: str, head: int) -> list[str]:
    if not await redis.exists(stream):
        return [f"{stream}: not in Redis"]
    info = await redis.xinfo_stream(stream)
    top = int(str(info["last-generated-id"]).split("-")[0])
    if top != head:
        return [f"{stream}: Redis ends at {top}, the database at {head}"]
    groups = await redis.xinfo_groups(stream)
    return [
        f"{stream}: group {group['name']} has {group['pending']} pending, last {group['last-delivered-id']} of {top}"
        for group in groups
        if group["pending"] or int(str(group["last-delivered-id"]).split("-")[0]) != top
    ]


async def check_logs(house: House, report: Report) -> dict[str, list[dict[str, Any]]]:
    """Positions without gaps, Redis equal to the databases, no dead letters; the outboxes by stream."""
    streams: dict[str, list[dict[str, Any]]] = {}
    for service in house.plot.factories:
        link = await house.connect(service)
        try:
            for row in await link.fetch(_OUTBOX):
                streams.setdefault(row["stream"], []).append(dict(row))
            dead = await link.fetch("SELECT consumer, type, error FROM failed_events WHERE dead")
        finally:
            await link.close()
        report.fault("dead letters", [f"{row['consumer']} {row['type']}: {row['error'][-300:]}" for row in dead])
    redis = aioredis.from_url(house.redis_url, decode_responses=True)
    try:
        for stream, told in streams.items():
            report.fault("facts without a position", [row["event_id"] for row in told if row["position"] is None])
            rows = streams[stream] = [row for row in told if row["position"] is not None]
            positions = [row["position"] for row in rows]
            expected = list(range(1, len(rows) + 1))
            report.fault("gaps or repeats in positions", [stream] if positions != expected else [])
            entries: Any = await redis.xrange(stream)
            held = {int(key.split("-")[0]): fields["id"] for key, fields in entries}
            wanted = {row["position"]: row["event_id"] for row in rows}
            differing = [p for p in wanted.keys() | held.keys() if wanted.get(p) != held.get(p)]
            report.fault("entries of Redis that differ from the log", [f"{stream} {p}" for p in sorted(differing)])
    finally:
        await redis.aclose()
    return streams


def check_publications(rows: list[dict[str, Any]], ledger: Ledger, report: Report, *, lab: bool) -> None:
    """Every acknowledged article is published, in the lab as acknowledged last; each revision once and in order.

    A publication counts its own revisions: several of a source's may become one. So marks are compared, not numbers.
    The real desk only offers a source's later changes to its editors; `check_versions` looks for those.
    """
    newest: dict[str, int] = {}
    standing: dict[str, str] = {}
    repeated, disordered = [], []
    for row in rows:
        data = json.loads(row["event"])["data"]
        article, revision = data["article_id"], data["revision"]
        if revision == newest.get(article):
            repeated.append((article, revision))
        elif revision < newest.get(article, 0):
            disordered.append((article, revision))
        newest[article] = max(revision, newest.get(article, 0))
        standing[article] = data.get("headline", "")
    last: dict[str, tuple[int, str]] = {}
    for mark, (article, revision) in ledger.acknowledged.items():
        last[article] = max(last.get(article, (0, "")), (revision, mark))
    lost = [
        f"{mark} (revision {revision}) of {article}; published: {standing.get(article, 'nothing')!r}"
        for article, (revision, mark) in last.items()
        if article not in standing or (lab and not standing[article].endswith(f", {mark}"))
    ]
    report.fault("acknowledged articles lost", lost)
    report.fault("revisions published twice", repeated)
    report.fault("revisions out of order", disordered)


async def check_versions(house: House, ledger: Ledger, report: Report) -> None:
    """Every acknowledged revision has reached the desk, once."""
    link = await house.connect("publishing")
    rows = await link.fetch("SELECT article_id::text, revision FROM source_versions")
    await link.close()
    kept = {(row["article_id"], row["revision"]) for row in rows}
    missing = [f"{mark} {place}" for mark, place in ledger.acknowledged.items() if place not in kept]
    report.fault("acknowledged revisions that never reached the desk", missing)


def check_sinks(rows: list[dict[str, Any]], stream: StreamSink, group: GroupSink, report: Report) -> None:
    """Each subscriber saw every position once, in order, and the same event there as the log has."""
    wanted = {row["position"]: row["event_id"] for row in rows}
    report.fault("subscriber: positions missed", sorted(set(wanted) - set(stream.seen)))
    report.fault("subscriber: gaps and steps back", [*stream.gaps, *stream.backwards])
    unlike = [p for sink in (stream, group) for p, event in sink.seen.items() if wanted.get(p) != event]
    report.fault("subscribers: another event at a position", [*unlike, *stream.changed, *group.changed])
    report.fault("consumer group: positions missed", sorted(set(wanted) - set(group.seen)))
    report.counts["handed to the consumer group again"] = group.again


async def check_lab_effects(
    house: House, ledger: Ledger, streams: dict[str, list[dict[str, Any]]], report: Report
) -> None:
    """In the lab: each push taken once, each fact's effect in each consumer exactly once."""
    link = await house.connect("ingest")
    pushes = Counter(row["mark"] for row in await link.fetch("SELECT mark FROM pushes"))
    await link.close()
    report.fault("acknowledged pushes not in the database", [m for m in ledger.acknowledged if not pushes[m]])
    report.fault("pushes taken twice", [mark for mark, times in pushes.items() if times > 1])
    ingested = Counter(_fact(row) for row in streams.get("article.ingested", []))
    enriched = Counter(_fact(row) for row in streams.get("article.enriched", []))
    report.fault("facts that an effect owed and never told", sorted(ingested.keys() - enriched.keys()))
    report.fault("facts told twice", [fact for told in (ingested, enriched) for fact, n in told.items() if n > 1])
    for service, consumer, told in (
        ("enrichment", "enrichment", ingested),
        ("publishing", "publishing", ingested),
        ("publishing", "publishing.enriched", enriched),
    ):
        link = await house.connect(service)
        rows = await link.fetch("SELECT article_id::text, revision FROM effects WHERE consumer = $1", consumer)
        await link.close()
        had = Counter((row["article_id"], row["revision"]) for row in rows)
        report.fault("effects missing", [f"{consumer} {fact}" for fact in told if not had[fact]])
        report.fault("effects doubled", [f"{consumer} {fact} {n} times" for fact, n in had.items() if n > 1])


def _fact(row: dict[str, Any]) -> tuple[str, int]:
    data = json.loads(row["event"])["data"]
    return data["article_id"], data["revision"]
