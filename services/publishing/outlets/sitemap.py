"""The Google News sitemap (sitemaps.org 0.9 with the news extension): two days, at most 1,000 addresses."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from services.publishing.outlets import document, put
from shared.events import PublishedArticle

MEDIA_TYPE = "application/xml"
WINDOW = timedelta(days=2)
LIMIT = 1000
_NAMESPACES = (
    ("", "http://www.sitemaps.org/schemas/sitemap/0.9"),
    ("news", "http://www.google.com/schemas/sitemap-news/0.9"),
)


def render(publication: str, articles: Iterable[PublishedArticle], now: datetime) -> bytes:
    """The addresses first published within `WINDOW` of `now`, under the name `publication`."""
    urlset = Element("urlset")
    recent = (a for a in articles if now - WINDOW <= a.first_published_at <= now)
    for _, article in zip(range(LIMIT), recent, strict=False):
        url = put(urlset, "url")
        put(url, "loc", article.url)
        put(url, "lastmod", article.updated_at.isoformat())
        news = put(url, "news:news")
        about = put(news, "news:publication")
        put(about, "news:name", publication)
        put(about, "news:language", _language(article.language))
        put(news, "news:publication_date", article.first_published_at.isoformat())
        put(news, "news:title", article.headline)
    return document(urlset, _NAMESPACES)


def _language(tag: str) -> str:
    """News sitemaps want ISO 639 and know two regional exceptions."""
    lowered = tag.lower()
    return lowered if lowered in {"zh-cn", "zh-tw"} else lowered.split("-")[0]
