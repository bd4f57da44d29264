"""What a save makes of an article's content: patches applied, words cleaned, choices marked as a person's."""

from collections.abc import Mapping
from typing import Any

from services.publishing.domain.content import Content
from services.publishing.domain.html import clean_html
from services.publishing.domain.slugs import slugify

#: What enrichment reads: a save that changes one of these is told.
TOLD = frozenset(
    {"headline", "body_html", "language", "outlet", "byline", "section", "section_chosen", "tags_chosen"}
    | {"tags_rejected", "related_pinned", "related_hidden", "published_at"}
)


def patched(base: Content, patch: Mapping[str, Any]) -> Content:
    """`base` with the given fields instead (None clears one). Raises pydantic's ValidationError."""
    return tidied({**base.model_dump(), **patch}, patch.keys())


def tidied(fields: Mapping[str, Any], given: Any = ()) -> Content:
    """Content from what a person sent: harmless HTML, a slug as section, and choices marked as theirs."""
    content = Content.model_validate(fields)
    chosen = [
        tag.model_copy(update={"origin": "person", "score": 1.0, "status": "matched"}) for tag in content.tags_chosen
    ]
    section = slugify(content.section or "") or None
    return content.model_copy(
        update={
            "headline": " ".join(content.headline.split()),
            "body_html": clean_html(content.body_html),
            "section": section,
            "section_chosen": bool(section) and ("section" in given or content.section_chosen),
            "tags_chosen": chosen,
        }
    )


def told_fields(old: Content, new: Content) -> set[str]:
    """Which of the fields that enrichment reads differ."""
    return {name for name in TOLD if getattr(old, name) != getattr(new, name)}
