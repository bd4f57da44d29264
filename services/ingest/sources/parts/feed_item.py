"""One entry of a feed, as the item it makes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from lxml import etree

from services.ingest.domain.addresses import absolute
from services.ingest.domain.credits import Credit, people, read_byline, wire_in_text
from services.ingest.domain.dates import read_date
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Complaint, FeedNotes, Hints, Item
from services.ingest.domain.texts import html_of, line, paragraphs, title, words
from services.ingest.sources.parts.blocks import body_of_html
from services.ingest.sources.parts.cleaning import fragment, text_of
from services.ingest.sources.parts.entries import mark_of
from services.ingest.sources.parts.fields import text_in
from services.ingest.sources.parts.figures import captions_of, pictures_in
from services.ingest.sources.parts.languages import language_of, primary
from services.ingest.sources.parts.provenance import split_tail
from shared.events import Picture, Video

_FULL_TEXT = 120  # words; an entry with this many is the story itself, not a teaser for it
_RAW_DATE = re.compile(
    rb"<(?:pubDate|(?:dc:)?date|published|issued|updated)(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?\s*([^<\]]{4,120})",
    re.IGNORECASE,
)
_SOURCE = re.compile(rb"<source(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?\s*([^<\]]{2,150})", re.IGNORECASE)
_IMAGE = re.compile(r"\.(?:jpe?g|png|webp|avif)(?:$|\?)", re.IGNORECASE)
_MAIL_AUTHOR = re.compile(r"^\S+@\S+\s*\((.+)\)$")


@dataclass(frozen=True, slots=True)
class _Story:
    """What an entry tells: `text` is the story where the entry carries it, `full` whether that is all of it."""

    html: str
    text: str
    summary: str
    full: bool
    credit: Credit | None
    original: str | None  # the address that its last lines name as the source
    raw: dict[str, str]
    tree: etree._Element | None  # its markup, where there are pictures in it

    @property
    def words(self) -> str:
        """Its text, or what stands for it."""
        return self.text or self.summary


def item_of(entry: dict[str, Any], raw: bytes, notes: FeedNotes, hints: Hints) -> Item | Complaint:
    """The item an entry makes; a complaint where it says nothing. `raw` are the entry's own bytes, where known."""
    base = notes.site_url or hints.url
    link = absolute(text_in(entry, "link"), base)
    guid = line(text_in(entry, "id"), 2000) or None
    headline = title(text_in(entry, "title"))
    if not headline and not link:
        return Complaint(cause="empty_entry", detail="An entry has neither a title nor a link.", entry=guid)
    story = _story(entry, link or base)
    headline = headline or title(story.summary or story.text)[:120].rstrip()
    authors, wire = _credits(entry, story)
    published, date_by, raw_date = _date(entry, raw, notes, hints)
    language, language_by = _language(headline, story, notes, hints)
    outlet, outlet_by = _outlet(raw, notes, hints)
    pictures = pictures_in(story.tree, link or base, {}, None) or _media(entry, base)
    evidence = {
        "headline": "feed title",
        "body": "feed content" if story.full else "feed summary",
        "published_at": date_by,
        "language": language_by,
        "outlet": outlet_by if outlet else "",
        "byline": "feed author" if authors else "",
        "wire": "feed entry" if wire else "",
        "canonical_url": "feed link" if link else "",
        "pictures": "feed entry" if pictures else "",
        "source_url": "source line in the text" if story.original else "",
    }
    return Item(
        guid=guid,
        url=story.original or link,
        canonical_url=link,
        headline=headline,
        summary=story.summary[:1000] or None,
        body_html=story.html,
        body_text=story.words,
        language=language,
        outlet=outlet,
        wire=wire,
        byline=", ".join(authors) or None,
        authors=authors,
        published_at=published,
        section=hints.section,
        keywords=_tags(entry),
        pictures=pictures,
        videos=_videos(entry, base),
        partial=not story.full and link is not None,
        evidence={k: v for k, v in evidence.items() if v},
        raw=story.raw | ({"published_at": raw_date} if raw_date else {}),
        mark=mark_of(raw) if raw else None,
    )


def _story(entry: dict[str, Any], page: str | None) -> _Story:
    markup, teaser = _markup(entry)
    body = body_of_html(markup, page, "feed content") if markup else None
    blocks, credit, source, raw = split_tail(list(body.blocks)) if body else ([], None, None, {})
    tree = fragment(markup) if "<img" in markup else None
    if captions := captions_of(tree):
        blocks = [b for b in blocks if " ".join(words(b.text)) not in captions]
    text = "\n".join(block.text for block in blocks)
    summary = _summary(teaser, markup, text)
    html = "".join(b.html for b in blocks) if text else html_of(summary)
    full = len(text) > _FULL_TEXT and len(text.split()) >= _FULL_TEXT
    return _Story(html, text, summary, full, credit, absolute(source, None), raw, tree)


def _credits(entry: dict[str, Any], story: _Story) -> tuple[list[str], str | None]:
    """Who wrote it and which wire it is from: what the story's last lines say before what the entry says."""
    authors, wire = _authors(entry)
    if story.credit:
        authors = story.credit.byline.split(", ") if story.credit.byline else authors
        wire = story.credit.wire or wire
    return authors, wire or (wire_in_text(story.words) or ("", ""))[0] or None


def _markup(entry: dict[str, Any]) -> tuple[str, str]:
    """The longest content an entry carries, and its teaser."""
    values = [part.get("value") or "" for part in entry.get("content") or [] if isinstance(part, dict)]
    teaser = text_in(entry, "description") or text_in(entry, "summary")
    longest = max([*values, teaser], key=len, default="")
    return longest, teaser or longest


def _summary(teaser: str, markup: str, text: str) -> str:
    if teaser == markup and text:
        return text
    return paragraphs(text_of(teaser) if "<" in teaser or "&" in teaser else teaser)


def _authors(entry: dict[str, Any]) -> tuple[list[str], str | None]:
    names = [a.get("name") or "" for a in entry.get("authors") or [] if isinstance(a, dict)] or [
        text_in(entry, "author")
    ]
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
    claim = claim or text_in(entry, "published")
    if not claim and "updated" in entry:  # asked for when absent, feedparser warns and answers the other
        claim = text_in(entry, "updated")
    read = read_date(claim, habits)
    if read is None:
        return (
            None,
            f"feed date {line(claim, 60)!r} is unreadable, impossible or in the future" if claim else "",
            line(claim, 200) or None,
        )
    return read.moment, f"feed date {read.raw!r} ({read.evidence}; confidence {read.confidence:.2f})", read.raw


def _language(headline: str, story: _Story, notes: FeedNotes, hints: Hints) -> tuple[str, str]:
    declared = hints.language or notes.language
    if declared and not story.full:
        return primary(declared) or declared, "set for the source" if hints.language else "feed language"
    return language_of(headline, story.words, declared)


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
