"""A stored article as the comparing functions see it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.enrichment.domain.features import Features


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What is kept of an article to compare others with it."""

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
    features: Features = field(default_factory=Features.empty)

    @property
    def gone(self) -> bool:
        """Whether the article must not be shown to anybody as related."""
        return self.state in ("killed", "withdrawn", "unpublished")
