"""The story itself: the page's main text as trafilatura finds it, as blocks of plain HTML and plain text."""

import html
import logging
from collections.abc import Iterator
from typing import Any

import trafilatura
from lxml import etree
from trafilatura.settings import Document

from services.ingest.domain.texts import clean, line, paragraphs, words
from services.ingest.sources.parts.blocks import Body, body_of_html, plain_block, restored
from services.ingest.sources.parts.cleaning import text_of_tree
from services.ingest.sources.parts.trees import parse_for_libraries

for _name in ("trafilatura", "htmldate", "courlan", "charset_normalizer"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_SUSPICIOUSLY_SHORT = 700  # characters
_LONG = 80  # characters of a paragraph that is a sentence and not a label
_MOST = 0.6
_NO_TEXT = ("script", "style", "svg", "template", "iframe", "select", "canvas", "object", "embed", "map")
_INLINE = {"#b": "strong", "#i": "em", "#u": "u", "#t": "code", "#sub": "sub", "#sup": "sup"}
_BLOCKS = {"p": "p", "quote": "blockquote", "item": "li", "row": "tr", "table": "table", "code": "pre"}


def body_of(markup: bytes, tree: etree._Element, url: str | None, ld: dict[str, Any]) -> Body | None:
    """The story of a page, given as bytes and as a tree.

    The text that JSON-LD carries is taken where the page itself shows only a part of it.
    """
    declared = _declared_body(ld)
    shown = _shown_body(markup, tree, url, again=declared is None)
    if declared and (shown is None or _hides_most(shown.text, declared.text)):
        return declared
    return shown


def _shown_body(markup: bytes, tree: etree._Element, url: str | None, *, again: bool) -> Body | None:
    """The text a reader sees, in trafilatura's words and the page's own markup."""
    found, by = _extracted(markup, url, precise=True, quick=True), "trafilatura"
    if not _says_most(found, tree):
        found = _extracted(markup, url, precise=True)
    if again and (found is None or len(found.text or "") < _SUSPICIOUSLY_SHORT):
        second = _extracted(markup, url, precise=False)
        if second is not None and (found is None or len(second.text or "") > 2.5 * len(found.text or "")):
            found, by = second, "trafilatura, its careful mode having found next to nothing"
    if found is None or found.body is None:
        return None
    shown = restored([part for part in _parts(found.body) if part[0]], tree, url)
    return Body(tuple(shown), by) if shown else None


def _says_most(found: Document | None, tree: etree._Element) -> bool:
    """Whether a text is no fragment and says most of what the page's longer paragraphs say."""
    said = len(found.text or "") if found is not None else 0
    if said < _SUSPICIOUSLY_SHORT:
        return False
    shown = sum(size for p in tree.iter("p") if (size := len("".join(p.itertext()).strip())) > _LONG)
    return said >= _MOST * shown


def _extracted(markup: bytes, url: str | None, *, precise: bool, quick: bool = False) -> Document | None:
    """What trafilatura finds. Quick, it leaves out comparing two other extractors: a third of its time."""
    tree = parse_for_libraries(markup)
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    found = trafilatura.bare_extraction(
        tree,
        url=url,
        fast=quick,
        favor_precision=precise,
        include_comments=False,
        include_formatting=False,
        include_links=False,
        include_tables=True,
        with_metadata=False,
    )
    return found if isinstance(found, Document) else None


def _parts(body: etree._Element) -> Iterator[tuple[str, str]]:
    """What trafilatura found, part by part: its words, and markup for where the page's own cannot be found."""
    if (body.text or "").strip():
        yield line(body.text, 100_000), _paragraph(body.text or "")
    for child in body:
        yield text_of_tree(child), _rendered(child)
        if (child.tail or "").strip():
            yield line(child.tail, 100_000), _paragraph(child.tail or "")


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(clean(text), quote=False)}</p>"


def _declared_body(ld: dict[str, Any]) -> Body | None:
    value = ld.get("articleBody")
    if not isinstance(value, str) or len(value) < 200:
        return None
    if "</p>" in value or "<br" in value:
        return body_of_html(value, None, "json-ld articleBody")
    blocks = tuple(plain_block(part) for part in paragraphs(html.unescape(value)).split("\n") if part)
    return Body(blocks, "json-ld articleBody")


def _hides_most(shown: str, declared: str) -> bool:
    """Whether the page shows only a part of the text it declares: a paywall, or a page that a script fills in."""
    return len(words(shown)) < 0.6 * len(words(declared))


def _rendered(element: etree._Element) -> str:
    """One element of trafilatura's own vocabulary (close to TEI) as HTML, without its tail."""
    if not isinstance(element.tag, str):
        return ""
    inner = [html.escape(clean(element.text or ""), quote=False)]
    for child in element:
        inner += [_rendered(child), html.escape(clean(child.tail or ""), quote=False)]
    return _wrapped(element, "".join(inner))


def _wrapped(element: etree._Element, inner: str) -> str:
    tag, rend = element.tag, element.get("rend") or ""
    if tag in ("lb", "graphic"):
        return "<br>" if tag == "lb" else ""
    if tag == "ref":
        target = html.escape(element.get("target") or "")
        return f'<a href="{target}">{inner}</a>' if target else inner
    name = _BLOCKS.get(str(tag))
    if tag == "head":
        name = rend if rend in ("h2", "h3", "h4") else "h2"
    elif tag == "list":
        name = "ol" if rend == "ol" else "ul"
    elif tag == "cell":
        name = "th" if element.get("role") == "head" else "td"
    elif tag == "hi":
        name = _INLINE.get(rend, "em")
    return f"<{name}>{inner}</{name}>" if name else inner
