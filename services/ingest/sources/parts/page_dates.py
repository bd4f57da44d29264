"""When an article page says it was published: what it declares, what stands beside its headline, and last a guess."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from htmldate import find_date
from lxml import etree

from services.ingest.domain.addresses import fold, host_of
from services.ingest.domain.dates import Read, read_date
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Hints
from services.ingest.domain.texts import line
from services.ingest.sources.parts.languages import primary
from services.ingest.sources.parts.structured import Declared, texts
from services.ingest.sources.parts.trees import beginning, following, parse_for_libraries, preceding

_URL_DAY = re.compile(r"/((?:19|20)\d{2})[/-]?(\d{2})[/-]?(\d{2})(?=[/-]|\b)")
_DATE_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "pubdate", "publishdate",
    "publish-date",
    "publish_date", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.date", "sailthru.date", "parsely-pub-date",
    "article.published", "originalpublicationdate", "cxenseparse:recs:publishtime",
)  # fmt: skip
_DAY_FIRST_PLACES = (
    ".vn", ".uk", ".au", ".nz", ".in", ".ie", ".sg", ".fr", ".de", ".es", ".it", ".ru", ".th", ".my", ".id",
)  # fmt: skip
_MONTH_FIRST_PLACES = (".us", ".gov", ".mil")
_DATE_CLASS = re.compile(r"date|time|publish|ngay|gio|meta|info|source|posted", re.IGNORECASE)


def page_habits(said: Declared, hints: Hints, language: str, addresses: list[str | None], body: str) -> Habits:
    """What the page's language, addresses and text say of how it writes its dates."""
    region = said.spoken
    return Habits(
        now=hints.now,
        timezone=hints.timezone or _zone_of(addresses),
        day_first=hints.day_first,
        site_day_first=_habit(addresses),
        language=region if primary(region) == language and region else language,
        near=_near(addresses),
        mentions=body[:4000],
    )


def page_date(
    tree: etree._Element, said: Declared, markup: bytes, hints: Hints, habits: Habits
) -> tuple[Read | None, str | None]:
    """The date of a page, and where it was found."""
    return _said(tree, said, hints, habits) or _guessed(markup, hints, habits)


def _said(tree: etree._Element, said: Declared, hints: Hints, habits: Habits) -> tuple[Read, str] | None:
    for claim, evidence in _claims(tree, said, hints):
        if read := read_date(claim, habits):
            return read, f"{evidence} {read.raw!r} ({read.evidence}; confidence {read.confidence:.2f})"
    return None


def _claims(tree: etree._Element, said: Declared, hints: Hints) -> Iterator[tuple[str, str]]:
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
