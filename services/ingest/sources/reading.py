"""Which reader reads a document: by what it is told, else by what the document looks like."""

import re
from typing import Literal

import orjson

from services.ingest.domain.items import Harvest, Hints, Unreadable
from services.ingest.sources.feeds import read_feed
from services.ingest.sources.jsonfeed import read_json_feed
from services.ingest.sources.newsml import read_newsml
from services.ingest.sources.ninjs import read_ninjs
from services.ingest.sources.pages import read_page
from services.ingest.sources.sitemaps import read_sitemap

Form = Literal["auto", "feed", "page", "sitemap", "jsonfeed", "ninjs", "newsml"]
_ROOT = re.compile(r"<(?!!|\?)(?:[\w-]+:)?([\w-]+)")
_FORMS: dict[str, Form] = {
    "rss": "feed", "feed": "feed", "rdf": "feed", "channel": "feed", "urlset": "sitemap", "sitemapindex": "sitemap",
    "newsitem": "newsml", "newsmessage": "newsml", "newsml": "newsml", "packageitem": "newsml",
}  # fmt: skip


def read_document(form: Form, content: bytes, hints: Hints) -> Harvest:
    """Read a document. Raises Unreadable with the cause where it gives nothing."""
    if not content.strip():
        raise Unreadable("empty", f"{hints.url or 'The document'} is empty.")
    found = form_of(content, hints.media_type) if form == "auto" else form
    if found == "feed":
        return read_json_feed(content, hints) if _looks_like_json(content) else read_feed(content, hints)
    if found == "jsonfeed":
        return read_json_feed(content, hints)
    if found == "sitemap":
        return read_sitemap(content, hints)
    if found == "ninjs":
        return read_ninjs(content, hints)
    if found == "newsml":
        return read_newsml(content, hints)
    return Harvest(items=[read_page(content, hints)])


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
