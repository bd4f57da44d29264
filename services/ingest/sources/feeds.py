"""RSS 2.0, 0.9x, RDF and Atom: read fast, and by a second, more patient reader when the first finds nothing."""

import re
from collections.abc import Sequence
from typing import Any

import fastfeedparser
import feedparser

from services.ingest.domain.addresses import absolute
from services.ingest.domain.items import Complaint, FeedNotes, Harvest, Hints, Item, Unreadable
from services.ingest.domain.texts import line, title
from services.ingest.sources.parts.entries import Entries, entries_of, mark_of
from services.ingest.sources.parts.feed_item import item_of
from services.ingest.sources.parts.languages import primary
from services.ingest.sources.parts.xml import plain_xml

MOST_ENTRIES = 2000
_ROOT = re.compile(rb"<(?:[A-Za-z0-9_-]+:)?([A-Za-z]+)(?=[\s>/])")
_DELETED = re.compile(rb"<(?:[a-z]+:)?deleted-entry\s[^>]*?ref\s*=\s*[\"']([^\"']{1,1000})[\"']", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_SKIP = re.compile(rb"<skipHours>(.{1,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_LINK = re.compile(rb"<(?:[a-z0-9]+:)?link\s[^>]{1,2000}>", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<(?:dc:)?language>\s*([A-Za-z_-]{2,12})\s*</", re.IGNORECASE)


def read_feed(content: bytes, hints: Hints) -> Harvest:
    """Read a feed. Raises Unreadable where it is none; entries that cannot be used become complaints."""
    where = hints.url or "The document"
    plain = plain_xml(content, hints.charset, where)
    root = _ROOT.search(plain[:4096])
    name = (root.group(1) if root else b"").lower()
    if name not in (b"rss", b"feed", b"rdf", b"channel"):
        raise Unreadable(
            "not_a_feed", f"{where} is no RSS or Atom feed but {_kind(name)}. Is this the feed's own address?"
        )
    entries = entries_of(plain)
    fresh, known = _fresh(entries, hints)
    nothing_new = bool(known) and not fresh
    found, parser = ({}, "none needed") if nothing_new else _parsed(_cut(entries, known, name), where)
    notes = _notes(found, entries.head, parser, len(known), hints)
    read = found.get("entries", [])[:MOST_ENTRIES]
    raws: Sequence[bytes] = fresh if len(fresh) == len(read) else [b""] * len(read)
    items: list[Item] = []
    complaints: list[Complaint] = []
    for entry, raw in zip(read, raws, strict=True):
        made = item_of(entry, raw, notes, hints)
        (items if isinstance(made, Item) else complaints).append(made)  # type: ignore[arg-type]  # told apart one word before
    if len(entries.spans) > MOST_ENTRIES:
        detail = f"{len(entries.spans)} entries; the first {MOST_ENTRIES} are read."
        complaints.append(Complaint(cause="too_many", detail=detail))
    if b"deleted-entry" in plain:
        refs = (ref.decode("utf-8", "replace") for ref in _DELETED.findall(plain))
        items += [Item(guid=ref, withdrawn="deleted by the feed") for ref in refs]
    return Harvest(items=items, complaints=complaints, notes=notes)


def _kind(root: bytes) -> str:
    if root in (b"html", b"head", b"body", b"div"):
        return "an HTML page"
    return f"a document of <{root.decode()}>" if root else "no XML"


def _fresh(entries: Entries, hints: Hints) -> tuple[list[bytes], list[int]]:
    """The entries to read, and the places of those that were read before and did not change since."""
    parts = entries.parts(MOST_ENTRIES)
    if not hints.known or not entries.regular:
        return parts, []
    known = [number for number, part in enumerate(parts) if mark_of(part) in hints.known]
    skipped = set(known)
    return [part for number, part in enumerate(parts) if number not in skipped], known


def _cut(entries: Entries, known: list[int], root: bytes) -> bytes:
    """The feed without the entries that are known; without those beyond the most we read, and closed again."""
    if len(entries.spans) <= MOST_ENTRIES:
        return entries.without(known) if known else entries.plain
    end = {b"feed": b"</feed>", b"rdf": b"</rdf:RDF>"}.get(root, b"</channel></rss>")
    first = Entries(entries.plain[: entries.spans[MOST_ENTRIES][0]] + end, entries.spans[:MOST_ENTRIES], regular=True)
    return first.without(known)


def _parsed(plain: bytes, where: str) -> tuple[dict[str, Any], str]:
    """The feed by the fast reader; by the patient one when that fails or finds nothing."""
    try:
        found = fastfeedparser.parse(plain)
        if found.get("entries"):
            return found, "fastfeedparser"
    except Exception:  # noqa: BLE001, S110 - whatever it raises, the second reader is asked
        pass
    try:
        second = feedparser.parse(plain, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # a parser that trips over a document has not read it
        raise Unreadable("not_a_feed", f"{where} cannot be read as a feed: {error}") from error
    if not second.get("entries") and not second.get("version"):
        problem = second.get("bozo_exception")
        raise Unreadable(
            "not_a_feed", f"{where} cannot be read as a feed: {line(str(problem), 300) or 'no entries in it'}"
        )
    return second, "feedparser"


def _notes(found: dict[str, Any], head: bytes, parser: str, known: int, hints: Hints) -> FeedNotes:
    feed = found.get("feed") or {}
    links = {rel: href for rel, href in map(_rel, _LINK.findall(head)) if rel and href}
    ttl, skip, said = _TTL.search(head), _SKIP.search(head), _LANGUAGE.search(head)
    hours = {int(h) % 24 for h in _HOUR.findall(skip.group(1))} if skip else set()
    language = feed.get("language") or (said.group(1).decode() if said else None)
    return FeedNotes(
        title=title(feed.get("title")) or None,
        language=primary(language),
        site_url=absolute(feed.get("link"), hints.url),
        self_url=absolute(links.get("self"), hints.url),
        hub=absolute(links.get("hub"), hints.url),
        next_url=absolute(links.get("next"), hints.url),
        ttl_minutes=int(ttl.group(1)) if ttl else None,
        skip_hours=sorted(hours) if len(hours) < 24 else [],
        parser=parser,
        known=known,
    )


def _rel(link: bytes) -> tuple[str, str]:
    rel = re.search(rb"\brel\s*=\s*[\"']([^\"']+)[\"']", link)
    href = re.search(rb"\bhref\s*=\s*[\"']([^\"']+)[\"']", link)
    return (
        rel.group(1).decode("utf-8", "replace").lower() if rel else "",
        href.group(1).decode("utf-8", "replace") if href else "",
    )
