"""The rules that the W3C's feed validator and the formats' own texts put on a feed, each as one sentence when broken.

Every function answers what is wrong with a document; nothing is right. Sources: RFC 4287 and RFC 6721 (Atom), the RSS
2.0 specification with its modules, JSON Feed 1.1, OPML 2.0, the sitemap protocol with Google's news extension.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring

ATOM = "{http://www.w3.org/2005/Atom}"
STONE = "{http://purl.org/atompub/tombstones/1.0}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
TERMS = "{http://purl.org/dc/terms/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
SITE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MIME = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*( *; *[a-z]+=[^;]+)*")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d ([+-]\d{4}|GMT)")
_ATOM_FEED = {"id", "title", "subtitle", "updated", "link", "generator", "icon", "logo", "rights", "author"}
_ATOM_FEED |= {"category", "contributor", "entry"}
_ATOM_ENTRY = {"id", "title", "updated", "published", "link", "author", "contributor", "category", "summary"}
_ATOM_ENTRY |= {"content", "rights", "source"}
_RSS_CHANNEL = {"title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate"}
_RSS_CHANNEL |= {
    "lastBuildDate",
    "category",
    "generator",
    "docs",
    "cloud",
    "ttl",
    "image",
    "skipHours",
    "skipDays",
    "item",
}
_RSS_ITEM = {"title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate", "source"}


class _Acting(HTMLParser):
    """Finds in a body what acts, and addresses that mean nothing outside their page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "iframe", "object", "embed", "form", "meta", "link", "base"}:
            self.found.append(f"holds <{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"holds the attribute {name}")
            if name in {"href", "src", "cite"} and not is_absolute(value or ""):
                self.found.append(f"holds the address {value!r}, which is not absolute")


def is_absolute(text: str) -> bool:
    """Whether an address means the same everywhere."""
    parts = urlsplit(text)
    opaque = parts.scheme in {"urn", "tag", "mailto"} and bool(parts.path)
    return not any(c.isspace() for c in text) and (opaque or (parts.scheme in {"http", "https"} and bool(parts.netloc)))


def _acts(where: str, html: str) -> Iterator[str]:
    parser = _Acting()
    parser.feed(html)
    parser.close()
    yield from (f"{where} {one}" for one in parser.found)


def _rfc3339(where: str, text: str | None) -> Iterator[str]:
    if not text or not _RFC3339.fullmatch(text):
        yield f"{where} {text!r} is no date and time with a zone (RFC 3339)"


def _rfc822(where: str, text: str | None) -> Iterator[str]:
    if not text or not _RFC822.fullmatch(text) or parsedate_to_datetime(text).strftime("%a") != text[:3]:
        yield f"{where} {text!r} is no RFC 822 date with its own weekday"


def _once(where: str, node: Element, names: Iterable[str], prefix: str = "", *, most: bool = False) -> Iterator[str]:
    for name in names:
        number = len(node.findall(prefix + name))
        if number > 1 or (number == 0 and not most):
            yield f"{where} has {number} {name}"


def _unknown(where: str, node: Element, known: set[str], prefix: str = "") -> Iterator[str]:
    for child in node:
        tag = child.tag.removeprefix(prefix)
        if "{" not in tag and tag not in known:
            yield f"{where} has an unknown element {tag}"


def _repeated(where: str, values: Iterable[Any]) -> Iterator[str]:
    yield from (f"{where} {value!r} stands {n} times" for value, n in Counter(values).items() if n > 1)


def _language(where: str, text: str | None) -> Iterator[str]:
    if text is not None and not _LANGUAGE.fullmatch(text):
        yield f"{where} {text!r} is no language"


def _parsed(body: bytes) -> tuple[Element | None, list[str]]:
    try:
        return fromstring(body), []  # noqa: S314  # our own document
    except ParseError as error:
        return None, [f"not well-formed: {error}"]


def atom(body: bytes) -> list[str]:
    """What is wrong with an Atom feed."""
    feed, wrong = _parsed(body)
    if feed is None:
        return wrong
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}, not an Atom feed"]
    wrong += _once("feed", feed, ("id", "title", "updated"), ATOM)
    wrong += _once("feed", feed, ("subtitle", "generator", "icon", "logo", "rights"), ATOM, most=True)
    wrong += _unknown("feed", feed, _ATOM_FEED, ATOM)
    wrong += _language("feed xml:lang", feed.get("{http://www.w3.org/XML/1998/namespace}lang"))
    if not is_absolute(feed.findtext(f"{ATOM}id") or ""):
        wrong.append("feed id is no absolute IRI")
    wrong += _rfc3339("feed updated", feed.findtext(f"{ATOM}updated"))
    wrong += _links("feed", feed)
    if len([link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]) != 1:
        wrong.append("feed does not link to itself once")
    entries = feed.findall(f"{ATOM}entry")
    wrong += _repeated("entry id", (entry.findtext(f"{ATOM}id") for entry in entries))
    for number, entry in enumerate(entries, 1):
        wrong += _atom_entry(f"entry {number}", entry, feed)
    for stone in feed.findall(f"{STONE}deleted-entry"):
        if not is_absolute(stone.get("ref") or ""):
            wrong.append("a tombstone refers to nothing")
        wrong += _rfc3339("tombstone when", stone.get("when"))
    return wrong


