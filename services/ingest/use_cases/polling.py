"""Looking at a source: fetch, read, follow summaries to their pages, take in, write down, choose the next time."""

import asyncio
import hashlib
import random
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from services.ingest.domain.identity import keys_of
from services.ingest.domain.items import Complaint, FeedNotes, Harvest, Hints, Item, SourceRef, Unreadable
from services.ingest.domain.rhythm import backoff, bounded, interval_of, next_check
from services.ingest.settings import Settings
from services.ingest.sources.parsers import Parsers
from services.ingest.sources.reading import Form
from services.ingest.storage import Source, articles, sources
from services.ingest.use_cases.fetching import Failed, Fetched, Fetcher
from services.ingest.use_cases.taking import Taken, take_items
from shared.runtime import Database, Transaction, new_id, utc_now

log = structlog.get_logger()
_MOST_MARKS = 2500
_FURTHER_PAGES = 3  # of a JSON Feed, or sitemaps of an index, followed in one look
_ACCEPT_FEED = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
_PERMANENT = {
    "not_found",
    "gone",
    "robots",
    "forbidden",
    "no_article",
    "not_html",
    "unreadable",
    "too_complex",
    "too_slow",
    "too_large",
}


@dataclass(slots=True)
class Look:
    """What one look at a source brought."""

    started: float
    fetched: Fetched | None = None
    unchanged: bool = False
    notes: FeedNotes = field(default_factory=FeedNotes)
    items: list[Item] = field(default_factory=list)
    entries: list[str | None] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    pages: list[tuple[Fetched, Item | None]] = field(default_factory=list)
    robots: str | None = None
    failure: Unreadable | None = None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a look came to, for the door that asked for it."""

    outcome: str
    found: int
    taken: list[Taken]
    cause: str | None
    detail: str | None
    next_at: datetime | None


class Desk:
    """Reads sources: the network and the readers on one side, the database on the other."""

    def __init__(self, settings: Settings, database: Database, fetcher: Fetcher, parsers: Parsers) -> None:
        self.settings, self.database, self.fetcher, self.parsers = settings, database, fetcher, parsers

    async def look(self, source: Source) -> Report:
        """Look at a source once, whatever its schedule says, and write down what came of it.

        Never raises for its faults.
        """
        look = Look(time.monotonic())
        try:
            await self._read(source, look)
        except Unreadable as error:
            look.failure = error
        async with self.database.transaction() as tx:
            return await self._settle(tx, source, look)

    async def _read(self, source: Source, look: Look) -> None:
        if source.url is None:
            raise Failed("no_address", f"{source.name} has no address to look at.", again=False)
        look.robots = await self.fetcher.allowed(source.url)
        accept = _ACCEPT_PAGE if source.kind == "page" else _ACCEPT_FEED
        look.fetched = await self.fetcher.fetch(
            source.url, etag=source.etag, last_modified=source.last_modified, accept=accept
        )
        if look.fetched is None:
            look.unchanged = True
            return
        form: Form = {"page": "page", "sitemap": "sitemap"}.get(source.kind, "feed")  # type: ignore[assignment]  # a Form each
        hints = hints_for(source, look.fetched)
        if form == "feed":
            async with self.database.reading() as session:
                marks = await articles.entry_marks(session, source.id, _MOST_MARKS)
            hints = hints.model_copy(update={"known": marks})
        harvest = await self.parsers.read(form, look.fetched.content, hints)
        look.skipped = harvest.notes.known
        look.notes, look.complaints = harvest.notes, list(harvest.complaints)
        items = list(harvest.items) + await self._further(source, harvest, form, look)
        await self._follow(source, items, look)

    async def _further(self, source: Source, first: Harvest, form: Form, look: Look) -> list[Item]:
        """The next pages of a feed, and the sitemaps of an index; what fails there is a complaint, not a failure."""
        found: list[Item] = []
        waiting = [*first.notes.children[:_FURTHER_PAGES], *([first.notes.next_url] if first.notes.next_url else [])]
        seen = {source.url}
        while waiting and len(seen) <= _FURTHER_PAGES:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            try:
                await self.fetcher.allowed(url)
                if (fetched := await self.fetcher.fetch(url, accept=_ACCEPT_FEED)) is None:
                    continue
                harvest = await self.parsers.read(form, fetched.content, hints_for(source, fetched))
            except Unreadable as error:
                look.complaints.append(Complaint(cause=error.cause, detail=str(error), entry=url))
                continue
            found += harvest.items
            waiting += [harvest.notes.next_url] if harvest.notes.next_url else []
        return found

    async def _follow(self, source: Source, items: list[Item], look: Look) -> None:
        """Leave out entries that were followed before and did not change; read the pages of the others that
        summarise.
        """
        hashes = [entry_hash(item) for item in items]
        async with self.database.reading() as session:
            known = await articles.entry_hashes(session, source.id, (key for item in items for key in keys_of(item)))
        work: list[tuple[Item, str]] = []
        for item, mark in zip(items, hashes, strict=True):
            if any(known.get(key) == mark for key in keys_of(item)):
                look.skipped += 1
            else:
                work.append((item, mark))
        wanted = [i for i, (item, _) in enumerate(work) if item.partial and source.full_text != "feed"]
        followed = set(wanted[: self.settings.pages_per_poll])
        read = await asyncio.gather(*(self._page(source, work[i][0], look) for i in sorted(followed)))
        pages = dict(zip(sorted(followed), read, strict=True))
        for index, (item, mark) in enumerate(work):
            whole = pages.get(index, item if index not in wanted else None)
            if whole is not None and (whole.body_text or whole.withdrawn):
                look.items.append(whole)
                look.entries.append(mark)
            elif whole is not None:
                look.complaints.append(
                    Complaint(cause="no_text", detail=f"{item.headline!r} has no text.", entry=item.url)
                )

    async def _page(self, source: Source, entry: Item, look: Look) -> Item | None:
        """The story an entry leads to; the entry itself where the page gives none for good; None where it may later."""
        url = entry.canonical_url or entry.url
        if url is None:
            return entry
        try:
            await self.fetcher.allowed(url)
            if (fetched := await self.fetcher.fetch(url, accept=_ACCEPT_PAGE)) is None:
                return None
            hints = hints_for(source, fetched).model_copy(update={"entry": entry})
            item = (await self.parsers.read("page", fetched.content, hints)).items[0]
        except Unreadable as error:
            look.complaints.append(Complaint(cause=error.cause, detail=str(error), entry=url))
            note = {"body": f"feed summary; its page could not be read ({error.cause})"}
            return entry.model_copy(update={"evidence": entry.evidence | note}) if error.cause in _PERMANENT else None
        look.pages.append((fetched, entry))
        return joined(entry, item)

    async def _settle(self, tx: Transaction, source: Source, look: Look) -> Report:
        now = utc_now()
        payload = await self._archive(tx, source, look, now)
        taken = [
            t
            for t in await take_items(tx, ref(source), look.items, now=now, payload_id=payload, entries=look.entries)
            if t
        ]
        changes = await self._schedule(tx, source, look, taken, now)
        await sources.change(tx.session, source.id, changes)
        failure = look.failure
        outcome = "failed" if failure else "not_modified" if look.unchanged else "partly" if look.complaints else "ok"
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
                "outcome": outcome,
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
        return Report(outcome, len(look.items) + look.skipped, taken, cause, detail, changes.get("next_at"))

    async def _archive(self, tx: Transaction, source: Source, look: Look, now: datetime) -> UUID | None:
        if look.fetched is None:
            return None
        form = "page" if source.kind == "page" else source.kind
        payload = await keep(tx, source.id, look.fetched, form, now)
        for fetched, entry in look.pages:
            await keep(tx, source.id, fetched, "page", now, entry)
        return payload

    async def _schedule(
        self, tx: Transaction, source: Source, look: Look, taken: Sequence[Taken], now: datetime
    ) -> dict[str, Any]:
        failure = look.failure
        changes: dict[str, Any] = {"leased_until": None, "last_checked_at": now}
        if look.robots:
            changes["robots"] = look.robots
        interval = timedelta(seconds=source.interval_seconds)
        if failure is not None:
            failures = source.failures + 1
            wait = backoff(failures - 1, interval, random.random())
            retry = failure.wait if isinstance(failure, Failed) else None
            changes |= {
                "failures": failures,
                "last_cause": failure.cause,
                "last_error": str(failure),
                "next_at": now + max(wait, timedelta(seconds=retry or 0)),
            }
            if failure.cause == "gone":
                changes["status"] = "stopped"
            if failure.cause == "robots":
                changes["robots"] = str(failure)
            return changes
        changes |= {"failures": 0, "last_cause": None, "last_error": None, "last_ok_at": now}
        if any(t.outcome in ("new", "revised") for t in taken):
            interval = bounded(interval_of(await articles.latest_story_dates(tx.session, source.id)))
            changes |= {"last_story_at": now, "interval_seconds": int(interval.total_seconds())}
        fetched, notes = look.fetched, look.notes
        asked = timedelta(seconds=fetched.wait) if fetched and fetched.wait else None
        changes["next_at"] = next_check(
            now, interval, asked=asked, ttl_minutes=notes.ttl_minutes, skip_hours=notes.skip_hours
        )
        if fetched is not None:
            whole = not any(c.cause not in _PERMANENT for c in look.complaints)
            changes |= {
                "etag": fetched.etag if whole else None,
                "last_modified": fetched.last_modified if whole else None,
            }
            if notes.hub and notes.hub != source.hub:
                changes |= {
                    "hub": notes.hub,
                    "topic": notes.self_url or source.url,
                    "hub_until": None,
                    "hub_state": None,
                }
            if fetched.moved_to and await sources.at_address(tx.session, fetched.moved_to) is None:
                changes |= {"url": fetched.moved_to, "moved_from": source.url}
        return changes


async def keep(
    tx: Transaction, source_id: UUID, fetched: Fetched, form: str, now: datetime, entry: Item | None = None
) -> UUID:
    """Archive a document as it came, compressed."""
    return await sources.archive(
        tx.session,
        {
            "id": new_id(),
            "source_id": source_id,
            "form": form,
            "url": fetched.url,
            "charset": fetched.charset,
            "media_type": fetched.media_type,
            "entry": entry.model_dump(mode="json", exclude_defaults=True) if entry else None,
            "sha256": hashlib.sha256(fetched.content).hexdigest(),
            "content": zlib.compress(fetched.content, 6),
            "size": len(fetched.content),
            "at": now,
        },
    )


def hints_for(source: Source, fetched: Fetched | None = None, *, url: str | None = None) -> Hints:
    """What a reader is told of a document of this source."""
    return Hints(
        url=fetched.url if fetched else url,
        charset=fetched.charset if fetched else None,
        media_type=fetched.media_type if fetched else None,
        outlet=source.outlet,
        language=source.language,
        timezone=source.timezone,
        day_first=source.day_first,
        section=source.section,
        now=utc_now(),
    )


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


def entry_hash(item: Item) -> str:
    """What a feed says of an entry, as one hash: while it stays the same, its page is not read again."""
    parts = (item.guid, item.canonical_url, item.headline, item.body_text, item.raw.get("published_at"), item.withdrawn)
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()


def joined(entry: Item, page: Item) -> Item:
    """A page's story with what only its feed entry said."""
    filled: dict[str, Any] = {"guid": entry.guid or page.guid, "mark": entry.mark}
    evidence = dict(page.evidence)
    for name in ("wire", "byline", "published_at", "section", "summary"):
        if getattr(page, name) is None and getattr(entry, name) is not None:
            filled[name] = getattr(entry, name)
            evidence[name] = "feed entry"
    if not page.authors and entry.authors:
        filled["authors"] = entry.authors
    if not page.pictures and entry.pictures:
        filled["pictures"], evidence["pictures"] = entry.pictures, "feed entry"
    if not page.keywords and entry.keywords:
        filled["keywords"] = entry.keywords
    return page.model_copy(update=filled | {"evidence": evidence})


def _status(look: Look) -> int | None:
    if isinstance(look.failure, Failed):
        return look.failure.status
    return 304 if look.unchanged else look.fetched.status if look.fetched else None
