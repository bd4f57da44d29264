"""RSS 2.0, 0.9x, RDF and Atom: read fast, and by a second, more patient reader when the first finds nothing."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import fastfeedparser
import feedparser

from services.ingest.domain.addresses import absolute
from services.ingest.domain.credits import people, read_byline, wire_in_text
from services.ingest.domain.dates import read_date
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Complaint, FeedNotes, Harvest, Hints, Item, Unreadable
from services.ingest.domain.texts import html_of, line, paragraphs, title, words
from services.ingest.sources.parts.blocks import body_of_html
from services.ingest.sources.parts.cleaning import fragment, text_of
from services.ingest.sources.parts.entries import Entries, entries_of, mark_of
from services.ingest.sources.parts.figures import captions_of, pictures_in
from services.ingest.sources.parts.languages import language_of, primary
from services.ingest.sources.parts.provenance import split_tail
from services.ingest.sources.parts.xml import plain_xml
from shared.events import Picture, Video

MOST_ENTRIES = 2000
_FULL_TEXT = 120  # words; an entry with this many is the story itself, not a teaser for it
_ROOT = re.compile(rb"<(?:[A-Za-z0-9_-]+:)?([A-Za-z]+)(?=[\s>/])")
_RAW_DATE = re.compile(
    rb"<(?:pubDate|(?:dc:)?date|published|issued|updated)(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?\s*([^<\]]{4,120})",
    re.IGNORECASE,
)
_SOURCE = re.compile(rb"<source(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?\s*([^<\]]{2,150})", re.IGNORECASE)
_DELETED = re.compile(rb"<(?:[a-z]+:)?deleted-entry\s[^>]*?ref\s*=\s*[\"']([^\"']{1,1000})[\"']", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_SKIP = re.compile(rb"<skipHours>(.{1,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_LINK = re.compile(rb"<(?:[a-z0-9]+:)?link\s[^>]{1,2000}>", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<(?:dc:)?language>\s*([A-Za-z_-]{2,12})\s*</", re.IGNORECASE)
_IMAGE = re.compile(r"\.(?:jpe?g|png|webp|avif)(?:$|\?)", re.IGNORECASE)
_MAIL_AUTHOR = re.compile(r"^\S+@\S+\s*\((.+)\)$")


def read_feed(content: bytes, hints: Hints) -> Harvest:
    """Read a feed. Raises Unreadable where it is none; entries that cannot be used become complaints."""
    where = hints.url or "The document"
    plain = plain_xml(content, hints.charset, where)
    root = _ROOT.search(plain[:4096])
    name = (root.group(1) if root else b"").lower()
    if name not in (b"rss", b"feed", b"rdf", b"channel"):
        what = (
            "an HTML page"
            if name in (b"html", b"head", b"body", b"div")
            else f"a document of <{name.decode()}>"
            if name
            else "no XML"
        )
        raise Unreadable("not_a_feed", f"{where} is no RSS or Atom feed but {what}. Is this the feed's own address?")
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
        made = _item(entry, raw, notes, hints)
        (items if isinstance(made, Item) else complaints).append(made)  # type: ignore[arg-type]  # told apart one word before
    if len(entries.spans) > MOST_ENTRIES:
        detail = f"{len(entries.spans)} entries; the first {MOST_ENTRIES} are read."
        complaints.append(Complaint(cause="too_many", detail=detail))
    if b"deleted-entry" in plain:
        refs = (ref.decode("utf-8", "replace") for ref in _DELETED.findall(plain))
        items += [Item(guid=ref, withdrawn="deleted by the feed") for ref in refs]
    return Harvest(items=items, complaints=complaints, notes=notes)


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


def _item(entry: dict[str, Any], raw: bytes, notes: FeedNotes, hints: Hints) -> Item | Complaint:
    base = notes.site_url or hints.url
    link = absolute(_text(entry, "link"), base)
    guid = line(_text(entry, "id"), 2000) or None
    headline = title(_text(entry, "title"))
    if not headline and not link:
        return Complaint(cause="empty_entry", detail="An entry has neither a title nor a link.", entry=guid)
    markup, teaser = _markup(entry)
    body = body_of_html(markup, link or base, "feed content") if markup else None
    blocks, credit, source, raws = split_tail(list(body.blocks)) if body else ([], None, None, {})
    tree = fragment(markup) if "<img" in markup else None
    captions = captions_of(tree)
    if captions:
        blocks = [b for b in blocks if " ".join(words(b.text)) not in captions]
    text = "\n".join(block.text for block in blocks)
    summary = _summary(teaser, markup, text)
    full = len(text) > _FULL_TEXT and len(text.split()) >= _FULL_TEXT
    authors, wire = _authors(entry)
    wire_found = (credit.wire if credit else None) or wire or (wire_in_text(text or summary) or ("", ""))[0] or None
    headline = headline or title(summary or text)[:120].rstrip()
    published, said, raw_date = _date(entry, raw, notes, hints)
    language, language_by = _language(headline, text or summary, full, notes, hints)
    outlet, outlet_by = _outlet(raw, notes, hints)
    pictures = pictures_in(tree, link or base, {}, None) or _media(entry, base)
    if credit and credit.byline:
        authors = credit.byline.split(", ")
    evidence = {
        "headline": "feed title",
        "body": "feed content" if full else "feed summary",
        "published_at": said,
        "language": language_by,
        "outlet": outlet_by if outlet else "",
        "byline": "feed author" if authors else "",
        "wire": "feed entry" if wire_found else "",
        "canonical_url": "feed link" if link else "",
        "pictures": "feed entry" if pictures else "",
        "source_url": "source line in the text" if absolute(source, None) else "",
    }
    return Item(
        guid=guid,
        url=absolute(source, None) or link,
        canonical_url=link,
        headline=headline,
        summary=summary[:1000] or None,
        body_html="".join(b.html for b in blocks) if text else html_of(summary),
        body_text=text or summary,
        language=language,
        outlet=outlet,
        wire=wire_found,
        byline=", ".join(authors) or None,
        authors=authors,
        published_at=published,
        section=hints.section,
        keywords=_tags(entry),
        pictures=pictures,
        videos=_videos(entry, base),
        partial=not full and link is not None,
        evidence={k: v for k, v in evidence.items() if v},
        raw=raws | ({"published_at": raw_date} if raw_date else {}),
        mark=mark_of(raw) if raw else None,
    )


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _markup(entry: dict[str, Any]) -> tuple[str, str]:
    """The longest content an entry carries, and its teaser."""
    values = [part.get("value") or "" for part in entry.get("content") or [] if isinstance(part, dict)]
    teaser = _text(entry, "description") or _text(entry, "summary")
    longest = max([*values, teaser], key=len, default="")
    return longest, teaser or longest


def _summary(teaser: str, markup: str, text: str) -> str:
    if teaser == markup and text:
        return text
    return paragraphs(text_of(teaser) if "<" in teaser or "&" in teaser else teaser)


def _authors(entry: dict[str, Any]) -> tuple[list[str], str | None]:
    names = [a.get("name") or "" for a in entry.get("authors") or [] if isinstance(a, dict)] or [_text(entry, "author")]
    kept: list[str] = []
    wire = None
    for name in names:
        persons, credited = _author(name[:2000])
        wire = wire or credited
        kept += persons
    return list(dict.fromkeys(kept)), wire


@lru_cache(maxsize=1024)  # a feed's authors are few
def _author(name: str) -> tuple[tuple[str, ...], str | None]:
    plain = _MAIL_AUTHOR.sub(r"\1", line(name, 200))
    read = read_byline(plain)
    return tuple(people([read.byline or "" if read else plain])), read.wire if read else None


def _date(entry: dict[str, Any], raw: bytes, notes: FeedNotes, hints: Hints) -> tuple[datetime | None, str, str | None]:
    """The date from the words in the feed themselves: a parser that already chose an order of day and month is not
    asked.
    """
    habits = Habits(
        now=hints.now, language=hints.language or notes.language, timezone=hints.timezone, day_first=hints.day_first
    )
    found = _RAW_DATE.search(raw)
    claim = found.group(1).decode("utf-8", "replace").strip() if found else ""
    claim = claim or _text(entry, "published") or _text(entry, "updated")
    read = read_date(claim, habits)
    if read is None:
        return (
            None,
            f"feed date {line(claim, 60)!r} is unreadable, impossible or in the future" if claim else "",
            line(claim, 200) or None,
        )
    return read.moment, f"feed date {read.raw!r} ({read.evidence}; confidence {read.confidence:.2f})", read.raw


def _language(headline: str, text: str, full: bool, notes: FeedNotes, hints: Hints) -> tuple[str, str]:
    declared = hints.language or notes.language
    if declared and not full:
        return primary(declared) or declared, "set for the source" if hints.language else "feed language"
    return language_of(headline, text, declared)


def _outlet(raw: bytes, notes: FeedNotes, hints: Hints) -> tuple[str | None, str]:
    if hints.outlet:
        return hints.outlet, "set for the source"
    if b"<source" in raw and (found := _SOURCE.search(raw)):
        return title(found.group(1).decode("utf-8", "replace"))[:200], "feed entry source"
    return _site_name(notes.title), "feed title"


@lru_cache(maxsize=64)
def _site_name(feed_title: str | None) -> str | None:
    name = re.split(r"\s+[-|–—»:]\s+|\s+RSS\b", feed_title or "")[0]
    return re.sub(r"^RSS\s+", "", name).strip() or None


def _tags(entry: dict[str, Any]) -> list[str]:
    terms = [line(t.get("label") or t.get("term"), 100) for t in entry.get("tags") or [] if isinstance(t, dict)]
    return list(dict.fromkeys(t for t in terms if t and "://" not in t))[:40]


def _media(entry: dict[str, Any], base: str | None) -> list[Picture]:
    kept: dict[str, Picture] = {}
    for part in _media_parts(entry):
        url = absolute(part.get("url") or part.get("href"), base)
        kind = part.get("medium") or part.get("type") or ""
        if url and ("image" in kind or (not kind and _IMAGE.search(url))):
            caption = title(part.get("description") or part.get("title") or part.get("text")) or None
            credit = line(part.get("credit"), 200) or None
            kept.setdefault(url, Picture(url=url, caption=caption, credit=credit))
    return list(kept.values())[:20]


def _videos(entry: dict[str, Any], base: str | None) -> list[Video]:
    found = (
        absolute(p.get("url") or p.get("href"), base)
        for p in _media_parts(entry)
        if "video" in (p.get("medium") or p.get("type") or "")
    )
    return [Video(url=url) for url in dict.fromkeys(found) if url][:10]


def _media_parts(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("media_content", "enclosures", "links"):
        for part in entry.get(name) or []:
            if isinstance(part, dict) and (name != "links" or part.get("rel") == "enclosure"):
                yield part
