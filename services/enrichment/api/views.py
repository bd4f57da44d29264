"""Shapes of the answers, and who may see what is not published."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.enrichment.domain.relate import Related
from services.enrichment.use_cases.answers import Card
from shared.events import Role
from shared.runtime import Principal


def sees_everything(who: Principal) -> bool:
    """Whether somebody is an editor or above, and so may see drafts."""
    return bool({Role.EDITOR, Role.CHIEF} & set(who.roles))


class CardView(BaseModel):
    """An article in a list. `slug` and `url` are null for what is not published."""

    article_id: UUID
    headline: str
    outlet: str
    language: str
    section: str | None
    published_at: datetime | None
    state: str
    slug: str | None
    url: str | None


class RelatedView(CardView):
    """A related article with its score (0..1) and why."""

    score: float
    reasons: list[str]


class CopyView(CardView):
    """An article that shares text: what part of the shorter one, what that makes it, and the shared word spans."""

    share: float
    kind: str
    reason: str
    spans: list[tuple[int, int]]


def card_view(card: Card) -> CardView:
    """A card as JSON."""
    return CardView(**{name: getattr(card, name) for name in CardView.model_fields})


def related_views(related: Sequence[Related], cards: Mapping[int, Card]) -> list[RelatedView]:
    """A list of related articles as JSON; what has no card (gone in this moment) is left out."""
    return [
        RelatedView(**card_view(cards[r.article.number]).model_dump(), score=r.score, reasons=list(r.reasons))
        for r in related
        if r.article.number in cards
    ]
