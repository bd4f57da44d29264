"""Whose story a page shows: the outlet, the original it was taken from, the people and the wire it credits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from services.ingest.domain.addresses import absolute, host_of, site_of
from services.ingest.domain.credits import Credit, agency, is_name, people, read_byline, source_line, wire_in_text
from services.ingest.domain.texts import line, words
from services.ingest.sources.parts.blocks import Block
from services.ingest.sources.parts.structured import Declared, objects, texts
from services.ingest.sources.parts.trees import beginning, first_words, following

_SOURCE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:source(?:-?name)?|outlet|publisher|agency|provenance|nguon(?:-?tin)?|bao|brand-?name)(?:$|[\s_-])",
    re.IGNORECASE,
)
_AUTHOR_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author(?:s|-?name)?|byline|by-line|tac-?gia|writer)(?:$|[\s_-])", re.IGNORECASE
)
_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}\s+tháng\s+\d|\b(?:19|20)\d{2}\b")
_NOT_AN_OUTLET = {
    "share",
    "print",
    "home",
    "news",
    "comment",
    "save",
    "facebook",
    "twitter",
    "follow",
    "listen",
    "copy link",
    "google news",
}
_SOURCE_START = re.compile(r"\s*(?:source|nguồn)", re.IGNORECASE)
_NEAR = {"div", "span", "p", "a", "time", "section", "header"}
_LOOKED_AT = 60  # elements after the headline
_LAST_LINES = 4


@dataclass(frozen=True, slots=True)
class Provenance:
    """`original` is the address a page names as its source, when it lies on another site."""

    outlet: tuple[str, str] | None
    original: str | None
    authors: tuple[list[str], str] | None
    wire: tuple[str, str] | None
    byline: str | None
    raw: dict[str, str]


def split_tail(blocks: list[Block]) -> tuple[list[Block], Credit | None, str | None, dict[str, str]]:
    """A story without the credit and source lines at its end; the credit, the source address, and the raw lines."""
    credit, source, raw = None, None, {}
    kept = list(blocks)
    for block in blocks[-_LAST_LINES:]:
        said = source_line(block.text)
        if said:
            link = _link_in(block.html) or said
            source = source or absolute(link, None) or said
            raw["source"] = block.text
        elif credit is None and len(block.text) < 120 and (read := read_byline(block.text)):
            credit, raw["byline"] = read, block.text
        else:
            continue
        kept.remove(block)
    return (kept, credit, source, raw) if kept else (list(blocks), credit, source, raw)


def provenance_of(
    tree: etree._Element, said: Declared, body_text: str, credit: Credit | None, source: str | None, page: str | None
) -> Provenance:
    """Join what the page declares with what it shows. A visible source beats the site's own name on an aggregator."""
    source = source or _visible_source(tree)
    original = source if absolute(source, None) and site_of(source) != site_of(page) else None
    shown = _beside_the_date(tree)
    raw = {"source_line": shown} if shown else {}
    outlet = _outlet(said, original, shown, source)
    authors = _authors(tree, said, outlet[0] if outlet else None)
    wire = _wire(said, credit, body_text)
    byline = None
    if credit and credit.byline:
        authors = (credit.byline.split(", "), "byline at the end of the text")
        byline = credit.byline
    return Provenance(outlet, original, authors, wire, byline or (", ".join(authors[0]) if authors else None), raw)


def _outlet(said: Declared, original: str | None, shown: str | None, source: str | None) -> tuple[str, str] | None:
    if shown and absolute(source, None):  # who names a source in a line of its own passes on another's story
        return shown, "named beside the date; the page names its source"
    if original:
        return host_of(original) or original, "host of the original the page names"
    if source and not absolute(source, None) and is_name(source) and not agency(source):
        return source, "source line of the page"
    declared = _declared_outlet(said)
    return declared or ((shown, "named beside the date") if shown else None)


def _declared_outlet(said: Declared) -> tuple[str, str] | None:
    for key in ("publisher", "sourceOrganization", "copyrightHolder"):
        if names := texts(said.ld.get(key)):
            return line(names[0], 200), f"json-ld {key}"
    for name in (
        "og:site_name",
        "article:publisher",
        "application-name",
        "twitter:site",
        "dc.publisher",
        "apple-mobile-web-app-title",
    ):
        value = said.meta.get(name, "").removeprefix("@")
        if value and "://" not in value:
            return line(value, 200), name
    for name in said.micro.get("publisher", []):
        if len(name) < 80:
            return line(name, 80), "microdata publisher"
    return None


