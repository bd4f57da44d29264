"""What a template shows of an article in a list, and the blocks of further stories under one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.publishing.outlets import excerpt
from services.publishing.storage.public import PublicArticle
from shared.events import Picture, PublishedArticle

_PLAYABLE = (".mp4", ".webm", ".ogv", ".m4v", ".mov")


@dataclass(frozen=True)
class Story:
    """One story in a list."""

    article_id: UUID
    slug: str
    headline: str
    summary: str
    language: str
    outlet: str
    published_at: datetime
    section: str | None
    section_name: str | None
    picture: Picture | None
    comments: int = 0


@dataclass(frozen=True)
class Section:
    """A section of the site, with its newest stories where a page shows them."""

    slug: str
    name: str
    stories: Sequence[Story] = ()


def story_of(row: PublicArticle, comments: Mapping[UUID, int] | None = None) -> Story:
    """A public row as a list shows it."""
    article = PublishedArticle.model_validate(row.article)
    return Story(
        article_id=article.article_id,
        slug=article.slug,
        headline=article.headline,
        summary=excerpt(article, 200),
        language=article.language,
        outlet=article.outlet,
        published_at=article.published_at,
        section=article.section,
        section_name=article.section_name,
        picture=article.pictures[0] if article.pictures else None,
        comments=(comments or {}).get(article.article_id, 0),
    )


def blocks(
    row: PublicArticle,
    public: Mapping[UUID, PublicArticle],
    shelves: Mapping[str, Sequence[PublicArticle]],
    size: int = 4,
) -> dict[str, list[Story]]:
    """The blocks of further stories: blended, same story, tag, section and author; no story stands in two of them.

    `public` holds the rows of all related ids that are public now; `shelves` what stands nearby, for the blocks that
    enrichment knows nothing about (yet).
    """
    taken = {row.article_id}
    found: dict[str, list[Story]] = {}
    lists: list[tuple[str, Iterable[UUID]]] = [("related", _ids(row.related))]
    lists += [(kind, _ids(row.related_by.get(kind, ()))) for kind in ("story", "tag", "section", "author")]
    for kind, ids in lists:
        rows = [public[i] for i in ids if i in public] or [*shelves.get(kind, ())]
        block = [r for r in rows if r.article_id not in taken][:size]
        taken |= {r.article_id for r in block}
        found[kind] = [story_of(r) for r in block]
    return found


def related_ids(row: PublicArticle) -> set[UUID]:
    """Every article that one of the row's lists names."""
    return set(_ids([*row.related, *(story for stories in row.related_by.values() for story in stories)]))


def playable(url: str) -> bool:
    """Whether a browser can play what stands at this address; a video page can only be linked to."""
    return url.partition("?")[0].lower().endswith(_PLAYABLE)


def credited(picture: Picture) -> bool:
    """Whether the caption already names the credit, as captions from a wire do."""
    return bool(picture.credit and picture.caption and picture.credit.casefold() in picture.caption.casefold())


def _ids(stories: Iterable[Mapping[str, Any]]) -> list[UUID]:
    return [UUID(str(story["article_id"])) for story in stories]
