"""RSS 2.0 (rssboard.org/rss-specification) with the content, Dublin Core, Media and Atom modules."""

from email.utils import format_datetime
from xml.etree.ElementTree import Element

from services.publishing.outlets import Channel, clean_html, credits_of, document, excerpt, put
from shared.events import PublishedArticle

MEDIA_TYPE = "application/rss+xml"
_NAMESPACES = (
    ("atom", "http://www.w3.org/2005/Atom"),
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("media", "http://search.yahoo.com/mrss/"),
)


def render(channel: Channel) -> bytes:
    """The channel as RSS. RSS has no tombstones: what is gone is simply no longer listed."""
    rss = Element("rss", {"version": "2.0"})
    root = put(rss, "channel")
    put(root, "title", channel.title)
    put(root, "link", channel.home)
    put(root, "description", channel.description)
    if channel.language:
        put(root, "language", channel.language)
    put(root, "lastBuildDate", format_datetime(channel.updated))
    put(root, "generator", "Newsroom")
    put(root, "docs", "https://www.rssboard.org/rss-specification")
    put(root, "atom:link", None, {"rel": "self", "type": MEDIA_TYPE, "href": channel.address})
    if channel.hub:
        put(root, "atom:link", None, {"rel": "hub", "href": channel.hub})
    for article in channel.articles:
        _item(root, article)
    return document(rss, _NAMESPACES)


def _item(root: Element, article: PublishedArticle) -> None:
    item = put(root, "item")
    put(item, "title", article.headline)
    put(item, "link", article.url)
    put(item, "guid", f"urn:uuid:{article.article_id}", {"isPermaLink": "false"})
    put(item, "pubDate", format_datetime(article.published_at))
    put(item, "dcterms:modified", article.updated_at.isoformat())
    put(item, "description", excerpt(article))
    put(item, "content:encoded", clean_html(article.body_html, article.source_url))
    for name in credits_of(article):
        put(item, "dc:creator", name)
    put(item, "dc:publisher", article.outlet)
    put(item, "dc:source", article.source_url)
    put(item, "dc:language", article.language)
    if article.section_name or article.section:
        put(item, "category", article.section_name or article.section)
    for tag in article.tags:
        put(item, "category", tag.name)
    for picture in article.pictures:
        size = {k: str(v) for k, v in (("width", picture.width), ("height", picture.height)) if v}
        media = put(item, "media:content", None, {"url": picture.url, "medium": "image", **size})
        if picture.caption:
            put(media, "media:description", picture.caption, {"type": "plain"})
        if picture.credit:
            put(media, "media:credit", picture.credit)
