"""Judging a learner on labelled texts: ranking, decisions at a line, automation at a leak, each under attack."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.moderation.domain.attacks import Attack
from services.moderation.domain.features import features, spoken_features
from services.moderation.domain.learner import Learner
from services.moderation.domain.text import read
from services.moderation.domain.thresholds import Thresholds, derive
from services.moderation.domain.wordlist import Matcher

#: Fewer decisions than this are no evidence.
EVIDENCE: Final = 200

Scores = NDArray[np.float32]
Labels = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Example:
    """A text and whether it is one to reject."""

    text: str
    bad: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """How well a learner did on one set. Precision, recall and F1 are of the bad ones, at the line given."""

    auc: float
    precision: float
    recall: float
    f1: float
    right: float


def auc(scores: Scores, labels: Labels) -> float:
    """The chance that a bad text scores above a good one, ties half (Mann-Whitney); nan with one class only."""
    bad = int(labels.sum())
    good = len(labels) - bad
    if not bad or not good:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return float((ranks[labels == 1].sum() - bad * (bad + 1) / 2) / (bad * good))


def marks(scores: Scores, labels: Labels, line: float) -> Marks:
    """Everything at once; what scores `line` or more is called bad."""
    called = scores >= line
    hits = int((called & (labels == 1)).sum())
    precision = hits / max(1, int(called.sum()))
    recall = hits / max(1, int(labels.sum()))
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return Marks(auc(scores, labels), precision, recall, f1, float((called == (labels == 1)).mean()))


def balanced_line(scores: Scores, labels: Labels) -> float:
    """The score that tells both kinds apart best, whatever their shares (the most of recall less false alarms)."""
    order = np.argsort(-scores, kind="stable")
    hits, alarms = np.cumsum(labels[order]), np.cumsum(1 - labels[order])
    gain = hits / max(1, int(labels.sum())) - alarms / max(1, int((1 - labels).sum()))
    return float(scores[order][int(np.argmax(gain))])


def best_line(scores: Scores, labels: Labels) -> float:
    """The score from which calling texts bad gives the best F1 on these."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(1, int(labels.sum())))
    return float(scores[order][int(np.argmax(f1))])


def teach(examples: Iterable[Example], lexicon: Matcher, learner: Learner | None = None) -> Learner:
    """Take examples in as decisions, in their order."""
    model = learner or Learner()
    for example in examples:
        model.learn(features(read(example.text), lexicon), example.bad)
    return model


def scores_of(model: Learner, texts: Iterable[str], lexicon: Matcher) -> Scores:
    """What the model says of each text."""
    return np.array([model.score(spoken_features(read(text), lexicon)) for text in texts], np.float32)


def attacked(texts: Sequence[str], attack: Attack, seed: int = 7) -> list[str]:
    """The texts as a writer who hides words would send them; the same seed gives the same disguises."""
    chance = random.Random(seed)
    return [attack(text, chance) for text in texts]


@dataclass(frozen=True, slots=True)
class Automation:
    """What could be left to the machine at a leak target, and what really leaked on texts it had not seen."""

    share: float
    leaked: float
    thresholds: Thresholds


def automation(model: Learner, scores: Scores, labels: Labels, leak: float, confidence: float = 0.98) -> Automation:
    """Draw the line from the model's own decisions, then see what it does on others."""
    before, decided = model.remembered()
    drawn = derive(before, decided, leak=leak, precision=0.98, confidence=confidence, evidence=EVIDENCE)
    if drawn.hold_from is None:
        return Automation(0.0, 0.0, drawn)
    approved = scores < drawn.hold_from
    return Automation(float(approved.mean()), float(labels[approved].mean()) if approved.any() else 0.0, drawn)
