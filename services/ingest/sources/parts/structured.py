"""What a page says about itself for machines: JSON-LD, OpenGraph and `article:*`, plain meta tags, microdata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from lxml import etree

from services.ingest.domain.texts import line

_ARTICLES = {
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle",
    "reviewnewsarticle", "blogposting", "liveblogposting", "report", "techarticle", "socialmediaposting",
    "advertisercontentarticle",
}  # fmt: skip
_DEEPEST = 12
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_COMMENT_MARKS = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")


@dataclass(slots=True)
class Declared:
    """A page's declarations.

    `ld` is the JSON-LD article node, `meta` the meta tags by lower-case name, first one wins.
    """

    ld: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, list[str]] = field(default_factory=dict)
    micro: dict[str, list[str]] = field(default_factory=dict)
    canonical: str | None = None
    language: str | None = None

    @property
    def spoken(self) -> str | None:
        """The language it says it is written in, the article's own word first."""
        inside = next(iter(texts(self.ld.get("inLanguage"))), None)
        return inside or self.language or self.meta.get("og:locale") or self.meta.get("content-language")


def declared_in(tree: etree._Element) -> Declared:
    """Everything a page declares; broken blocks are passed over."""
    found = Declared(ld=_article_node(tree), language=_language(tree))
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
        content = line(element.get("content"), 5000)
        if name and content:
            found.meta.setdefault(name, content)
            found.repeated.setdefault(name, []).append(content)
    for element in tree.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split() and element.get("href"):
            found.canonical = found.canonical or line(element.get("href"), 4000)
    found.micro = _microdata(tree)
    return found


def texts(value: Any, *, key: str = "name", depth: int = 0) -> list[str]:
    """All names in a JSON-LD value: a string, an object with a `name`, or a list of these."""
    if isinstance(value, str):
        return [line(value, 1000)] if value.strip() else []
    if isinstance(value, dict):
        return texts(value.get(key) or value.get("@value"), key=key, depth=depth + 1) if depth < _DEEPEST else []
    if isinstance(value, list) and depth < _DEEPEST:
        return [text for part in value[:50] for text in texts(part, key=key, depth=depth + 1)]
    return []


def objects(value: Any) -> list[dict[str, Any]]:
    """A JSON-LD value as a list of objects; a bare string becomes an object with that `url`."""
    parts = value if isinstance(value, list) else [value]
    return [{"url": part} if isinstance(part, str) else part for part in parts[:50] if isinstance(part, (dict, str))]


def kinds(node: dict[str, Any]) -> set[str]:
    """The types of a JSON-LD node, lower-case, without their vocabulary's address."""
    return {kind.rsplit("/", 1)[-1].lower() for kind in texts(node.get("@type"))}


def _article_node(tree: etree._Element) -> dict[str, Any]:
    best: dict[str, Any] = {}
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        for node in _nodes(_loads(script.text), 0):
            if kinds(node) & _ARTICLES and len(node) > len(best):
                best = node
    return best


def _loads(text: str) -> Any:
    plain = _COMMENT_MARKS.sub("", text.strip())
    for attempt in (plain, _TRAILING_COMMA.sub(r"\1", re.sub(r"[\x00-\x1f]+", " ", plain))):
        try:
            return orjson.loads(attempt)
        except orjson.JSONDecodeError:
            continue
    return None


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for part in value[:200]:
            yield from _nodes(part, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            yield from _nodes(value.get(key), depth + 1)


def _language(tree: etree._Element) -> str | None:
    root = tree if tree.tag == "html" else tree.find(".//html")
    if root is None:
        return None
    names = ("lang", "{http://www.w3.org/XML/1998/namespace}lang", "xml:lang")
    return next((str(root.get(name)) for name in names if root.get(name)), None)


def _microdata(tree: etree._Element) -> dict[str, list[str]]:
    """`itemprop` values by name. An author's name is often one property deeper, so text is taken whole."""
    found: dict[str, list[str]] = {}
    for element in tree.xpath("//*[@itemprop]")[:300]:
        value = element.get("content") or element.get("datetime") or element.get("href") or ""
        if element.tag != "meta":
            value = element.get("content") or element.get("datetime") or line(" ".join(element.itertext()), 1000)
        for name in (element.get("itemprop") or "").split():
            if value and name not in ("articleBody", "text"):
                found.setdefault(name.lower(), []).append(value)
    return found
