"""Which stored articles are related to one, how much, and why: a readable sum over six cosines, then four lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.features import Features, Scores, compare, shared_terms
from services.enrichment.domain.known import KnownArticle

#: What a cosine of each field (in the order of `FIELDS`) says for "tells of the same events": round numbers set by
#: hand and checked, not fitted, on the development data. Vietnamese writes its words in several syllables.
WEIGHTS: Final[Mapping[str, tuple[float, ...]]] = {
    "en": (0.55, 0.05, 0.15, 0.05, 0.00, 0.20),
    "vi": (0.30, 0.15, 0.05, 0.00, 0.00, 0.50),
}
#: The sum at which it is as likely as not, and how fast it becomes certain above.
OFFSETS: Final[Mapping[str, float]] = {"en": 0.20, "vi": 0.22}
SLOPE: Final = 14.0

LISTED: Final = 8
_WORTH: Final = 0.20  # below this a likeness is chance
_COPY: Final = 0.93  # two that are so alike say the same, word for word
_EQUALLY_FAR: Final = 0.05
_OF_ONE_OUTLET: Final = 2


@dataclass(frozen=True, slots=True)
class Asking:
    """The article related ones are sought for."""

    features: Features
    readable: Mapping[int, str]
    number: int = 0
    language: str = "und"
    outlet: str = ""
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    story_id: UUID | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """One stored article, how surely it tells of the same events (0..1), the sum behind that, and the six cosines."""

    article: KnownArticle
    score: float
    alike: float
    cosines: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Related:
    """A related article with its score in 0..1 and its reasons, as sentences."""

    article: KnownArticle
    score: float
    reasons: tuple[str, ...]


def weighed(cosines: Scores, language: str) -> npt.NDArray[np.float64]:
    """The weighed sum of the cosines (shape (n, 6)), 0..1: how alike."""
    answer: npt.NDArray[np.float64] = cosines @ np.array(WEIGHTS.get(language, WEIGHTS["en"]))
    return answer


def alike(one: Features, others: Sequence[Features], language: str) -> npt.NDArray[np.float64]:
    """How alike one article and each of the others are."""
    return weighed(compare(one, others), language)


def likenesses(asking: Asking, candidates: Sequence[KnownArticle]) -> list[Likeness]:
    """All candidates with their scores, most alike first; itself and what is gone left out."""
    others = [c for c in candidates if c.number != asking.number and not c.gone]
    cosines = compare(asking.features, [c.features for c in others])
    sums = weighed(cosines, asking.language)
    scores = 1.0 / (1.0 + np.exp(-SLOPE * (sums - OFFSETS.get(asking.language, OFFSETS["en"]))))
    order = np.argsort(-sums, kind="stable")
    ranked = zip(order.tolist(), scores[order].tolist(), sums[order].tolist(), cosines[order], strict=True)
    return [Likeness(others[i], score, total, own) for i, score, total, own in ranked]


def reasons(asking: Asking, likeness: Likeness) -> tuple[str, ...]:
    """Why this article is related, the strongest reason first, as sentences a reader understands."""
    other, found = likeness.article, []
    if asking.story_id is not None and other.story_id == asking.story_id:
        found.append("Same story.")
    common = [name for slug, name in asking.tags.items() if slug in other.tags][:3]
    if not common:
        common = shared_terms(asking.features, other.features, asking.readable) if likeness.score >= _WORTH else []
    if common:
        found.append(f"Both about {_listed(common)}.")
    author = next((a for a in asking.authors if a in other.authors), None)
    if author:
        found.append(f"Same author: {author}.")
    if not found and asking.section and asking.section == other.section:
        found.append(f"Same section: {asking.section}.")
    return tuple(found) or ("Similar words.",)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def four_lists(
    asking: Asking,
    found: Sequence[Likeness],
    copies: frozenset[int] = frozenset(),
    pinned: Sequence[UUID] = (),
    hidden: frozenset[UUID] = frozenset(),
) -> dict[str, list[Related]]:
    """The lists `story`, `tag`, `section`, `author`, and the blended `page`; pins first, hides and copies nowhere."""
    shown = [x for x in found if x.article.number not in copies and x.article.article_id not in hidden]
    shown = _fresh_first(asking, shown)
    stories = [x for x in shown if asking.story_id is not None and x.article.story_id == asking.story_id]
    own_tags = frozenset(asking.tags)
    common = {x.article.number: len(own_tags & x.article.tags) for x in shown}
    tagged = sorted(
        (x for x in shown if common[x.article.number]), key=lambda x: -(x.score + 0.08 * common[x.article.number])
    )
    lists = {
        "story": stories,
        "tag": tagged,
        "section": [x for x in shown if asking.section and x.article.section == asking.section],
        "author": [x for x in shown if set(asking.authors) & set(x.article.authors)],
    }
    blended = _blend(asking, shown, common)
    chosen = {x.article.article_id: x for x in shown} if pinned else {}
    first = [chosen[p] for p in pinned if p in chosen]
    copying: dict[tuple[int, int], bool] = {}
    varied = {name: _varied(xs, copying) for name, xs in (lists | {"page": blended}).items()}
    shown_once = {x.article.number: x for xs in (*varied.values(), first) for x in xs}
    why = {number: reasons(asking, x) for number, x in shown_once.items()}

    def told(x: Likeness) -> Related:
        return Related(x.article, round(x.score, 4), why[x.article.number])

    answer = {name: [told(x) for x in xs] for name, xs in varied.items()}
    pins = [Related(x.article, 1.0, ("Chosen by an editor.", *why[x.article.number])) for x in first]
    answer["page"] = [*pins, *(told(x) for x in varied["page"] if x not in first)][:LISTED]
    return answer


def _blend(asking: Asking, shown: Sequence[Likeness], common: Mapping[int, int]) -> list[Likeness]:
    """One list for the page: the same story, then whatever is alike enough, tags and section adding a little."""

    def worth(x: Likeness) -> float:
        tags = common[x.article.number]
        extra = 0.5 * (asking.story_id is not None and x.article.story_id == asking.story_id) + 0.05 * min(tags, 4)
        return x.score + extra + 0.02 * bool(asking.section and x.article.section == asking.section)

    worths = [(worth(x), x) for x in shown]
    worthy = [pair for pair in worths if pair[1].score >= _WORTH or pair[0] >= 1.5 * _WORTH]
    return [x for _, x in sorted(worthy, key=lambda pair: -pair[0])]


def _fresh_first(asking: Asking, found: Sequence[Likeness]) -> list[Likeness]:
    """Where scores are near, the newer first: a week costs what .02 of the score brings, a month at most .05."""

    def worth(x: Likeness) -> float:
        if x.article.published_at is None or asking.published_at is None:
            return x.score - 0.05
        days = abs((asking.published_at - x.article.published_at).total_seconds()) / 86_400
        return x.score - min(0.05, 0.02 * days / 7)

    return sorted(found, key=lambda x: -worth(x))


def _varied(found: Sequence[Likeness], copying: dict[tuple[int, int], bool]) -> list[Likeness]:
    """The best, never two copies of one text, and at most two of one outlet while others have something to say."""
    kept: list[Likeness] = []
    waiting: list[Likeness] = []
    for x in found[: LISTED * 4]:
        if _repeats(x, kept, copying):
            continue
        same = sum(1 for k in kept if k.article.outlet and k.article.outlet == x.article.outlet)
        (waiting if same >= _OF_ONE_OUTLET else kept).append(x)
        if len(kept) >= LISTED:
            break
    return (kept + waiting)[:LISTED]


def _repeats(likeness: Likeness, kept: Sequence[Likeness], copying: dict[tuple[int, int], bool]) -> bool:
    """Whether it says what one of these says, word for word; `copying` remembers pairs, for lists have many in common.

    Copies are equally far from anything: others need not be compared.
    """
    mine = likeness.article.number
    pairs = {(min(mine, k.article.number), max(mine, k.article.number)): k for k in kept}
    near = {pair: k.article.features for pair, k in pairs.items() if pair not in copying and _equally_far(likeness, k)}
    copying |= dict.fromkeys(pairs.keys() - copying.keys(), False)
    if near:
        alike_to = compare(likeness.article.features, list(near.values()))[:, 0]
        copying |= dict(zip(near, (alike_to > _COPY).tolist(), strict=True))
    return any(copying[pair] for pair in pairs)


def _equally_far(one: Likeness, other: Likeness) -> bool:
    """Whether each cosine with the asking article is about the same."""
    if abs(one.alike - other.alike) >= _EQUALLY_FAR:
        return False
    return bool(np.abs(one.cosines - other.cosines).max() < _EQUALLY_FAR)
