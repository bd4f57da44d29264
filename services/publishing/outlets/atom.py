"""Atom (RFC 4287) with tombstones (RFC 6721), so that a reader's copy of a killed story goes too."""

from mimetypes import guess_type
from xml.etree.ElementTree import Element

from services.publishing.outlets import Channel, Tombstone, clean_html, credits_of, document, excerpt, put
from shared.events import PublishedArticle

MEDIA_TYPE = "application/atom+xml"
_NAMESPACES = (("", "http://www.w3.org/2005/Atom"), ("at", "http://purl.org/atompub/tombstones/1.0"))


def render(channel: Channel) -> bytes:
    """The channel as an Atom feed; each article's id is its UUID and never changes, a correction moves `updated`."""
    feed = Element("feed")
    if channel.language:
        feed.set("xml:lang", channel.language)
    put(feed, "id", channel.address)
    put(feed, "title", channel.title)
    put(feed, "subtitle", channel.description)
    put(feed, "updated", channel.updated.isoformat())
    put(feed, "link", None, {"rel": "self", "type": MEDIA_TYPE, "href": channel.address})
    put(feed, "link", None, {"rel": "alternate", "type": "text/html", "href": channel.home})
    if channel.hub:
        put(feed, "link", None, {"rel": "hub", "href": channel.hub})
    put(feed, "generator", "Newsroom")
    for tombstone in channel.gone:
        _deleted(feed, tombstone)
    for article in channel.articles:
        _entry(feed, article)
    return document(feed, _NAMESPACES)


def _entry(feed: Element, article: PublishedArticle) -> None:
    entry = put(feed, "entry", None, {"xml:lang": article.language})
    put(entry, "id", f"urn:uuid:{article.article_id}")
    put(entry, "title", article.headline)
    put(entry, "link", None, {"rel": "alternate", "type": "text/html", "href": article.url})
    put(entry, "link", None, {"rel": "via", "href": article.source_url})
    put(entry, "published", article.published_at.isoformat())
    put(entry, "updated", article.updated_at.isoformat())
    for name in credits_of(article) or [article.outlet]:
        put(put(entry, "author"), "name", name)
    put(entry, "rights", " / ".join(filter(None, (article.outlet, article.wire))))
    if article.section:
        put(entry, "category", None, {"term": article.section, "label": article.section_name or article.section})
    for tag in article.tags:
        put(entry, "category", None, {"term": tag.id, "label": tag.name})
    for picture in article.pictures:
        kind = guess_type(picture.url.partition("?")[0])[0]
        known = {"type": kind, "title": picture.caption}
        about = {name: value for name, value in known.items() if value}
        put(entry, "link", None, {"rel": "enclosure", "href": picture.url, **about})
    put(entry, "summary", excerpt(article))
    put(entry, "content", clean_html(article.body_html, article.source_url), {"type": "html"})


def _deleted(feed: Element, tombstone: Tombstone) -> None:
    gone = put(
        feed, "at:deleted-entry", None, {"ref": f"urn:uuid:{tombstone.article_id}", "when": tombstone.at.isoformat()}
    )
    put(gone, "at:comment", tombstone.reason)
