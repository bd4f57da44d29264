"""One comment with everything known about it when it is judged: the inputs, as seen, that a decision record keeps."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypedDict
from uuid import UUID

from services.moderation.domain.policy import Mode
from services.moderation.domain.text import Reading, read

AuthorStatus = Literal["ok", "premoderated", "suspended", "banned"]


@dataclass(frozen=True, slots=True)
class Thread:
    """Whether an article takes comments, and how the desk wants them handled (None: as the policy says)."""

    open: bool = True
    killed: bool = False
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, as known at that moment. `trust` is in 0..1; counts exclude the comment itself."""

    status: AuthorStatus = "ok"
    trust: float = 0.5
    approved: int = 0
    rejected: int = 0
    last_minute: int = 0
    last_hour: int = 0


@dataclass(frozen=True, slots=True)
class Alike:
    """How often the same text was sent before, by this author and by how many others."""

    by_author: int = 0
    by_others: int = 0
    likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Reports:
    """Open reports by readers; `weight` sums the reporters' accuracies."""

    count: int = 0
    weight: float = 0.0


class Context(TypedDict):
    """What a scorer may be told beside the text."""

    section: str | None
    headline: str | None
    is_reply: bool


@dataclass(frozen=True, slots=True)
class Score:
    """What one scorer said. `scores` is None when it did not answer (`failure` says why).

    `hold_from` and `reject_from` are thresholds as derived at that moment; None means that the evidence is too thin.
    """

    scorer: str
    model: str
    scores: dict[str, float] | None
    spans: tuple[tuple[int, int], ...] = ()
    milliseconds: float = 0.0
    failure: str | None = None
    on_failure: Literal["hold", "ignore"] = "hold"
    shadow: bool = False
    hold_from: float | None = None
    reject_from: float | None = None


@dataclass(frozen=True)
class Case:
    """A comment to be judged."""

    comment_id: UUID
    article_id: UUID
    revision: int
    text: str
    language: str = "und"
    language_sure: float = 0.0
    section: str | None = None
    thread: Thread = field(default_factory=Thread)
    author: Author = field(default_factory=Author)
    alike: Alike = field(default_factory=Alike)
    reports: Reports = field(default_factory=Reports)
    scores: tuple[Score, ...] = ()
    missing: tuple[str, ...] = ()

    @cached_property
    def reading(self) -> Reading:
        """The text in its normalised views."""
        return read(self.text)

    def inputs(self) -> dict[str, Any]:
        """Everything but the text, as JSON-ready values; `Case` is whole again from it by `revive`."""
        return {
            "language": self.language,
            "language_sure": round(self.language_sure, 4),
            "section": self.section,
            "thread": _plain(self.thread),
            "author": _plain(self.author),
            "alike": _plain(self.alike),
            "reports": _plain(self.reports),
            "scores": [_plain(score) for score in self.scores],
            "missing": list(self.missing),
        }


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def revive(comment_id: UUID, article_id: UUID, revision: int, text: str, inputs: dict[str, Any]) -> Case:
    """The case a decision was taken on, from what its record keeps."""
    scores = tuple(
        Score(**{**score, "spans": tuple((span[0], span[1]) for span in score["spans"])}) for score in inputs["scores"]
    )
    return Case(
        comment_id=comment_id,
        article_id=article_id,
        revision=revision,
        text=text,
        language=inputs["language"],
        language_sure=inputs["language_sure"],
        section=inputs["section"],
        thread=Thread(**inputs["thread"]),
        author=Author(**inputs["author"]),
        alike=Alike(**inputs["alike"]),
        reports=Reports(**inputs["reports"]),
        scores=scores,
        missing=tuple(inputs["missing"]),
    )
