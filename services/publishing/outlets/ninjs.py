"""ninjs 3.1, the IPTC's news in JSON (iptc.org/std/ninjs): an article, its pictures and what it is related to."""

from typing import Any
from uuid import UUID

from services.publishing.outlets import clean_html, credits_of, plain
from shared.events import Picture, PublishedArticle, RelatedLink, Tag

MEDIA_TYPE = "application/vnd.iptc.ninjs+json"
_STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
_KINDS = {"person": "people", "organisation": "organisations", "place": "places", "event": "events"}


def render(article: PublishedArticle) -> dict[str, Any]:
    """The article as a ninjs 3.1 object; absent facts are left out, never empty."""
    words = plain(article.body_html)
    item: dict[str, Any] = {
        "uri": f"urn:uuid:{article.article_id}",
        "standard": _STANDARD,
        "type": "text",
        "representationType": "full",
        "profile": "text-photo" if article.pictures else "text-only",
        "version": str(article.revision),
        "firstCreated": article.first_published_at.isoformat(),
        "versionCreated": article.updated_at.isoformat(),
        "contentCreated": article.published_at.isoformat(),
        "pubStatus": "usable",
        "urgency": article.urgency,
        "language": article.language,
        "title": article.headline,
        "headlines": [{"role": "main", "contentType": "text/plain", "value": article.headline}],
        "descriptions": [{"role": "summary", "contentType": "text/plain", "value": article.summary}]
        if article.summary
        else [],
        "edNote": "\n".join(f"Correction, {c.at:%Y-%m-%d %H:%M} UTC: {c.note}" for c in article.corrections),
        "bodies": [
            {
                "role": "main",
                "contentType": "text/html",
                "charCount": len(words),
                "wordCount": len(words.split()),
                "value": clean_html(article.body_html, article.source_url),
            }
        ],
        "by": article.byline,
        "slugline": article.slug,
        "infoSources": _sources(article),
        "altIds": [{"role": "canonical", "value": article.source_url}, {"role": "page", "value": article.url}],
        "subjects": _subjects(article),
        "associations": [_picture(article.article_id, n, p) for n, p in enumerate(article.pictures, 1)]
        + [_related(link) for link in article.related],
    }
    for kind, field in _KINDS.items():
        item[field] = [_tag(tag) for tag in article.tags if tag.kind == kind]
    item["people"] = [{"name": name, "rel": "author"} for name in credits_of(article)] + item["people"]
    return {name: value for name, value in item.items() if value not in (None, [], "")}


def canceled(article_id: UUID, revision: int, when: str, reason: str) -> dict[str, Any]:
    """What a recipient of a killed or unpublished article must be told: `pubStatus` canceled, under the same uri."""
    return {
        "uri": f"urn:uuid:{article_id}",
        "standard": _STANDARD,
        "type": "text",
        "representationType": "partial",
        "version": str(revision),
        "versionCreated": when,
        "pubStatus": "canceled",
        "edNote": reason or "Withdrawn.",
    }


def _sources(article: PublishedArticle) -> list[dict[str, str]]:
    sources = [{"name": article.outlet, "role": "outlet"}]
    return [*sources, {"name": article.wire, "role": "wire"}] if article.wire else sources


def _subjects(article: PublishedArticle) -> list[dict[str, str]]:
    section = {
        "name": article.section_name or article.section or "",
        "rel": "section",
        "literal": article.section or "",
    }
    topics = [_tag(tag) for tag in article.tags if tag.kind not in _KINDS]
    return [section, *topics] if article.section else topics


def _tag(tag: Tag) -> dict[str, str]:
    return {"name": tag.name, "rel": "about", "literal": tag.id}


def _picture(article_id: UUID, number: int, picture: Picture) -> dict[str, Any]:
    rendition: dict[str, Any] = {"name": "original", "href": picture.url}
    rendition |= {name: size for name in ("width", "height") if (size := getattr(picture, name))}
    about = [("caption", picture.caption), ("alt", picture.alt)]
    shown: dict[str, Any] = {
        "name": f"picture-{number}",
        "uri": f"urn:uuid:{article_id}#picture-{number}",
        "rel": "picture",
        "type": "picture",
        "descriptions": [{"role": role, "contentType": "text/plain", "value": text} for role, text in about if text],
        "by": picture.credit,
        "usageTerms": picture.licence,
        "expires": picture.licence_expires_at and picture.licence_expires_at.isoformat(),
        "renditions": [rendition],
    }
    return {name: value for name, value in shown.items() if value not in (None, [], "")}


def _related(link: RelatedLink) -> dict[str, Any]:
    return {
        "name": f"related-{link.slug}",
        "uri": f"urn:uuid:{link.article_id}",
        "rel": "related",
        "type": "text",
        "representationType": "partial",
        "headlines": [{"role": "main", "contentType": "text/plain", "value": link.headline}],
    }
