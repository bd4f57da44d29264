"""Writing down what a look at a source brought: its items, its documents, the log line, and when to look again."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.ingest.domain.items import Complaint, FeedNotes, Item, SourceRef, Unreadable
from services.ingest.domain.rhythm import SHORTEST, backoff, bounded, interval_of, next_check
from services.ingest.storage import Source, articles, sources
from services.ingest.use_cases.archiving import Packed, keep
from services.ingest.use_cases.fetching import Failed, Fetched
from services.ingest.use_cases.taking import Taken, take_items
from shared.runtime import Transaction, new_id, utc_now

#: What will be the same at the next look: the summary is taken for the story, and conditional requests go on.
PERMANENT = {
    "not_found", "gone", "robots", "forbidden", "no_article", "not_html", "unreadable", "too_complex", "too_slow",
    "too_large", "no_text", "empty_entry", "too_many",
}  # fmt: skip

_BESIDE_A_HUB = timedelta(hours=1)  # between two looks at a source whose hub tells us what is new


@dataclass(slots=True)
class Look:
    """What one look at a source brought.

    `deferred` says that entries were left for the next one, `slow` that the others must not wait for this source again.
    """

    started: float
    fetched: Fetched | None = None
    notes: FeedNotes = field(default_factory=FeedNotes)
    items: list[Item] = field(default_factory=list)
    entries: list[str | None] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    documents: list[Packed] = field(default_factory=list)
    pages_size: int = 0
    deferred: bool = False
    slow: bool = False
    robots: str | None = None
    failure: Unreadable | None = None
    skipped: int = 0

    @property
    def unchanged(self) -> bool:
        return self.fetched is not None and self.fetched.unchanged

    @property
    def outcome(self) -> str:
        if self.failure:
            return "failed"
        return "not_modified" if self.unchanged else "partly" if self.complaints else "ok"


@dataclass(frozen=True, slots=True)
class Report:
    """What a look came to, for the door that asked for it."""

    outcome: str
    found: int
    taken: list[Taken]
    cause: str | None
    detail: str | None
    next_at: datetime | None


async def settle(tx: Transaction, source: Source, look: Look) -> Report:
    """Write a look down, whether it went well or not."""
    now = utc_now()
    kept = [await keep(tx, source.id, document, now) for document in look.documents]
    payload = kept[0] if kept else None
    found = await take_items(tx, ref(source), look.items, now=now, payload_id=payload, entries=look.entries)
    taken = [t for t in found if t]
    changes = await _schedule(tx, source, look, taken, now)
    await sources.change(tx.session, source.id, changes)
    failure = look.failure
    cause = failure.cause if failure else look.complaints[0].cause if look.complaints else None
    detail = str(failure) if failure else "; ".join(c.detail for c in look.complaints[:3]) or None
    await sources.log_fetch(
        tx.session,
        {
            "id": new_id(),
            "source_id": source.id,
            "source_name": source.name,
            "kind": source.kind,
            "url": source.url,
            "outcome": look.outcome,
            "status": _status(look),
            "cause": cause,
            "detail": detail,
            "found": len(look.items) + look.skipped,
            "new": sum(t.outcome == "new" for t in taken),
            "revised": sum(t.outcome == "revised" for t in taken),
            "failed": len(look.complaints),
            "size": len(look.fetched.content) if look.fetched else 0,
            "seconds": round(time.monotonic() - look.started, 3),
            "payload_id": payload,
            "at": now,
        },
    )
    return Report(look.outcome, len(look.items) + look.skipped, taken, cause, detail, changes.get("next_at"))


def ref(source: Source, trust: str | None = None) -> SourceRef:
    """The source as items know it."""
    return SourceRef(
        id=str(source.id),
        name=source.name,
        trust="publish" if (trust or source.trust) == "publish" else "review",
        outlet=source.outlet,
        language=source.language,
        section=source.section,
    )


async def _schedule(
    tx: Transaction, source: Source, look: Look, taken: Sequence[Taken], now: datetime
) -> dict[str, Any]:
    lane = "slow" if look.failure or look.slow else "quick"
    changes: dict[str, Any] = {"leased_until": None, "last_checked_at": now, "lane": lane}
    if look.robots:
        changes["robots"] = look.robots
    if look.failure is not None:
        return changes | _after_failure(source, look.failure, now)
    changes |= {"failures": 0, "last_cause": None, "last_error": None, "last_ok_at": now}
    interval = timedelta(seconds=source.interval_seconds)
    if any(t.outcome in ("new", "revised") for t in taken):
        interval = bounded(interval_of(await articles.latest_story_dates(tx.session, source.id)))
        changes |= {"last_story_at": now, "interval_seconds": int(interval.total_seconds())}
    if not look.unchanged:
        changes |= {"ttl_minutes": look.notes.ttl_minutes, "skip_hours": look.notes.skip_hours}
    wait = timedelta(seconds=(look.fetched.wait if look.fetched else None) or 0)
    if source.hub_state == "subscribed" and source.hub_until and source.hub_until > now:
        wait = max(wait, _BESIDE_A_HUB)
    changes["next_at"] = next_check(
        now,
        SHORTEST if look.deferred else interval,
        asked=wait or None,
        ttl_minutes=changes.get("ttl_minutes", source.ttl_minutes),
        skip_hours=changes.get("skip_hours", source.skip_hours),
    )
    if look.fetched is not None and not look.unchanged:
        changes |= await _what_it_says(tx, source, look, look.fetched)
    return changes


def _after_failure(source: Source, failure: Unreadable, now: datetime) -> dict[str, Any]:
    wait = backoff(source.failures, timedelta(seconds=source.interval_seconds), random.random())
    retry = failure.wait if isinstance(failure, Failed) else None
    changes: dict[str, Any] = {
        "failures": source.failures + 1,
        "last_cause": failure.cause,
        "last_error": str(failure),
        "next_at": now + max(wait, timedelta(seconds=retry or 0)),
    }
    if failure.cause == "gone":
        changes["status"] = "stopped"
    if failure.cause == "robots":
        changes["robots"] = str(failure)
    return changes


async def _what_it_says(tx: Transaction, source: Source, look: Look, fetched: Fetched) -> dict[str, Any]:
    """What a document and its server say about the next request: validators, a hub, another address."""
    whole = not look.deferred and all(c.cause in PERMANENT for c in look.complaints)
    changes: dict[str, Any] = {
        "etag": fetched.etag if whole else None,
        "last_modified": fetched.last_modified if whole else None,
    }
    if look.notes.hub and look.notes.hub != source.hub:
        topic = look.notes.self_url or source.url
        changes |= {"hub": look.notes.hub, "topic": topic, "hub_until": None, "hub_renew_at": None, "hub_state": None}
    if fetched.moved_to and await sources.at_address(tx.session, fetched.moved_to) is None:
        changes |= {"url": fetched.moved_to, "moved_from": source.url}
    return changes


def _status(look: Look) -> int | None:
    if isinstance(look.failure, Failed):
        return look.failure.status
    return look.fetched.status if look.fetched else None
