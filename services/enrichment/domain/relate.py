"""Which stored articles are related to one, how much, and why: a readable sum over six cosines, then four lists."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.features import (
    Features,
    Scores,
    company,
    compare,
    compare_bodies,
    shared_terms,
)
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
#: From this sum on two articles are told together (by language: thresholds do not transfer). What is less alike is
#: doubtful and judged by its company, too: so many of the nearest are that, of so many the doubtful are asked for it,
#: and it counts so much beside an article's own sum.
SURE: Final[Mapping[str, float]] = {"en": 0.19, "vi": 0.19}
_COMPANY: Final = 3
_JUDGED: Final = 16
_COMPANY_COUNTS: Final = 0.5

LISTED: Final = 8
_CHANCE: Final = 0.20  # below this a likeness is chance
_WORTH: Final = 0.35  # below this a reader would not see why it stands there
_BY_PLACE: Final = 0.50  # nor below this likeness where it shares nothing but places, which are everybody's
#: What it adds to a likeness that both are tagged with the same: an event is one story's own, a place is everybody's.
SHARED: Final[Mapping[str, float]] = {"event": 0.20, "person": 0.10, "organisation": 0.08}
_SHARED_OTHER: Final = 0.04
_SHARED_MOST: Final = 0.30
_FOREIGN: Final = 0.15  # what it costs not to be in the reader's language
_CROWDED: Final = 0.10  # what it costs to be the third of one outlet, and each one after it
_COPY: Final = 0.93  # two that are so alike say the same, word for word
_EQUALLY_FAR: Final = 0.05


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
    kinds: Mapping[str, str] = field(default_factory=dict)
    story_id: UUID | None = None
    published_at: datetime | None = None
    names: tuple[str, ...] = ()


class Likeness(NamedTuple):
    """One stored article, how surely it tells of the same events (0..1), the sum behind that, and the six cosines."""

    article: KnownArticle
    score: float
    alike: float
    cosines: Sequence[float]


@dataclass(frozen=True, slots=True)
class Related:
    """A related article with its score in 0..1 and its reasons, as sentences."""

    article: KnownArticle
    score: float
    reasons: tuple[str, ...]


#: A related article with what it is worth in a list.
Worth: TypeAlias = tuple[float, Likeness]


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
    order = np.argsort(-sums, kind="stable")
    order, judged = _by_company(order, sums, others, asking.language)
    scores = np.zeros(len(sums))
    scores[order] = 1.0 / (1.0 + np.exp(-SLOPE * (judged - OFFSETS.get(asking.language, OFFSETS["en"]))))
    ranked = zip(order.tolist(), scores[order].tolist(), sums[order].tolist(), cosines[order].tolist(), strict=True)
    return [Likeness(others[i], score, total, own) for i, score, total, own in ranked]


def _by_company(
    order: npt.NDArray[np.intp], sums: npt.NDArray[np.float64], others: Sequence[KnownArticle], language: str
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The same order, and its sums, with the doubtful ranked by how alike they are to the nearest, too.

    The nearest themselves stay in front, and nothing is worth more than they are.
    """
    ranked = sums[order]
    near, rest = order[:_COMPANY], np.arange(_COMPANY, min(_JUDGED, len(order)))
    doubtful = rest[ranked[rest] < SURE.get(language, SURE["en"])]
    weights = ranked[:_COMPANY].tolist()
    if not len(doubtful) or min(weights) <= 0:
        return order, ranked
    features = [others[at].features for at in order[doubtful]]
    kept = company([others[at].features for at in near], weights, features)
    ranked[doubtful] = (ranked[doubtful] + _COMPANY_COUNTS * kept) / (1.0 + _COMPANY_COUNTS)
    behind = np.argsort(-ranked[_COMPANY:], kind="stable") + _COMPANY
    places = np.concatenate((np.arange(_COMPANY), behind))
    judged = ranked[places]
    judged[_COMPANY:] = np.minimum(judged[_COMPANY:], ranked[_COMPANY - 1])
    return order[places], judged


