"""Related stories: of a stored article, and of any text pasted in."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.enrichment.api.views import CopyView, RelatedView, card_view, related_views, sees_everything
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.duplicates import kind_of, reason_of
from services.enrichment.use_cases.answers import Card, cards, of_lists, related_to, related_to_text
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.relating import Surroundings
from services.enrichment.use_cases.telling import guess_word, tag_word
from shared.events import Role, SectionGuess, Tag
from shared.runtime import DoorRouter, Problem, Reading, Who, allow, new_id, part

router = DoorRouter(tags=["related"])

Reader = Annotated[Enricher, part(Enricher)]


class RelatedLists(BaseModel):
    """The blended list for the page, and the four it was made from."""

    article_id: UUID
    story_id: UUID | None
    enricher: str
    related: list[RelatedView]
    by: dict[str, list[RelatedView]]
    duplicates: list[CopyView]


class RelateText(BaseModel):
    """Any text to find related articles for."""

    text: str = Field(min_length=1, max_length=1_000_000)
    headline: str = Field(default="", max_length=2_000)
    language: str = "und"


class TextRead(BaseModel):
    """What a pasted text is about, and what is related to it."""

    language: str
    language_score: float
    section: SectionGuess | None
    tags: list[Tag]
    summary: list[str]
    related: list[RelatedView]
    by: dict[str, list[RelatedView]]
    duplicates: list[CopyView]


@router.get("/v1/articles/{article_id}/related", dependencies=[allow(Role.PUBLIC)])
async def related_articles(article_id: UUID, session: Reading, who: Who, enricher: Reader) -> RelatedLists:
    """Related stories as they are at this moment: published ones, and for editors drafts too."""
    found = await related_to(session, enricher, article_id, sees_everything(who))
    if found is None:
        raise Problem(
            404, "no-such-article", "No such article.", detail=f"No published article has the id {article_id}."
        )
    known, lists, near = found
    shown = await cards(session, of_lists(lists, near))
    by = {name: related_views(rs, shown) for name, rs in lists.items()}
    return RelatedLists(
        article_id=article_id, story_id=known.story_id, enricher=enricher.version, related=by.pop("page"), by=by,
        duplicates=_copies(near, shown),
    )  # fmt: skip


@router.post("/v1/related", dependencies=[allow(Role.PUBLIC)])
async def relate_text(body: RelateText, session: Reading, who: Who, enricher: Reader) -> TextRead:
    """Read any text as if it were an article: language, section, tags, copies, related stories. Keeps nothing."""
    draft = Draft(new_id(), body.headline, body.text, body.language)
    read, lists, near = await related_to_text(session, enricher, draft, sees_everything(who))
    shown = await cards(session, of_lists(lists, near))
    by = {name: related_views(rs, shown) for name, rs in lists.items()}
    return TextRead(
        language=read.language, language_score=read.language_score,
        section=guess_word(read.guess) if read.guess else None,
        tags=[tag_word(t) for t in read.tags], summary=list(read.summary), related=by.pop("page"), by=by,
        duplicates=_copies(near, shown),
    )  # fmt: skip


def _copies(near: Surroundings, shown: dict[int, Card]) -> list[CopyView]:
    return [
        CopyView(
            **card_view(shown[c.article.number]).model_dump(), share=round(c.shared.share, 3), kind=kind,
            reason=reason_of(kind, c.shared), spans=list(c.shared.spans),
        )
        for c in near.copies
        if c.article.number in shown and (kind := kind_of(c.shared))
    ]  # fmt: skip
