"""Which story an article belongs to: joined as it arrives, by what the stories' own articles are most like."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.enrichment.domain.relate import Likeness

#: How sure one must be to put an article into a story. Languages differ in `relate.OFFSETS`, not here.
THRESHOLD: Final = 0.50
COOL_AFTER_DAYS: Final = 21.0


@dataclass(frozen=True, slots=True)
class Joined:
    """The decision: the story to join (None: begin one), how sure, and stories that turn out to be the same one."""

    story_id: UUID | None
    score: float
    also: tuple[UUID, ...] = ()


def join_story(language: str, found: Sequence[Likeness], published_at: datetime | None = None) -> Joined:
    """Join the story whose articles are together most like this one: the mean of its best three links."""
    links: dict[UUID, list[float]] = defaultdict(list)
    for x in found:
        if x.article.story_id is not None and x.article.language == language and not _cold(x, published_at):
            links[x.article.story_id].append(x.score)
    support = {story: _support(scores) for story, scores in links.items()}
    ranked = sorted(support.items(), key=lambda pair: -pair[1])
    if not ranked or ranked[0][1] < THRESHOLD:
        return Joined(None, ranked[0][1] if ranked else 0.0)
    return Joined(ranked[0][0], ranked[0][1])


def _support(scores: Sequence[float]) -> float:
    best = sorted(scores, reverse=True)[:3]
    return sum(best) / len(best)


def _cold(likeness: Likeness, published_at: datetime | None) -> bool:
    """A story that has been quiet for weeks is over; what is like it now is another one."""
    then = likeness.article.published_at
    if then is None or published_at is None:
        return False
    return abs((published_at - then).total_seconds()) > COOL_AFTER_DAYS * 86_400
