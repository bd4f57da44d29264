"""From a desk's content to what readers see: tags, section and related stories as people and machine chose them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.publishing.domain.content import Content
from services.publishing.domain.slugs import slugify
from shared.events import ArticleEnriched, Correction, PublishedArticle, RelatedStory, SectionGuess, Tag

_CHOSEN = "Chosen by the desk."
_SURE = 0.6  # the machine's score from which a new name is shown, and its section beats the source's
_ENOUGH = 6  # tags on a page that the machine may fill up with new names
_NAMES = {"news": "News", "political-system": "Political System", "videos": "Videos"}


@dataclass(frozen=True)
class Place:
    """Where and when an article stands in public: what the words themselves do not say."""

    article_id: UUID
    revision: int
    slug: str
    site: str  # the site's address, without a slash at its end
    first_published_at: datetime
    updated_at: datetime
    now: datetime
    corrections: Sequence[Correction] = ()


def published_article(content: Content, place: Place, understood: ArticleEnriched | None) -> PublishedArticle:
    """The article as readers see it, without related links: those depend on what else is public. Needs attribution."""
    section = shown_section(content, understood)
    return PublishedArticle(
        article_id=place.article_id,
        revision=place.revision,
        slug=place.slug,
        url=f"{place.site}/articles/{place.slug}",
        headline=content.headline,
        summary=content.summary,
        body_html=content.body_html,
        language=_language(content, understood),
        outlet=content.outlet or "",
        wire=content.wire,
        byline=content.byline or (content.credit if content.credit != content.outlet else None),
        authors=content.authors,
        source_url=content.source_url or "",
        published_at=content.published_at or place.first_published_at,
        first_published_at=place.first_published_at,
        updated_at=place.updated_at,
        section=section.slug if section else None,
        section_name=section.name if section else None,
        tags=shown_tags(content, understood),
        pictures=[p for p in content.pictures if not p.licence_expires_at or p.licence_expires_at > place.now],
        videos=content.videos,
        corrections=list(place.corrections),
        urgency=content.urgency,
        story_id=understood.story_id if understood else None,
        follows=content.follows,
        translation_of=content.translation_of,
        translation_note=content.translation.disclosure if content.translation else None,
    )


def shown_tags(content: Content, understood: ArticleEnriched | None) -> list[Tag]:
    """People's tags first, then the machine's that nobody rejected: all it knows, and the new ones that are sure.

    Sure are names that stand out, and what the source itself filed its story under.
    """
    shown = {tag.id: tag for tag in content.tags_chosen}
    found = understood.tags if understood else []
    known = [tag for tag in found if tag.status == "matched"]
    sure = [t for t in found if t.score >= _SURE and (t.kind != "topic" or t.origin == "source")]
    fresh = [t for t in sure if t.status == "proposed"]
    for tag in (*known, *fresh[: max(0, _ENOUGH - len(known))]):
        if tag.id not in content.tags_rejected:
            shown.setdefault(tag.id, tag)
    return list(shown.values())


def shown_section(content: Content, understood: ArticleEnriched | None) -> SectionGuess | None:
    """The section a person chose; else the machine's where it is sure or the source named none; else the source's."""
    guess = understood.section if understood else None
    if content.section and (content.section_chosen or guess is None or guess.score < _SURE):
        slug = slugify(content.section)
        name = guess.name if guess and guess.slug == slug else _NAMES.get(slug, slug.replace("-", " ").capitalize())
        return SectionGuess(slug=slug, name=name, score=1.0, reason=_CHOSEN) if slug else guess
    return guess


def shown_related(content: Content, article_id: UUID, understood: ArticleEnriched | None) -> list[RelatedStory]:
    """What the desk pinned, in its order, then the machine's list without what the desk hid."""
    shown = {pinned: RelatedStory(article_id=pinned, score=1.0, reasons=[_CHOSEN]) for pinned in content.related_pinned}
    for story in understood.related if understood else ():
        shown.setdefault(story.article_id, story)
    unwanted = {article_id, *content.related_hidden}
    return [story for story in shown.values() if story.article_id not in unwanted]


def related_by(content: Content, article_id: UUID, understood: ArticleEnriched | None) -> dict[str, list[RelatedStory]]:
    """The machine's lists by kind (story, tag, section, author), without what the desk hid."""
    unwanted = {article_id, *content.related_hidden}
    lists = understood.related_by if understood else {}
    return {kind: [s for s in stories if s.article_id not in unwanted] for kind, stories in lists.items()}


def changed_fields(old: PublishedArticle | None, new: PublishedArticle) -> list[str]:
    """The names of the fields readers see differently now; machinery like dates and revisions is not named."""
    if old is None:
        return []
    quiet = {"revision", "updated_at", "first_published_at", "related", "corrections"}
    names = [name for name in PublishedArticle.model_fields if name not in quiet]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _language(content: Content, understood: ArticleEnriched | None) -> str:
    return understood.language if content.language == "und" and understood else content.language