def _atom_entry(where: str, entry: Element, feed: Element) -> Iterator[str]:
    yield from _once(where, entry, ("id", "title", "updated"), ATOM)
    yield from _once(where, entry, ("summary", "content", "published", "rights", "source"), ATOM, most=True)
    yield from _unknown(where, entry, _ATOM_ENTRY, ATOM)
    if not is_absolute(entry.findtext(f"{ATOM}id") or ""):
        yield f"{where} id is no absolute IRI"
    for name in ("updated", "published"):
        if entry.find(f"{ATOM}{name}") is not None:
            yield from _rfc3339(f"{where} {name}", entry.findtext(f"{ATOM}{name}"))
    if not (entry.findtext(f"{ATOM}title") or "").strip():
        yield f"{where} has an empty title"
    yield from _atom_authors(where, [*entry.findall(f"{ATOM}author"), *feed.findall(f"{ATOM}author")])
    yield from _links(where, entry)
    for category in entry.findall(f"{ATOM}category"):
        if not category.get("term"):
            yield f"{where} has a category without a term"
    yield from _language(f"{where} xml:lang", entry.get("{http://www.w3.org/XML/1998/namespace}lang"))
    yield from _atom_text(where, entry)


def _atom_authors(where: str, authors: list[Element]) -> Iterator[str]:
    if not authors:
        yield f"{where} has no author"
    for author in authors:
        if not (author.findtext(f"{ATOM}name") or "").strip():
            yield f"{where} has an author without a name"


def _atom_text(where: str, entry: Element) -> Iterator[str]:
    content = entry.find(f"{ATOM}content")
    if content is None and not any(link.get("rel") == "alternate" for link in entry.findall(f"{ATOM}link")):
        yield f"{where} has neither content nor an alternate link"
    if content is not None:
        if content.get("type", "text") not in {"text", "html", "xhtml"} or (
            content.get("type") == "html" and len(content)
        ):
            yield f"{where} content is not what its type says"
        yield from _acts(f"{where} content", content.text or "")


def _links(where: str, node: Element) -> Iterator[str]:
    links = node.findall(f"{ATOM}link")
    for link in links:
        if not is_absolute(link.get("href") or ""):
            yield f"{where} links to {link.get('href')!r}, which is not absolute"
        if link.get("type") is not None and not _MIME.fullmatch(link.get("type") or ""):
            yield f"{where} links to the type {link.get('type')!r}, which is none"
    kinds = [(link.get("type"), link.get("hreflang")) for link in links if link.get("rel", "alternate") == "alternate"]
    yield from _repeated(f"{where} alternate link", kinds)


