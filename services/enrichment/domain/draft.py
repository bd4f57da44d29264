"""An article on its way through the steps: each step reads what earlier ones found and adds its own finding."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Literal, NamedTuple
from uuid import UUID

from services.enrichment.domain.features import Features
from services.enrichment.domain.lexicon import Numbered

TagKind = Literal["person", "organisation", "place", "event", "topic"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the text: how it is written most fully, its kind, how often and where first (word index) it stands."""

    text: str
    kind: TagKind
    count: int
    first: int
    in_title: bool = False
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A key phrase with its score, higher is more telling (unbounded)."""

    text: str
    score: float
    count: int
    first: int


class TagFound(NamedTuple):
    """A tag an article deserves. `judged` is the kind that this text alone speaks for, where it names something."""

    slug: str
    name: str
    kind: TagKind
    score: float
    reason: str
    origin: Literal["machine", "source", "person"] = "machine"
    known: bool = False
    judged: TagKind | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """A section or topic with a confidence in 0..1 and the reason."""

    slug: str
    name: str
    score: float
    reason: str


class Draft(NamedTuple):
    """What is known of one revision of an article. The first group is what arrived; steps fill the rest.

    A tuple: ten steps make one each.
    """

    article_id: UUID
    headline: str
    body: str
    declared: str = "und"
    outlet: str = ""
    authors: tuple[str, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    published_at: datetime | None = None

    language: str = "und"
    language_score: float = 0.0
    language_note: str = ""
    title_words: tuple[str, ...] = ()
    body_words: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    sentence_words: tuple[tuple[str, ...], ...] = ()
    numbered: Numbered = Numbered.nothing()
    features: Features = Features.empty()
    readable: Mapping[int, str] = {}
    fingerprints: tuple[int, ...] = ()
    names: tuple[Name, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    tags: tuple[TagFound, ...] = ()
    guess: Guess | None = None
    topics: tuple[Guess, ...] = ()
    summary: tuple[str, ...] = ()


class Pipeline:
    """Steps in order; itself a step."""

    def __init__(self, steps: Iterable[Callable[[Draft], Draft]]) -> None:
        self._steps = tuple(steps)

    def __call__(self, draft: Draft) -> Draft:
        """Fold the steps over the draft."""
        return reduce(lambda so_far, step: step(so_far), self._steps, draft)
