"""The words facts are made of: pictures, tags, reasons, related stories."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.events.base import Moment, Word, empty

TagKind = Literal["person", "organisation", "place", "event", "topic"]
ChangeKind = Literal["new", "correction", "update", "addition", "trivial"]
Trust = Literal["review", "publish"]
Verdict = Literal["approve", "hold", "reject"]


class Picture(Word):
    """A picture with what a desk must know of it. `url` is absolute."""

    url: str
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None
    licence: str | None = None
    licence_expires_at: Moment | None = None


class Video(Word):
    """A video shown with the story. `url` is absolute."""

    url: str
    caption: str | None = None
    credit: str | None = None


class Tag(Word):
    """A tag on an article: stable id, readable name, and why it stands there.

    `score` is the enricher's confidence in 0..1 (1.0 where a person chose); `origin` says who put it there.
    """

    id: str = Field(description="Stable slug, unique in the vocabulary, e.g. `vladimir-putin`.")
    name: str
    kind: TagKind = "topic"
    score: float = 1.0
    reason: str = ""
    origin: Literal["machine", "source", "person"] = "machine"
    status: Literal["matched", "proposed"] = "matched"


class SectionGuess(Word):
    """A section slug with the confidence (0..1) and the reason behind it."""

    slug: str
    name: str
    score: float
    reason: str = ""


class RelatedStory(Word):
    """Another article worth reading after this one. `score` is in 0..1; `reasons` are sentences for readers."""

    article_id: UUID
    score: float
    reasons: list[str] = empty(list)


class Duplicate(Word):
    """An article that shares its text. `share` (0..1) is the part of the shorter one found in the other."""

    article_id: UUID
    share: float
    kind: Literal["same", "update", "excerpt", "quoted"] = "same"
    reason: str = ""


class Correction(Word):
    """What was wrong and what is right, as shown on the page."""

    at: Moment
    note: str
    field: str | None = None
    old: str | None = None
    new: str | None = None


class VerdictReason(Word):
    """One reason behind a verdict. `spans` are [start, end) code point offsets into the comment's text."""

    code: str
    rule: str
    message: str
    verdict: Verdict
    spans: list[tuple[int, int]] = empty(list)
    score: float | None = None
    shadow: bool = False
