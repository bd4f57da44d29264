"""A stored article as the comparing functions see it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.enrichment.domain.features import Features


class KnownArticle(NamedTuple):
    """What is kept of an article to compare others with it. A tuple: a hundred are made for each article that comes."""

    number: int
    article_id: UUID
    state: str = "draft"
    language: str = "und"
    outlet: str = ""
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: frozenset[str] = frozenset()
    story_id: UUID | None = None
    published_at: datetime | None = None
    features: Features = Features(b"")

    @property
    def gone(self) -> bool:
        """Whether the article must not be shown to anybody as related."""
        return self.state in ("killed", "withdrawn", "unpublished")
