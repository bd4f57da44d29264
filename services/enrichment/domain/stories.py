"""Which story an article belongs to, when two stories are one, and when one has become two."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.relate import SURE, Likeness, alike

#: Two stories are one from somewhat above that, and one is two from well below it, so that neither undoes the other.
MERGE_FROM: Final = 1.10
SPLIT_BELOW: Final = 0.60
#: An article read again leaves its story from somewhat below: what brought it there may have been the first to come.
LEAVE_BELOW: Final = 0.75
#: Another story takes an article that is read again only if it is so much nearer: between two it would go to and fro.
CLEARLY: Final = 1.25
COOL_AFTER_DAYS: Final = 21.0
#: A story is judged by so many of its articles that are most like the one in question: it moves on as the events do.
JUDGED_BY: Final[Mapping[str, int]] = {"en": 4, "vi": 8}
#: Sizes at which a story is looked at whether it has become two.
LOOKED_AT: Final = frozenset({6, 12, 24, 48})


@dataclass(frozen=True, slots=True)
class Joined:
    """The decision: the story to join (None: begin one), how alike, and other stories that it would fit as well."""

    story_id: UUID | None
    score: float
    also: tuple[UUID, ...] = ()


def threshold(language: str) -> float:
    """How alike (the weighed sum of cosines) an article must be to a story's articles to be told with them."""
    return SURE.get(language, SURE["en"])


def join_story(
    language: str, found: Sequence[Likeness], sizes: Mapping[UUID, int], published_at: datetime | None = None
) -> Joined:
    """Join the story whose articles are together most like this one; those that were not even found count as unlike."""
    ranked = _ranked(language, found, sizes, published_at)
    enough = threshold(language)
    if not ranked or ranked[0][1] < enough:
        return Joined(None, ranked[0][1] if ranked else 0.0)
    also = tuple(story for story, value in ranked[1:3] if value >= enough * MERGE_FROM)
    return Joined(ranked[0][0], ranked[0][1], also)


def stay_or_move(
    language: str,
    found: Sequence[Likeness],
    sizes: Mapping[UUID, int],
    story_id: UUID,
    published_at: datetime | None = None,
) -> UUID | None:
    """The story that an article of `story_id` is in when it is read again (None: one of its own).

    It moves to a story that it is clearly more like, and leaves where it is like none of the others. To one that stands
    alone nobody moves who has company: it comes by itself.
    """
    kept = sizes[story_id] > 1
    ours = [x for x in found if x.article.story_id == story_id]
    own = _ranked(language, ours, {story_id: sizes[story_id] - 1}, None)  # without itself, and however long ago
    others = _ranked(language, [x for x in found if x.article.story_id != story_id], sizes, published_at)
    others = [(story, value) for story, value in others if not kept or sizes.get(story, 1) > 1]
    if others and others[0][1] >= max(threshold(language), CLEARLY * (own[0][1] if own else 0.0)):
        return others[0][0]
    return None if has_left(language, found, story_id, sizes[story_id]) else story_id


def _ranked(
    language: str, found: Sequence[Likeness], sizes: Mapping[UUID, int], published_at: datetime | None
) -> list[tuple[UUID, float]]:
    """The stories of those that were found, the one most like first."""
    links: dict[UUID, list[float]] = defaultdict(list)
    for x in found:
        if x.article.story_id is not None and x.article.language == language and not _cold(x, published_at):
            links[x.article.story_id].append(x.alike)
    most = JUDGED_BY.get(language, JUDGED_BY["en"])
    support = {story: _support(likes, sizes.get(story, 1), most) for story, likes in links.items()}
    return sorted(support.items(), key=lambda pair: -pair[1])


def has_left(language: str, found: Sequence[Likeness], story_id: UUID, size: int) -> bool:
    """Whether an article is no longer like its story's others. Only those that were found say so, and only together."""
    likes = sorted((x.alike for x in found if x.article.story_id == story_id), reverse=True)
    judges = min(JUDGED_BY.get(language, JUDGED_BY["en"]), size - 1)
    if judges < 1 or len(likes) < judges:
        return False
    return sum(likes[:judges]) / judges < threshold(language) * LEAVE_BELOW


def are_one(language: str, some: Sequence[KnownArticle], others: Sequence[KnownArticle]) -> bool:
    """Whether two stories tell of the same events: their articles are as alike across as a story's own must be."""
    if not some or not others:
        return False
    across = np.mean([alike(one.features, [o.features for o in others], language).mean() for one in some])
    return bool(across >= threshold(language) * MERGE_FROM)


def apart(language: str, members: Sequence[KnownArticle]) -> frozenset[int]:
    """The numbers of articles that have become another story; empty where all still belong together.

    The two parts are grown from the two articles least alike; each needs two articles, and they must be far apart. A
    single one leaves that was perhaps the first to come, and is like none of what the story has become.
    """
    if len(members) < 4:
        return frozenset()
    features = [m.features for m in members]
    table = np.array([alike(f, features, language) for f in features])
    first, second = np.unravel_index(np.argmin(table), table.shape)
    here = _nearer(table, int(first), int(second))
    if min(here.sum(), (~here).sum()) < 2 or table[np.ix_(here, ~here)].mean() >= threshold(language) * SPLIT_BELOW:
        judges = min(JUDGED_BY.get(language, JUDGED_BY["en"]), len(members) - 1)
        likes = np.sort(table - 2 * np.eye(len(members)))[:, -judges:].mean(axis=1)  # itself comes last
        at = int(np.argmin(likes))
        return frozenset({members[at].number} if likes[at] < threshold(language) * LEAVE_BELOW else ())
    leaving = here if here.sum() < (~here).sum() else ~here
    return frozenset(m.number for m, leaves in zip(members, leaving, strict=True) if leaves)


def _nearer(table: npt.NDArray[np.float64], first: int, second: int) -> npt.NDArray[np.bool_]:
    """Which articles are nearer to the first than to the second, looked at again by the means of the two parts."""
    here: npt.NDArray[np.bool_] = table[first] >= table[second]
    for _ in range(3):
        if here.all() or not here.any():
            break
        here = np.asarray(table[:, here].mean(axis=1) >= table[:, ~here].mean(axis=1))
    return here


def _support(likes: Sequence[float], size: int, most: int) -> float:
    best = sorted(likes, reverse=True)[:most]
    return sum(best) / min(most, max(len(best), size))


def _cold(likeness: Likeness, published_at: datetime | None) -> bool:
    """A story that has been quiet for weeks is over; what is like it now is another one."""
    then = likeness.article.published_at
    if then is None or published_at is None:
        return False
    return abs((published_at - then).total_seconds()) > COOL_AFTER_DAYS * 86_400
