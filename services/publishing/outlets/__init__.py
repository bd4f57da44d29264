"""What every outlet starts from: a channel of published articles, and text that no format chokes on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import nh3

from shared.events import PublishedArticle

#: XML 1.0 §2.2 forbids these; a story that carries one must not make a whole feed unreadable.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANKS = re.compile(r"\s+")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/h\d|/li|/tr|/div|/blockquote|/figcaption)\b[^>]*>")
_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "div", "dl"),
    *("dt", "em", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark"),
    *("ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot"),
    *("th", "thead", "time", "tr", "u", "ul", "var"),
}
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "blockquote": {"cite"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}


@dataclass(frozen=True)
class Tombstone:
    """What is left of an article that was unpublished or killed."""

    article_id: UUID
    url: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Channel:
    """One feed's worth of articles, newest first; `home` is the page it mirrors, `address` the feed itself."""

    title: str
    description: str
    home: str
    address: str
    updated: datetime
    language: str | None = None
    articles: Sequence[PublishedArticle] = ()
    gone: Sequence[Tombstone] = field(default=())
    hub: str | None = None


def clean_text(text: str) -> str:
    """The text without the characters that XML 1.0 cannot carry."""
    return _NOT_XML.sub("", text)


def clean_html(html: str, source: str) -> str:
    """The body with nothing in it that acts: the last of several cleanings, done where a body leaves the house.

    An address that means something only on the page it came from is completed by that page's, `source`.
    """
    return nh3.clean(
        clean_text(html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
        url_relative=("rewrite_with_base", source) if urlsplit(source).netloc else "deny",
    )


def plain(html: str) -> str:
    """The words of an HTML fragment, blanks folded."""
    words = unescape(nh3.clean(_BREAKS.sub(r" \g<0>", html), tags=set()))
    return _BLANKS.sub(" ", words).strip()


def excerpt(article: PublishedArticle, limit: int = 280) -> str:
    """The summary, or the body's first words up to `limit` characters, cut between words."""
    text = article.summary or plain(article.body_html)
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.–-") + "…"


def credits_of(article: PublishedArticle) -> list[str]:
    """The people behind an article: its authors, else what the byline says, else nobody."""
    return list(article.authors) or ([article.byline] if article.byline else [])


def put(parent: Element, tag: str, text: str | None = None, attributes: dict[str, str] | None = None) -> Element:
    """Add a child whose text and attributes are safe for XML 1.0; a `None` text leaves it empty."""
    child = SubElement(parent, tag, {name: clean_text(value) for name, value in (attributes or {}).items()})
    child.text = None if text is None else clean_text(text)
    return child


def document(root: Element, namespaces: Iterable[tuple[str, str]] = ()) -> bytes:
    """The finished XML in UTF-8; `namespaces` are declared once, at the root."""
    for prefix, address in namespaces:
        root.set(f"xmlns:{prefix}" if prefix else "xmlns", address)
    indent(root)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text