def rss(body: bytes) -> list[str]:
    """What is wrong with an RSS 2.0 feed."""
    root, wrong = _parsed(body)
    if root is None:
        return wrong
    if root.tag != "rss" or root.get("version") != "2.0" or len(root.findall("channel")) != 1:
        return ["the root is not RSS 2.0 with one channel"]
    channel = root.find("channel")
    assert channel is not None
    wrong += _once("channel", channel, ("title", "link", "description"))
    wrong += _once("channel", channel, ("language", "lastBuildDate", "pubDate", "generator", "docs", "ttl"), most=True)
    wrong += _unknown("channel", channel, _RSS_CHANNEL)
    if not is_absolute(channel.findtext("link") or ""):
        wrong.append("channel link is not absolute")
    wrong += _language("channel language", channel.findtext("language"))
    for name in ("lastBuildDate", "pubDate"):
        if channel.find(name) is not None:
            wrong += _rfc822(f"channel {name}", channel.findtext(name))
    selves = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(selves) != 1 or selves[0].get("type") != "application/rss+xml":
        wrong.append("channel does not link to itself once, as application/rss+xml")
    wrong += _links("channel", channel)
    items = channel.findall("item")
    wrong += _repeated("guid", (item.findtext("guid") for item in items))
    for number, item in enumerate(items, 1):
        wrong += _rss_item(f"item {number}", item)
    return wrong


def _rss_item(where: str, item: Element) -> Iterator[str]:
    yield from _once(where, item, ("title", "link", "guid", "pubDate"))
    yield from _once(where, item, ("description", "author", "comments", "source"), most=True)
    yield from _once(where, item, ("encoded",), CONTENT, most=True)
    yield from _once(where, item, ("modified",), TERMS, most=True)
    yield from _unknown(where, item, _RSS_ITEM)
    if not (item.findtext("title") or item.findtext("description") or "").strip():
        yield f"{where} has neither title nor description"
    if not is_absolute(item.findtext("link") or ""):
        yield f"{where} link is not absolute"
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink", "true") == "true" and not (guid.text or "").startswith("http"):
        yield f"{where} guid says it is an address and is none"
    yield from _rfc822(f"{where} pubDate", item.findtext("pubDate"))
    if item.find(f"{TERMS}modified") is not None:
        yield from _rfc3339(f"{where} modified", item.findtext(f"{TERMS}modified"))
    if item.find("author") is not None and "@" not in (item.findtext("author") or ""):
        yield f"{where} author is no mail address (use dc:creator)"
    if item.find("author") is not None and item.find(f"{DC}creator") is not None:
        yield f"{where} has both author and dc:creator"
    for node in item.findall("category"):
        if not (node.text or "").strip():
            yield f"{where} has an empty category"
    yield from _rss_bodies(where, item)
    yield from _rss_media(where, item)


def _rss_bodies(where: str, item: Element) -> Iterator[str]:
    for name in ("description", f"{CONTENT}encoded"):
        yield from _acts(f"{where} {name.rpartition('}')[2]}", item.findtext(name) or "")
    yield from _language(f"{where} dc:language", item.findtext(f"{DC}language"))


def _rss_media(where: str, item: Element) -> Iterator[str]:
    for enclosure in item.findall("enclosure"):
        if not all(enclosure.get(name) for name in ("url", "length", "type")):
            yield f"{where} enclosure needs url, length and type"
    for media in item.findall(f"{MEDIA}content"):
        if not is_absolute(media.get("url") or ""):
            yield f"{where} media address is not absolute"
        if any(not (media.get(name) or "1").isdigit() for name in ("width", "height")):
            yield f"{where} media size is no number"