def reasons(asking: Asking, likeness: Likeness) -> tuple[str, ...]:
    """Why this article is related, the strongest reason first, as sentences a reader understands."""
    other, found = likeness.article, []
    if asking.story_id is not None and other.story_id == asking.story_id:
        found.append("Same story.")
    shared = [slug for slug in asking.tags if slug in other.tags]
    common = [asking.tags[s] for s in shared if not any(s != o and f"-{s}-" in f"-{o}-" for o in shared)][:3]
    if not common:
        alike = likeness.score >= _CHANCE
        common = shared_terms(asking.features, other.features, asking.readable, asking.names) if alike else []
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
    worths = _fresh_first(asking, shown)
    worth = {slug: SHARED.get(asking.kinds.get(slug, ""), _SHARED_OTHER) for slug in asking.tags}
    own = frozenset(worth)
    common = {x.article.number: _in_common(worth, own & x.article.tags) for x in shown}
    lists = {
        "story": [p for p in worths if asking.story_id is not None and p[1].article.story_id == asking.story_id],
        "tag": _best_first([(w + common[x.article.number], x) for w, x in worths if common[x.article.number]]),
        "section": [p for p in worths if asking.section and p[1].article.section == asking.section],
        "author": [p for p in worths if set(asking.authors) & set(p[1].article.authors)],
        "page": _blend(asking, worths, common),
    }
    chosen = {x.article.article_id: x for x in shown} if pinned else {}
    first = [chosen[p] for p in pinned if p in chosen]
    copying: dict[tuple[int, int], bool] = {}
    varied = {name: _varied(pairs, copying) for name, pairs in lists.items()}
    shown_once = {x.article.number: x for xs in (*varied.values(), first) for x in xs}
    why = {number: reasons(asking, x) for number, x in shown_once.items()}

    def told(x: Likeness) -> Related:
        return Related(x.article, round(x.score, 4), why[x.article.number])

    answer = {name: [told(x) for x in xs] for name, xs in varied.items()}
    pins = [Related(x.article, 1.0, ("Chosen by an editor.", *why[x.article.number])) for x in first]
    answer["page"] = [*pins, *(told(x) for x in varied["page"] if x not in first)][:LISTED]
    return answer


def _in_common(worth: Mapping[str, float], shared: frozenset[str]) -> float:
    """What the tags that both have add: nothing without any."""
    return min(_SHARED_MOST, sum(map(worth.__getitem__, shared))) if shared else 0.0


def _best_first(pairs: Sequence[Worth]) -> list[Worth]:
    return sorted(pairs, key=lambda pair: -pair[0])


def _blend(asking: Asking, worths: Sequence[Worth], common: Mapping[int, float]) -> list[Worth]:
    """One list for the page: the same story, then whatever is alike enough; shared tags and section add a little."""

    def worth(alike: float, x: Likeness) -> float:
        own_story = asking.story_id is not None and x.article.story_id == asking.story_id
        same = 0.5 * own_story + 0.02 * bool(asking.section and x.article.section == asking.section)
        if common[x.article.number] and not own_story and alike < _BY_PLACE and telling.isdisjoint(x.article.tags):
            return 0.0
        return alike + same + common[x.article.number] - _FOREIGN * (x.article.language != asking.language)

    telling = {slug for slug in asking.tags if asking.kinds.get(slug, "place") != "place"}
    pairs = [(worth(alike, x), x) for alike, x in worths]
    return _best_first([pair for pair in pairs if pair[0] >= _WORTH])


def _fresh_first(asking: Asking, found: Sequence[Likeness]) -> list[Worth]:
    """Where scores are near, the newer first: a week costs what .02 of the score brings, a month at most .05."""

    def worth(x: Likeness) -> float:
        if x.article.published_at is None or asking.published_at is None:
            return x.score - 0.05
        days = abs((asking.published_at - x.article.published_at).total_seconds()) / 86_400
        return x.score - min(0.05, 0.02 * days / 7)

    return _best_first([(worth(x), x) for x in found])


def _varied(pairs: Sequence[Worth], copying: dict[tuple[int, int], bool]) -> list[Likeness]:
    """The best, never two copies of one text; from its third article on, an outlet must be that much better."""
    kept: list[Likeness] = []
    waiting = list(pairs[: LISTED * 4])
    outlets: Counter[str] = Counter()
    while waiting and len(kept) < LISTED:
        x = waiting.pop(_next(waiting, outlets))[1]
        if not _repeats(x, kept, copying):
            kept.append(x)
            outlets[x.article.outlet] += bool(x.article.outlet)
    return kept


def _next(waiting: Sequence[Worth], outlets: Counter[str]) -> int:
    """Which of these comes next; they are in order, so that nothing behind what is worth less need be looked at."""
    best, worth = 0, float("-inf")
    for at, (own, x) in enumerate(waiting):
        if own <= worth:
            break
        now = own - _CROWDED * max(0, outlets[x.article.outlet] - 1)
        if now > worth:
            best, worth = at, now
    return best


def _repeats(likeness: Likeness, kept: Sequence[Likeness], copying: dict[tuple[int, int], bool]) -> bool:
    """Whether it says what one of these says, word for word; `copying` remembers pairs, for lists have many in common.

    Copies are equally far from anything: others need not be compared.
    """
    mine = likeness.article.number
    near: dict[tuple[int, int], Features] = {}
    for k in kept:
        other = k.article.number
        pair = (mine, other) if mine < other else (other, mine)
        known = copying.get(pair)
        if known:
            return True
        if known is None and _equally_far(likeness, k):
            near[pair] = k.article.features
        else:
            copying[pair] = False
    if near:
        alike_to = compare_bodies(likeness.article.features, list(near.values()))
        copying |= dict(zip(near, (alike_to > _COPY).tolist(), strict=True))
    return any(map(copying.__getitem__, near))


def _equally_far(one: Likeness, other: Likeness) -> bool:
    """Whether each cosine with the asking article is about the same."""
    if abs(one.alike - other.alike) >= _EQUALLY_FAR:
        return False
    return all(abs(mine - theirs) < _EQUALLY_FAR for mine, theirs in zip(one.cosines, other.cosines, strict=True))
