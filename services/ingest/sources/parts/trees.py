"""A page as a tree, and walking it without reading all of it.

lxml's own elements are what we look at: those of `lxml.html` ask Python for a class each time one is touched, which
costs an eighth of the time a page takes. Libraries that insist on them get a tree of their own, which they may spoil.
"""

from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from services.ingest.domain.items import Unreadable


def parse(markup: bytes) -> etree._Element:
    """A page (UTF-8) as a tree. Raises Unreadable for what is no HTML at all."""
    try:
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
        tree = etree.fromstring(markup, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise Unreadable("not_html", f"This is no HTML page: {error}") from error
    if tree is None or not len(tree):
        raise Unreadable("not_html", "This is no HTML page: there is no markup in it.")
    return tree


def parse_for_libraries(markup: bytes) -> lxml_html.HtmlElement:
    """The same page for trafilatura and htmldate, which change what they are given."""
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    return lxml_html.document_fromstring(markup, parser=parser)


def beginning(element: etree._Element, most: int, joint: str = "") -> str:
    """The text under an element up to about `most` characters that are no blanks; an element may hold a whole page."""
    parts: list[str] = []
    left = most
    for text in element.itertext():
        parts.append(text)
        left -= len(text.strip())
        if left <= 0:
            break
    return joint.join(parts)


def first_words(element: etree._Element) -> str:
    """The first piece of text under an element that is not blank, as it stands in the page."""
    for text in element.itertext():
        if not text.isspace():
            return str(text)
    return ""


def following(element: etree._Element) -> Iterator[etree._Element]:
    """The elements behind one in document order, its own children left out."""
    here: etree._Element | None = element
    while here is not None:
        for sibling in here.itersiblings():
            yield from sibling.iter(etree.Element)
        here = here.getparent()


def preceding(element: etree._Element, most: int) -> list[etree._Element]:
    """The `most` elements before one in document order, its ancestors left out."""
    found: list[etree._Element] = []
    here: etree._Element | None = element
    while here is not None and len(found) < most:
        for sibling in here.itersiblings(preceding=True):
            found += list(sibling.iter(etree.Element))[::-1]
            if len(found) >= most:
                break
        here = here.getparent()
    return found[:most][::-1]
