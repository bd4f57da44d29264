"""Thresholds by risk: the operator says what may go wrong, the desk's own decisions say where to draw the line.

A share is bounded by Clopper and Pearson (1934). Trying several lines and taking the best would flatter itself, so each
of the tried ones is held to a correspondingly stricter confidence (Bonferroni).
"""

from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

_TRIED: Final = 16
_FEWEST: Final = 50


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below `hold_from` approving is safe, from `reject_from` rejecting is; None: the evidence does not bear it."""

    hold_from: float | None
    reject_from: float | None
    evidence: int
    approve_share: float = 0.0
    reject_share: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """As stored beside the model."""
        return {name: getattr(self, name) for name in self.__slots__}


#: How many of the latest decisions are kept with the score that stood before each.
REMEMBERED: Final = 20_000


class Evidence:
    """A ring of what a scorer said before each of the latest decisions, and what the person then said (1: rejected)."""

    def __init__(self) -> None:
        self.seen = 0
        self.scores: NDArray[np.float32] = np.zeros(0, np.float32)
        self.labels: NDArray[np.int8] = np.zeros(0, np.int8)

    def add(self, score: float, rejected: bool) -> None:
        """One more decision; the oldest makes room."""
        at = self.seen % REMEMBERED
        if at >= len(self.scores):
            size = min(REMEMBERED, max(256, 2 * len(self.scores)))
            self.scores = np.resize(self.scores, size) if len(self.scores) else np.zeros(size, np.float32)
            self.labels = np.resize(self.labels, size) if len(self.labels) else np.zeros(size, np.int8)
        self.scores[at], self.labels[at] = score, rejected
        self.seen += 1

    def remembered(self) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        """Scores and labels, in no particular order."""
        kept = min(self.seen, REMEMBERED)
        return self.scores[:kept], self.labels[:kept]


class Risks(Protocol):
    """What an operator says may go wrong (a policy's part)."""

    @property
    def leak(self) -> float: ...
    @property
    def precision(self) -> float: ...
    @property
    def confidence(self) -> float: ...
    @property
    def evidence(self) -> int: ...


def derive_for(risks: Risks, scores: NDArray[np.float32], labels: NDArray[np.int8]) -> Thresholds:
    """`derive` for a policy's risks."""
    return derive(
        scores,
        labels,
        leak=risks.leak,
        precision=risks.precision,
        confidence=risks.confidence,
        evidence=risks.evidence,
    )


def bounded(wrong: int, of: int, share: float, confidence: float) -> bool:
    """Whether seeing `wrong` in `of` bounds the share by `share`: P(X ≤ wrong) ≤ 1 - confidence (Clopper-Pearson)."""
    return of > 0 and wrong < of * share and _at_most(wrong, of, share) <= 1.0 - confidence


def derive(
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    *,
    leak: float,
    precision: float,
    confidence: float,
    evidence: int,
) -> Thresholds:
    """Draw both lines from scores given before each decision and what was then decided (1: rejected).

    Fewer than `evidence` decisions, or none of one kind, give no lines at all.
    """
    total = len(scores)
    if total < max(evidence, _FEWEST) or not 0 < int(labels.sum()) < total:
        return Thresholds(None, None, total)
    order = np.argsort(scores, kind="stable")
    ranked, wrong = scores[order], labels[order].astype(np.int64)
    below = _longest(np.cumsum(wrong), ranked, leak, confidence)
    above = _longest(np.cumsum(1 - wrong[::-1]), ranked[::-1], 1.0 - precision, confidence)
    hold_from = float(ranked[below]) if 0 < below < total else None
    reject_from = float(ranked[total - above]) if above else None
    if hold_from is not None and reject_from is not None and reject_from < hold_from:
        reject_from = hold_from
    return Thresholds(hold_from, reject_from, total, below / total, above / total)


def _longest(wrong: NDArray[np.int64], ranked: NDArray[np.float32], share: float, confidence: float) -> int:
    """The longest stretch from the safe end whose share of wrong ones is bounded by `share`; 0 when none is."""
    total = len(wrong)
    strict = 1.0 - (1.0 - confidence) / _TRIED
    for length in sorted({int(n) for n in np.geomspace(_FEWEST, total, _TRIED)}, reverse=True):
        cut = length
        while 0 < cut < total and ranked[cut - 1] == ranked[cut]:  # equal scores cannot be told apart
            cut -= 1
        if cut >= _FEWEST and bounded(int(wrong[cut - 1]), cut, share, strict):
            return cut
    return 0


def _at_most(wrong: int, of: int, share: float) -> float:
    """P(X ≤ wrong) for X binomial."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    total = 0.0
    for k in range(wrong + 1):
        ways = lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1)
        total += exp(ways + k * log(share) + (of - k) * log(1.0 - share))
    return min(1.0, total)