def _authors(tree: etree._Element, said: Declared, outlet: str | None) -> tuple[list[str], str] | None:
    for names, evidence in _author_claims(tree, said):
        kept = [n for n in people(names) if words(n) != words(outlet or "") and (len(n) < 80)]
        if kept:
            return kept, evidence
    return None


def _author_claims(tree: etree._Element, said: Declared) -> Iterator[tuple[list[str], str]]:
    nodes = objects(said.ld.get("author") or said.ld.get("creator") or [])
    yield [name for node in nodes for name in texts(node.get("name") or node.get("url"))], "json-ld author"
    for name in (
        "article:author",
        "author",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "byl",
        "twitter:creator",
    ):
        values = [v.removeprefix("@") for v in said.repeated.get(name, []) if name != "twitter:creator" or " " in v]
        if values:
            yield values, name
    yield [n for n in said.micro.get("author", []) if is_name(n)], "microdata author"
    for element in tree.iter("a", "span", "div", "p", "address", "strong"):
        if "author" in (element.get("rel") or "") or _AUTHOR_CLASS.search(element.get("class") or ""):
            text = line(beginning(element, 300, " "), 200)
            read = read_byline(text) or (Credit(text, None, text) if is_name(text) and len(text.split()) > 1 else None)
            if read and read.byline:
                yield read.byline.split(", "), "byline on the page"


def _wire(said: Declared, credit: Credit | None, body_text: str) -> tuple[str, str] | None:
    if credit and credit.wire:
        return credit.wire, f"credit line: {credit.raw}"
    if found := wire_in_text(body_text):
        return found[0], f"text: {found[1]}"
    for node in objects(said.ld.get("author") or []):
        for name in texts(node.get("name") or node.get("url")):
            if known := agency(name):
                return known, "json-ld author"
    for name in ("author", "article:author", "dc.source", "source", "byl"):
        if known := agency(said.meta.get(name)):
            return known, name
    return None


def _beside_the_date(tree: etree._Element) -> str | None:
    """The outlet's name where a page shows it with the date, right after the headline."""
    for element in _after_headline(tree):
        marked = _SOURCE_CLASS.search(element.get("class") or "")
        own = " ".join(beginning(element, 161, " ").split())
        if len(own) > 160 or not (marked or _DAY.search(own)):
            continue
        for text in _strings(element):
            name = line(_DAY.split(text)[0], 80).strip(" -–—|•·,:")
            name = re.sub(r"^(?:source|nguồn|theo|from|by)\s*[:：]?\s+", "", name, flags=re.IGNORECASE)
            if name.lower() not in _NOT_AN_OUTLET and is_name(name) and not _weekday(name):
                return _halved(name)
    return None


def _after_headline(tree: etree._Element) -> Iterator[etree._Element]:
    heading = next(tree.iter("h1"), None)
    if heading is None:
        return
    near = (element for element in following(heading) if element.tag in _NEAR)
    yield from islice(near, _LOOKED_AT)


def _strings(element: etree._Element) -> list[str]:
    return [text for part in element.itertext() if (text := line(part, 200))]


def _halved(name: str) -> str:
    """`VTC News VTC News` (a logo's text and the name) is one name."""
    parts = name.split()
    half = len(parts) // 2
    return " ".join(parts[:half]) if half and parts[:half] == parts[half:] else name


def _weekday(name: str) -> bool:
    return bool(
        re.match(
            r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day|^(?:thứ|chủ nhật|updated|published|posted|cập nhật|đăng)\b",
            name,
            re.IGNORECASE,
        )
    )


def _visible_source(tree: etree._Element) -> str | None:
    """`Source: https://…` or `Nguồn: …` on a line of its own, outside the text."""
    for element in tree.iter("p", "div", "span", "em", "strong", "li"):
        if len(element) > 3 or not _SOURCE_START.match(first_words(element)):
            continue
        text = line(beginning(element, 400), 400)
        if len(text) < 300 and (said := source_line(text)):
            link = element.find(".//a")
            return absolute(link.get("href"), None) if link is not None and absolute(link.get("href"), None) else said
    return None


def _link_in(html: str) -> str | None:
    found = re.search(r'href="(https?://[^"]+)"', html)
    return found.group(1) if found else None
