"""An article page, read: per field the most trusted evidence wins, and says so.

Order of trust: JSON-LD NewsArticle, OpenGraph and `article:*`, the feed entry that led here, microdata, what the page
shows (trafilatura for the text, our own eyes for credits and pictures), htmldate.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from htmldate import find_date
from lxml import etree

from services.ingest.domain.addresses import absolute, fold, host_of
from services.ingest.domain.dates import Read, read_date
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Hints, Item, Unreadable
from services.ingest.domain.texts import clean, line, title, words
from services.ingest.sources.parts.blocks import Block
from services.ingest.sources.parts.bodies import body_of
from services.ingest.sources.parts.decoding import decode
from services.ingest.sources.parts.figures import captions_of, container_of, pictures_in
from services.ingest.sources.parts.languages import language_of, primary
from services.ingest.sources.parts.provenance import provenance_of, split_tail
from services.ingest.sources.parts.structured import Declared, declared_in, texts
from services.ingest.sources.parts.trees import beginning, following, parse, parse_for_libraries, preceding

_SHORTEST_STORY = 12  # words
_URL_DAY = re.compile(r"/((?:19|20)\d{2})[/-]?(\d{2})[/-]?(\d{2})(?=[/-]|\b)")
_DATE_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "pubdate", "publishdate",
    "publish-date",
    "publish_date", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.date", "sailthru.date", "parsely-pub-date",
    "article.published", "originalpublicationdate", "cxenseparse:recs:publishtime",
)  # fmt: skip
_DAY_FIRST_PLACES = (
    ".vn",
    ".uk",
    ".au",
    ".nz",
    ".in",
    ".ie",
    ".sg",
    ".fr",
    ".de",
    ".es",
    ".it",
    ".ru",
    ".th",
    ".my",
    ".id",
)
_MONTH_FIRST_PLACES = (".us", ".gov", ".mil")
_DATE_CLASS = re.compile(r"date|time|publish|ngay|gio|meta|info|source|posted", re.IGNORECASE)


def read_page(content: bytes, hints: Hints) -> Item:
    """Read one article page. Raises Unreadable where there is no article on it."""
    text, charset = decode(content, hints.charset)
    markup = clean(text).encode()
    tree = parse(markup)
    said = declared_in(tree)
    canonical = absolute(said.canonical or said.meta.get("og:url"), hints.url)
    page = hints.url or canonical
    body = body_of(markup, tree, page, said.ld)
    headline, headline_by = _headline(tree, said, hints)
    blocks, credit, source, raw = split_tail(_without_headline(body.blocks if body else (), headline))
    whole = "\n".join(block.text for block in blocks)
    if len(words(whole)) < _SHORTEST_STORY or not headline:
        what = "no headline" if not headline else "no text that reads like an article"
        raise Unreadable("no_article", f"{hints.url or 'The page'}: {what} was found. Is it an article's own page?")
    container = container_of(tree, whole)
    blocks = _without_captions(blocks, captions_of(container))
    body_text = "\n".join(block.text for block in blocks)
    found = provenance_of(tree, said, body_text, credit, source, page)
    language, language_by = language_of(headline, body_text, primary(_declared_language(said)) or hints.language)
    habits = _habits(said, hints, language, [page, canonical, found.original], body_text)
    date, date_by = _date(tree, said, hints, habits) or _guessed(markup, hints, habits)
    pictures = pictures_in(container, page, said.ld, said.meta.get("og:image"))
    entry = hints.entry
    outlet = (hints.outlet, "set for the source") if hints.outlet else found.outlet
    if outlet is None and entry and entry.outlet:
        outlet = (entry.outlet, entry.evidence.get("outlet", "feed"))
    if outlet is None and page:
        outlet = (host_of(page) or page, "host of the page")
    evidence = {
        "headline": headline_by,
        "body": body.by if body else "",
        "language": language_by,
        "outlet": outlet[1] if outlet else None,
        "wire": found.wire[1] if found.wire else None,
        "byline": found.authors[1] if found.authors else None,
        "published_at": date_by,
        "canonical_url": _canonical_by(said, found.original),
        "source_url": "original named on the page" if found.original else None,
        "pictures": f"{len(pictures)} in the story" if pictures else None,
        "charset": charset,
    }
    if date:
        raw["published_at"] = date.raw
    return Item(
        guid=entry.guid if entry else None,
        url=found.original or page or (entry.url if entry else None),
        canonical_url=canonical or found.original or hints.url,
        headline=headline,
        summary=_summary(said, hints),
        body_html="".join(block.html for block in blocks),
        body_text=body_text,
        language=language,
        outlet=outlet[0] if outlet else None,
        wire=found.wire[0] if found.wire else (entry.wire if entry else None),
        byline=found.byline,
        authors=found.authors[0] if found.authors else [],
        published_at=date.moment if date else None,
        section=_section(said, hints),
        keywords=_keywords(said, entry),
        pictures=pictures,
        evidence={key: value for key, value in evidence.items() if value},
        raw=raw | {key: value for key, value in found.raw.items() if value},
    )


def _headline(tree: etree._Element, said: Declared, hints: Hints) -> tuple[str, str]:
    shown = next((text for h in tree.iter("h1") if (text := title(beginning(h, 2000, " ")))), "")
    declared = title(next(iter(texts(said.ld.get("headline") or said.ld.get("name"))), ""))
    if declared:
        return declared, "json-ld headline"
    for name in ("og:title", "twitter:title", "dc.title", "parsely-title"):
        if value := title(said.meta.get(name)):
            if shown and value.startswith(shown):
                return shown, f"h1, agreeing with {name}"
            return _without_site(value, said), name
    if hints.entry and hints.entry.headline:
        return hints.entry.headline, "feed entry"
    if micro := said.micro.get("headline"):
        return title(micro[0]), "microdata headline"
    if shown:
        return shown, "h1"
    named = tree.find(".//title")
    return _without_site(title(beginning(named, 2000) if named is not None else ""), said), "title"


def _without_site(value: str, said: Declared) -> str:
    site = said.meta.get("og:site_name", "")
    for mark in (" | ", " - ", " – ", " — ", " :: "):
        head, _, tail = value.rpartition(mark)
        if head and site and words(tail) == words(site):
            return head
    return value


def _without_headline(blocks: tuple[Block, ...], headline: str) -> list[Block]:
    known = words(headline)
    return [b for i, b in enumerate(blocks) if not (i < 3 and known and words(b.text) == known)]


def _without_captions(blocks: list[Block], captions: set[str]) -> list[Block]:
    kept = [b for b in blocks if " ".join(words(b.text)) not in captions]
    return kept or blocks


def _declared_language(said: Declared) -> str | None:
    inside = next(iter(texts(said.ld.get("inLanguage"))), None)
    return inside or said.language or said.meta.get("og:locale") or said.meta.get("content-language")


def _summary(said: Declared, hints: Hints) -> str | None:
    text = (
        next(iter(texts(said.ld.get("description"))), "")
        or said.meta.get("og:description")
        or said.meta.get("description")
    )
    if not text and hints.entry:
        text = hints.entry.summary
    return title(text)[:500] or None


def _section(said: Declared, hints: Hints) -> str | None:
    declared = next(iter(texts(said.ld.get("articleSection"))), "") or said.meta.get("article:section")
    if not declared and hints.entry:
        declared = hints.entry.section
    return hints.section or line(declared, 100) or None


def _keywords(said: Declared, entry: Item | None) -> list[str]:
    found = (
        texts(said.ld.get("keywords")) or said.repeated.get("article:tag", []) or texts(said.meta.get("news_keywords"))
    )
    found = found or texts(said.meta.get("keywords")) or (entry.keywords if entry else [])
    parts = [line(part, 100) for value in found for part in (value.split(",") if "," in value else [value])]
    return list(dict.fromkeys(part for part in parts if part))[:40]


def _habits(said: Declared, hints: Hints, language: str, addresses: list[str | None], body: str) -> Habits:
    region = _declared_language(said)
    return Habits(
        now=hints.now,
        timezone=hints.timezone or _zone_of(addresses),
        day_first=hints.day_first,
        site_day_first=_habit(addresses),
        language=region if primary(region) == language and region else language,
        near=_near(addresses),
        mentions=body[:4000],
    )


def _date(tree: etree._Element, said: Declared, hints: Hints, habits: Habits) -> tuple[Read, str] | None:
    for claim, evidence in _date_claims(tree, said, hints):
        if read := read_date(claim, habits):
            return read, f"{evidence} {read.raw!r} ({read.evidence}; confidence {read.confidence:.2f})"
    return None


def _date_claims(tree: etree._Element, said: Declared, hints: Hints) -> Iterator[tuple[str, str]]:
    for key in ("datePublished", "dateCreated", "uploadDate"):
        yield from ((text, f"json-ld {key}") for text in texts(said.ld.get(key)))
    yield from ((said.meta[name], name) for name in _DATE_METAS if name in said.meta)
    if hints.entry and hints.entry.published_at:
        yield hints.entry.published_at.isoformat(), "feed entry"
    yield from ((text, "microdata datePublished") for text in said.micro.get("datepublished", []))
    heading = next(tree.iter("h1"), None)
    after = list(islice(following(heading), 80) if heading is not None else islice(tree.iter("time"), 5))
    for element in after:
        if element.tag == "time":
            yield element.get("datetime") or "", "time on the page"
    for element in [*after, *(preceding(heading, 30) if heading is not None else [])]:
        text = line(beginning(element, 160, " "), 160) if len(element) < 12 else ""
        if 6 <= len(text) < 120 and (
            element.tag == "time" or _DATE_CLASS.search(element.get("class") or "") or len(text) < 60
        ):
            yield text, "shown beside the headline"


def _canonical_by(said: Declared, original: str | None) -> str:
    if said.canonical:
        return "link rel=canonical"
    if said.meta.get("og:url"):
        return "og:url"
    return "original named on the page" if original else "address it was read from"


def _habit(addresses: list[str | None]) -> bool | None:
    hosts = [host_of(address) or "" for address in addresses if address]
    if any(host.endswith(_DAY_FIRST_PLACES) for host in hosts):
        return True
    return False if any(host.endswith(_MONTH_FIRST_PLACES) for host in hosts) else None


def _zone_of(addresses: list[str | None]) -> str | None:
    at_home = any((host_of(address) or "").endswith(".vn") for address in addresses if address)
    return "Asia/Ho_Chi_Minh" if at_home else None


def _near(addresses: list[str | None]) -> tuple[datetime, ...]:
    days = []
    for found in (_URL_DAY.search(fold(address) or "") for address in addresses if address):
        if found:
            try:
                days.append(datetime(int(found.group(1)), int(found.group(2)), int(found.group(3)), tzinfo=UTC))
            except ValueError:
                continue
    return tuple(days)


def _guessed(markup: bytes, hints: Hints, habits: Habits) -> tuple[Read | None, str | None]:
    """The date that htmldate finds where nothing on the page says one plainly; a guess, and called one."""
    try:
        guess = find_date(
            parse_for_libraries(markup),
            original_date=True,
            extensive_search=False,
            url=hints.url,
            max_date=hints.now.replace(tzinfo=None),
        )
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None, None
    read = read_date(guess, habits) if isinstance(guess, str) else None
    if read is None:
        return None, None
    read = replace(read, confidence=0.6)
    return read, f"htmldate {guess!r} ({read.evidence}; confidence {read.confidence:.2f})"
