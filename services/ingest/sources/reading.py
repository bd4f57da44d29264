"""Which reader reads a document: by what it is told, else by what the document looks like."""

import re
from collections.abc import Callable
from typing import Literal

import orjson

from services.ingest.domain.items import Harvest, Hints, Unreadable

Form = Literal["auto", "feed", "page", "sitemap", "jsonfeed", "ninjs", "newsml", "newsml1"]
_ROOT = re.compile(r"<(?!!|\?)(?:[\w-]+:)?([\w-]+)")
_FORMS: dict[str, Form] = {
    "rss": "feed", "feed": "feed", "rdf": "feed", "channel": "feed", "urlset": "sitemap", "sitemapindex": "sitemap",
    "newsitem": "newsml", "newsmessage": "newsml", "newsml": "newsml1", "packageitem": "newsml",
}  # fmt: skip


def read_document(form: Form, content: bytes, hints: Hints) -> Harvest:
    """Read a document. Raises Unreadable with the cause where it gives nothing."""
    if not content.strip():
        raise Unreadable("empty", f"{hints.url or 'The document'} is empty.")
    found = form_of(content, hints.media_type) if form == "auto" else form
    if found == "feed" and _looks_like_json(content):
        found = "jsonfeed"
    if found == "newsml" and form_of(content) == "newsml1":
        found = "newsml1"
    return _reader(found)(content, hints)


def _reader(form: Form) -> Callable[[bytes, Hints], Harvest]:
    """The form's reader, loaded when it is first needed: a process that reads feeds never loads what pages take."""
    if form == "feed":
        from services.ingest.sources.feeds import read_feed as reader
    elif form == "jsonfeed":
        from services.ingest.sources.jsonfeed import read_json_feed as reader
    elif form == "sitemap":
        from services.ingest.sources.sitemaps import read_sitemap as reader
    elif form == "ninjs":
        from services.ingest.sources.ninjs import read_ninjs as reader
    elif form == "newsml":
        from services.ingest.sources.newsml import read_newsml as reader
    elif form == "newsml1":
        from services.ingest.sources.newsml1 import read_newsml1 as reader
    else:
        from services.ingest.sources.pages import read_page

        return lambda content, hints: Harvest(items=[read_page(content, hints)])
    return reader


def form_of(content: bytes, media_type: str | None = None) -> Form:
    """What a document is, by its first element or key; the media type decides only where the document does not."""
    if _looks_like_json(content):
        return _json_form(content)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    root = _ROOT.search(content[:8192].decode(encoding, "ignore"))
    name = root.group(1).lower() if root else ""
    if name in _FORMS:
        return _FORMS[name]
    if name not in ("html", "body", "head") and media_type and ("rss" in media_type or "atom" in media_type):
        return "feed"
    return "page"


def _looks_like_json(content: bytes) -> bool:
    return content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _json_form(content: bytes) -> Form:
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return "jsonfeed"
    if isinstance(document, dict) and "uri" in document and "items" not in document:
        return "ninjs"
    return "jsonfeed"
