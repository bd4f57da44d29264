"""Foreign HTML on its way in: a short allow list, absolute links, nothing that acts.

Cleaning is always the last step.
"""

import re
from typing import Any
from urllib.parse import urljoin

import nh3
from lxml import etree

from services.ingest.domain.texts import clean, line

_TAGS = {
    "p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "em", "strong", "b", "i", "u", "s", "sub", "sup",
    "a", "code",
    "pre", "table", "thead", "tbody", "tr", "th", "td", "hr", "q", "cite", "abbr", "dl", "dt", "dd",
}  # fmt: skip
_DROPPED_WHOLE = {
    "script", "style", "iframe", "object", "embed", "form", "svg", "math", "noscript", "template", "title", "head",
    "xmp",
    "noembed", "noframes", "plaintext", "textarea", "select", "button", "audio", "video", "canvas", "figure",
    "figcaption",
}  # fmt: skip
_BLOCKS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "blockquote",
    "td",
    "th",
    "dd",
    "dt",
    "pre",
    "div",
    "tr",
    "br",
    "hr",
    "head",  # from here on as trafilatura calls them
    "item",
    "row",
    "cell",
    "quote",
    "lb",
}
_SILENT = ("script", "style")
_EMPTY = re.compile(r"<(p|h2|h3|h4|li|blockquote|strong|em|b|i)>\s*</\1>")
_TO_RESOLVE = re.compile(r"\bhref\s*=\s*(?![\"']https?://)", re.IGNORECASE)
_KEPT: dict[str, Any] = {
    "tags": _TAGS,
    "clean_content_tags": _DROPPED_WHOLE,
    "attributes": {"a": {"href"}},
    "url_schemes": {"http", "https"},
    "link_rel": "nofollow noopener",
}
_CLEANER = nh3.Cleaner(**_KEPT, url_relative="deny")  # for links that are absolute as they stand: most markup


def safe_html(html: str, base: str | None = None) -> str:
    """Article HTML reduced to text markup; links become absolute http(s) ones, everything else goes."""

    html = clean(html)
    cleaned = _resolved(html, base) if _TO_RESOLVE.search(html) else _CLEANER.clean(html)
    previous = ""
    while previous != cleaned:
        previous, cleaned = cleaned, _EMPTY.sub("", cleaned)
    return cleaned.strip()


def _resolved(html: str, base: str | None) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) != ("a", "href"):
            return None
        try:
            link = urljoin(base or "", value.strip())
        except ValueError:
            return None
        return link if link.startswith(("http://", "https://")) else None

    return nh3.clean(html, **_KEPT, attribute_filter=keep)


def text_of(html: str) -> str:
    """The words of an HTML fragment, one paragraph a line. Empty for markup without words."""
    tree = fragment(html)
    return "" if tree is None else text_of_tree(tree)


def text_of_tree(tree: etree._Element) -> str:
    """The words under an element, one paragraph a line."""
    if tree.tag not in _SILENT and not any(e.tag in _BLOCKS or e.tag in _SILENT for e in tree.iterdescendants()):
        words = "".join(tree.itertext())
        if "\n" not in words:  # nearly every paragraph
            return line(words, 100_000)
    parts: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _BLOCKS:
                parts.append("\n")
            if tag not in _SILENT:
                parts.append(element.text or "")
        else:
            if tag in _BLOCKS:
                parts.append("\n")
            parts.append(element.tail or "" if element is not tree else "")
    return "\n".join(words for part in "".join(parts).split("\n") if (words := line(part, 100_000)))


def fragment(html: str) -> etree._Element | None:
    """An HTML fragment as a tree, or None where there is nothing to parse."""
    text = clean(html).strip()
    if not text:
        return None
    try:
        root = etree.fromstring(f"<html><body>{text}</body></html>", etree.HTMLParser(no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
    body = None if root is None else root.find("body")
    if body is None:
        return None
    body.tag = "div"
    root.remove(body)
    return body
