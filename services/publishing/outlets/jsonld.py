"""schema.org NewsArticle as JSON-LD: what search engines and archives read off an article page."""

from typing import Any

import orjson
from markupsafe import Markup

from services.publishing.outlets import credits_of, excerpt, plain
from shared.events import Picture, PublishedArticle

MEDIA_TYPE = "application/ld+json"


def render(article: PublishedArticle, publication: str, home: str) -> dict[str, Any]:
    """The article as a NewsArticle published by `publication`, whose site is `home`."""
    words = plain(article.body_html)
    item: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": article.url,
        "identifier": str(article.article_id),
        "mainEntityOfPage": {"@type": "WebPage", "@id": article.url},
        "url": article.url,
        "headline": article.headline,
        "description": excerpt(article),
        "articleBody": words,
        "wordCount": len(words.split()),
        "articleSection": article.section_name or article.section,
        "keywords": [tag.name for tag in article.tags],
        "inLanguage": article.language,
        "datePublished": article.published_at.isoformat(),
        "dateModified": article.updated_at.isoformat(),
        "version": article.revision,
        "author": [{"@type": "Person", "name": name} for name in credits_of(article)]
        or [{"@type": "Organization", "name": article.outlet}],
        "publisher": {"@type": "NewsMediaOrganization", "name": publication, "url": home},
        "sourceOrganization": {"@type": "NewsMediaOrganization", "name": article.outlet},
        "creditText": article.wire or article.outlet,
        "isBasedOn": article.source_url,
        "image": [_picture(picture) for picture in article.pictures],
        "correction": [
            {"@type": "CorrectionComment", "text": c.note, "datePublished": c.at.isoformat()}
            for c in article.corrections
        ],
    }
    return {name: value for name, value in item.items() if value not in (None, [])}


def embedded(item: dict[str, Any]) -> Markup:
    """The object as text that may stand inside a `<script type="application/ld+json">` block and cannot leave it."""
    text = orjson.dumps(item).decode()
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    return Markup(text)  # noqa: S704  # every sign that HTML reads was escaped in the line above


def _picture(picture: Picture) -> dict[str, Any]:
    item: dict[str, Any] = {
        "@type": "ImageObject",
        "url": picture.url,
        "caption": picture.caption,
        "creditText": picture.credit,
        "width": picture.width,
        "height": picture.height,
        "license": picture.licence if picture.licence and picture.licence.startswith("http") else None,
    }
    return {name: value for name, value in item.items() if value}
