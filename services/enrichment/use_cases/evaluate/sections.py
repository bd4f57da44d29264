"""Sections: with no choices made, and learning from choices one after another, some of them wrong."""

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.learner import Learner
from services.enrichment.steps.section import cold_start, section_words
from services.enrichment.use_cases.evaluate.corpus import Labelled, Reader

#: Classes of AG News by number, and which of our sections mean each.
CLASSES: Mapping[str, frozenset[str]] = {
    "1": frozenset({"world", "politics", "crime", "disaster", "society", "heritage", "education"}),
    "2": frozenset({"sport"}),
    "3": frozenset({"business"}),
    "4": frozenset({"technology", "science", "health", "environment"}),
}
WINDOWS = ((1_000, 2_000), (4_000, 7_600))


def measure_sections(rows: Sequence[Labelled], read: Reader, wrong: float = 0.1, seed: int = 1) -> dict[str, float]:
    """Accuracy of the cold start, and of learning online in two windows of choices; the same with wrong choices."""
    drafts = [read(Draft(UUID(int=at), a.title, a.text, a.language)) for at, a in enumerate(rows)]
    labels = [a.label or "" for a in rows]
    cold = [_class_of(d, label) == label for d, label in zip(drafts, labels, strict=True)]
    words = [section_words(d) for d in drafts]
    right = _online(words, labels, labels)
    chance = random.Random(seed)
    classes = sorted(set(labels))
    chosen = [chance.choice([c for c in classes if c != x]) if chance.random() < wrong else x for x in labels]
    noisy = _online(words, labels, chosen)
    answer = {"articles": float(len(rows)), "cold_start": _mean(cold)}
    for start, end in WINDOWS:
        if len(right) > start:
            answer[f"online_{start}_{end}"] = _mean(right[start:end])
            answer[f"online_{start}_{end}_{round(100 * wrong)}_percent_wrong"] = _mean(noisy[start:end])
    return answer


def _class_of(draft: Draft, label: str) -> str:
    guesses = cold_start(draft)
    if not guesses:
        return ""
    known = CLASSES if label in CLASSES else {label: frozenset({label})}
    sums = {c: sum(g.score for g in guesses if g.slug in members) for c, members in known.items()}
    return max(sums, key=lambda c: sums[c]) if label in CLASSES else guesses[0].slug


def _online(words: Sequence[Sequence[str]], labels: Sequence[str], chosen: Sequence[str]) -> list[bool]:
    """Guess each, then learn what was chosen for it."""
    learner, right = Learner(), []
    for told, label, choice in zip(words, labels, chosen, strict=True):
        ranked = learner.ranked(told)
        right.append(bool(ranked) and ranked[0][0] == label)
        learner.learn(choice, told)
    return right


def _mean(hits: Sequence[bool]) -> float:
    return round(sum(hits) / max(1, len(hits)), 4)
