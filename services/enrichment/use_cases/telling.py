"""What was found, put into the fact that enrichment tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from services.enrichment.domain.draft import Draft, Guess, TagFound
from services.enrichment.domain.duplicates import kind_of, reason_of
from services.enrichment.domain.relate import Related
from shared.events import ArticleEnriched, Duplicate, RelatedStory, SectionGuess, Tag

if TYPE_CHECKING:
    from services.enrichment.storage.stories import StoryRow
    from services.enrichment.use_cases.relating import Entry, Surroundings


def told(
    entry: Entry,
    version: str,
    near: Surroundings,
    story: StoryRow,
    lists: Mapping[str, Sequence[Related]],
    now: datetime,
) -> ArticleEnriched:
    """The fact about one revision of an article."""
    draft = entry.draft
    return ArticleEnriched(
        article_id=draft.article_id,
        of=entry.of,
        revision=entry.revision,
        enricher=version,
        language=draft.language,
        language_score=draft.language_score,
        section=_section(draft, entry),
        topics=[guess_word(t) for t in draft.topics],
        tags=[tag_word(t) for t in draft.tags],
        related=[related_word(r) for r in lists["page"]],
        related_by={name: [related_word(r) for r in rs] for name, rs in lists.items() if name != "page"},
        duplicates=[
            Duplicate(
                article_id=c.article.article_id,
                share=round(c.shared.share, 3),
                kind=kind,
                reason=reason_of(kind, c.shared),
            )
            for c in near.copies
            if (kind := kind_of(c.shared))
        ],
        story_id=story.id,
        story_label=story.label,
        summary=list(draft.summary),
        enriched_at=now,
    )


def fixed_answer(draft: Draft, of: Literal["ingested", "edited"], revision: int, now: datetime) -> ArticleEnriched:
    """The same answer for every article: for measuring how facts travel without computing anything."""
    return ArticleEnriched(
        article_id=draft.article_id, of=of, revision=revision, enricher="fixed", language=draft.declared,
        language_score=0.0, tags=[Tag(id="fixed", name="Fixed", reason="The steps are switched off.")], enriched_at=now,
    )  # fmt: skip


def tag_word(tag: TagFound) -> Tag:
    """A tag as facts carry it."""
    return Tag(
        id=tag.slug, name=tag.name, kind=tag.kind, score=round(tag.score, 3), reason=tag.reason, origin=tag.origin,
        status="matched" if tag.known else "proposed",
    )  # fmt: skip


def related_word(related: Related) -> RelatedStory:
    """A related article as facts carry it."""
    return RelatedStory(article_id=related.article.article_id, score=related.score, reasons=list(related.reasons))


def _section(draft: Draft, entry: Entry) -> SectionGuess | None:
    if entry.choices.section:
        return SectionGuess(
            slug=entry.choices.section, name=entry.choices.section, score=1.0, reason="Chosen by an editor."
        )
    return guess_word(draft.guess) if draft.guess else None


def guess_word(guess: Guess) -> SectionGuess:
    """A section or topic as facts carry it."""
    return SectionGuess(slug=guess.slug, name=guess.name, score=round(guess.score, 3), reason=guess.reason)
