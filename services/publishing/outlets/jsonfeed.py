"""JSON Feed 1.1 (jsonfeed.org/version/1.1); what the format has no word for stands under `_newsroom`."""

from typing import Any

import orjson

from services.publishing.outlets import Channel, Tombstone, clean_html, credits_of, excerpt
from shared.events import PublishedArticle

MEDIA_TYPE = "application/feed+json"


def render(channel: Channel) -> bytes:
    """The channel as a JSON Feed; articles that are gone are listed in `_newsroom.gone`."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.home,
        "feed_url": channel.address,
        "items": [_item(article) for article in channel.articles],
        "_newsroom": {"updated": channel.updated.isoformat(), "gone": [_gone(t) for t in channel.gone]},
    }
    if channel.language:
        feed["language"] = channel.language
    if channel.hub:
        feed["hubs"] = [{"type": "WebSub", "url": channel.hub}]
    return orjson.dumps(feed)


def _item(article: PublishedArticle) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": f"urn:uuid:{article.article_id}",
        "url": article.url,
        "external_url": article.source_url,
        "title": article.headline,
        "content_html": clean_html(article.body_html, article.source_url),
        "summary": excerpt(article),
        "date_published": article.published_at.isoformat(),
        "date_modified": article.updated_at.isoformat(),
        "authors": [{"name": name} for name in credits_of(article)],
        "tags": [tag.name for tag in article.tags],
        "language": article.language,
        "_newsroom": {
            "revision": article.revision,
            "outlet": article.outlet,
            "wire": article.wire,
            "section": article.section,
            "corrections": [c.model_dump(mode="json", exclude_none=True) for c in article.corrections],
            "pictures": [p.model_dump(mode="json", exclude_none=True) for p in article.pictures],
        },
    }
    if article.pictures:
        item["image"] = article.pictures[0].url
    return item


def _gone(tombstone: Tombstone) -> dict[str, str]:
    return {
        "id": f"urn:uuid:{tombstone.article_id}",
        "url": tombstone.url,
        "at": tombstone.at.isoformat(),
        "reason": tombstone.reason,
    }