def json_feed(body: bytes) -> list[str]:
    """What is wrong with a JSON Feed."""
    feed: dict[str, Any] = json.loads(body)
    wrong = [f"feed has no {name}" for name in ("version", "title", "items") if name not in feed]
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        wrong.append(f"version {feed.get('version')!r} is not that of JSON Feed 1.1")
    known = {
        "version",
        "title",
        "home_page_url",
        "feed_url",
        "description",
        "user_comment",
        "next_url",
        "icon",
        "favicon",
    }
    known |= {"authors", "language", "expired", "hubs", "items"}
    wrong += [f"feed has an unknown name {name}" for name in feed if name not in known and not name.startswith("_")]
    wrong += [f"feed {n} is not absolute" for n in ("home_page_url", "feed_url") if not is_absolute(feed.get(n, ""))]
    wrong += _language("feed language", feed.get("language"))
    wrong += _repeated("item id", (item.get("id") for item in feed.get("items", ())))
    for number, item in enumerate(feed.get("items", ()), 1):
        wrong += _json_item(f"item {number}", item)
    return wrong


def _json_item(where: str, item: dict[str, Any]) -> Iterator[str]:
    known = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image"}
    known |= {"date_published", "date_modified", "authors", "tags", "language", "attachments"}
    yield from (f"{where} has an unknown name {n}" for n in item if n not in known and not n.startswith("_"))
    if not isinstance(item.get("id"), str) or not item["id"]:
        yield f"{where} has no id"
    if "content_html" not in item and "content_text" not in item:
        yield f"{where} has no content"
    for name in ("url", "external_url", "image", "banner_image"):
        if name in item and not is_absolute(item[name]):
            yield f"{where} {name} is not absolute"
    for name in ("date_published", "date_modified"):
        if name in item:
            yield from _rfc3339(f"{where} {name}", item[name])
    for author in item.get("authors", ()):
        if not author.keys() & {"name", "url", "avatar"}:
            yield f"{where} has an author who is nobody"
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", ())):
        yield f"{where} has a tag that is no text"
    yield from _language(f"{where} language", item.get("language"))
    yield from _acts(f"{where} content_html", item.get("content_html", ""))


def opml(body: bytes) -> list[str]:
    """What is wrong with an OPML 2.0 document."""
    root, wrong = _parsed(body)
    if root is None:
        return wrong
    if root.tag != "opml" or root.get("version") != "2.0" or [child.tag for child in root] != ["head", "body"]:
        return ["the root is not OPML 2.0 with head and body"]
    wrong += _rfc822("dateCreated", root.findtext("head/dateCreated"))
    for outline in root.iter("outline"):
        if not (outline.get("text") or "").strip():
            wrong.append("an outline has no text")
        if outline.get("type") == "rss" and not is_absolute(outline.get("xmlUrl") or ""):
            wrong.append(f"the feed {outline.get('text')!r} has no absolute xmlUrl")
    if not root.findall("body/outline"):
        wrong.append("the body is empty")
    return wrong


def news_sitemap(body: bytes, now: datetime) -> list[str]:
    """What is wrong with a Google News sitemap."""
    root, wrong = _parsed(body)
    if root is None:
        return wrong
    urls = root.findall(f"{SITE}url")
    if root.tag != f"{SITE}urlset" or len(urls) > 1000:
        wrong.append("the root is no urlset of at most 1,000 addresses")
    wrong += _repeated("loc", (url.findtext(f"{SITE}loc") for url in urls))
    for url in urls:
        where, news = url.findtext(f"{SITE}loc") or "", f"{NEWS}news/{NEWS}"
        if not is_absolute(where):
            wrong.append(f"loc {where!r} is not absolute")
        language = url.findtext(f"{news}publication/{NEWS}language") or ""
        if not re.fullmatch(r"[a-z]{2,3}|zh-cn|zh-tw", language):
            wrong.append(f"{where} language {language!r} is none of ISO 639")
        for name in ("title", f"publication/{NEWS}name"):
            if not (url.findtext(f"{news}{name}") or "").strip():
                wrong.append(f"{where} has no {name.rpartition('}')[2]}")
        date = url.findtext(f"{news}publication_date")
        wrong += list(_rfc3339(f"{where} publication_date", date))
        if date and _RFC3339.fullmatch(date) and (now - datetime.fromisoformat(date)).total_seconds() > 2 * 86400:
            wrong.append(f"{where} is older than two days")
    return wrong
