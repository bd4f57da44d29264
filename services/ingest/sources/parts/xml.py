"""XML from strangers: no DTD subsets, no entities of their own, no network, bounded depth and size."""

import re

from lxml import etree

from services.ingest.domain.items import Unreadable
from services.ingest.sources.parts.decoding import decode

_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]{0,2000}(\[)?", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>")
_REFERENCE = re.compile(r"&#([0-9]{1,9}|[xX][0-9a-fA-F]{1,8});")
_ROOT_FIRST = re.compile(r"\s*<[A-Za-z]")
_PROLOG = 64 * 1024


def plain_xml(content: bytes, charset: str | None, what: str) -> bytes:
    """The document as UTF-8 without declaration and DOCTYPE.

    Raises Unreadable where it defines entities or a subset.
    """
    text, _ = decode(content, charset)
    text = _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n\x00"), count=1)
    prolog = "" if _ROOT_FIRST.match(text) else text[:_PROLOG]  # a definition stands before the root or is none
    if _holds(prolog, "<!ENTITY") and _outside_cdata(text, "<!ENTITY"):
        raise Unreadable("forbidden_dtd", f"{what} defines XML entities; such documents are not read.")
    if _holds(prolog, "<!DOCTYPE") and (found := _DOCTYPE.search(prolog)):
        if found.group(1):
            raise Unreadable("forbidden_dtd", f"{what} carries a DTD subset; such documents are not read.")
        if _outside_cdata(text, text[found.start() : found.start() + 9]):
            end = text.find(">", found.start())
            text = text[: found.start()] + text[end + 1 :] if end > 0 else text
    if "&" in text and "&#" in text:
        text = _REFERENCE.sub(_possible, text)
    return text.encode("utf-8", "replace")


def _holds(text: str, mark: str) -> bool:
    """Whether a mark stands in a text in any spelling; its first letter is looked for before all are folded."""
    return (mark[:3] in text or mark[:3].lower() in text) and mark in text.upper()


def _possible(reference: re.Match[str]) -> str:
    """A character reference as it is, or nothing where XML allows no such character (NUL, surrogates, out of range)."""
    digits = reference.group(1)
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    allowed = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return reference.group(0) if allowed else ""


def parse_xml(content: bytes, charset: str | None, what: str) -> etree._Element:
    """The document's root. Raises Unreadable for what is not well-formed or not allowed."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(plain_xml(content, charset, what), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("broken_xml", f"{what} is not well-formed XML: {error}") from error
    return root


def _outside_cdata(text: str, mark: str) -> bool:
    """Whether the mark stands in markup and not inside the first CDATA section's text."""
    at = text.upper().find(mark.upper())
    opened = text.find("<![CDATA[")
    return opened == -1 or at < opened
