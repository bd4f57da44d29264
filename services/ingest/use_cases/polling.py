"""Looking at a source: fetch, read, follow summaries to their pages, take in, write down, choose the next time."""

import asyncio
import hashlib
import time
from typing import Any

from services.ingest.domain.identity import keys_of
from services.ingest.domain.items import Complaint, Harvest, Hints, Item, Lane, Unreadable
from services.ingest.settings import Settings
from services.ingest.sources.parsers import Parsers
from services.ingest.sources.reading import Form
from services.ingest.storage import Source, articles
from services.ingest.use_cases.archiving import packed
from services.ingest.use_cases.fetching import Failed, Fetched, Fetcher
from services.ingest.use_cases.settling import PERMANENT, Look, Report, settle
from shared.runtime import Database, utc_now

_MOST_MARKS = 2500
_FURTHER_PAGES = 3  # of a JSON Feed, or sitemaps of an index, followed in one look
_ACCEPT_FEED = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
_PAGES_AT_ONCE = 4
_MOST_PAGES_SIZE = 40 * 1024 * 1024  # bytes of pages followed in one look


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
            return await settle(tx, source, look)

    async def _read(self, source: Source, look: Look) -> None:
        if source.url is None:
            raise Failed("no_address", f"{source.name} has no address to look at.", again=False)
        look.robots = await self.fetcher.allowed(source.url, _lane(source))
        accept = _ACCEPT_PAGE if source.kind == "page" else _ACCEPT_FEED
        look.fetched = await self._fetched(
            source, look, source.url, accept, etag=source.etag, last_modified=source.last_modified
        )
        if look.fetched.unchanged:
            return
        form: Form = {"page": "page", "sitemap": "sitemap"}.get(source.kind, "feed")  # type: ignore[assignment]  # a Form each
        hints = hints_for(source, look.fetched)
        if form == "feed":
            async with self.database.reading() as session:
                marks = await articles.entry_marks(session, source.id, _MOST_MARKS)
            hints = hints.model_copy(update={"known": marks})
        look.documents.append(await packed(look.fetched, source.kind))
        harvest = await self._harvest(source, look, form, look.fetched, hints)
        look.skipped = harvest.notes.known
        look.notes, look.complaints = harvest.notes, list(harvest.complaints)
        items = list(harvest.items) + await self._further(source, harvest, form, look)
        await self._follow(source, items, look)

    async def _fetched(self, source: Source, look: Look, url: str, accept: str, **conditions: str | None) -> Fetched:
        began = time.monotonic()
        try:
            return await self.fetcher.fetch(url, accept=accept, lane=_lane(source), **conditions)
        finally:
            look.slow |= time.monotonic() - began > self.settings.slow_answer_seconds

    async def _harvest(self, source: Source, look: Look, form: Form, document: Fetched, hints: Hints) -> Harvest:
        harvest = await self.parsers.read(form, document.content, hints, _lane(source))
        look.slow |= harvest.slow
        return harvest

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
                await self.fetcher.allowed(url, _lane(source))
                fetched = await self._fetched(source, look, url, _ACCEPT_FEED)
                look.documents.append(await packed(fetched, source.kind))
                harvest = await self._harvest(source, look, form, fetched, hints_for(source, fetched))
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
        look.deferred |= len(wanted) > len(followed)
        gate = asyncio.Semaphore(_PAGES_AT_ONCE)
        read = await asyncio.gather(*(self._page(source, work[i][0], look, gate) for i in sorted(followed)))
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

    async def _page(self, source: Source, entry: Item, look: Look, gate: asyncio.Semaphore) -> Item | None:
        """The story an entry leads to; the entry itself where the page gives none for good; None where it may later."""
        url = entry.canonical_url or entry.url
        if url is None:
            return entry
        async with gate:
            if look.pages_size > _MOST_PAGES_SIZE:
                look.deferred = True
                return None
            try:
                return await self._page_read(source, entry, url, look)
            except Unreadable as error:
                look.complaints.append(Complaint(cause=error.cause, detail=str(error), entry=url))
                note = {"body": f"feed summary; its page could not be read ({error.cause})"}
                kept = entry.model_copy(update={"evidence": entry.evidence | note})
                return kept if error.cause in PERMANENT else None

    async def _page_read(self, source: Source, entry: Item, url: str, look: Look) -> Item:
        await self.fetcher.allowed(url, _lane(source))
        fetched = await self._fetched(source, look, url, _ACCEPT_PAGE)
        look.pages_size += len(fetched.content)
        hints = hints_for(source, fetched).model_copy(update={"entry": entry})
        item = (await self._harvest(source, look, "page", fetched, hints)).items[0]
        look.documents.append(await packed(fetched, "page", entry))
        return joined(entry, item)


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


def _lane(source: Source) -> Lane:
    return "slow" if source.lane == "slow" else "quick"
