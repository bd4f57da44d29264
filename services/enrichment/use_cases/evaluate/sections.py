"""Sections: with no choices made, and learning from choices one after another, some of them wrong."""

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.enrichment.domain.draft import Draft, Guess
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.sections import BY_SLUG, section_named
from services.enrichment.domain.told import Told
from services.enrichment.steps.section import Start, cold_start, section_words
from services.enrichment.use_cases.evaluate.corpus import Reader
from services.enrichment.use_cases.evaluate.files import Labelled

#: Classes of AG News by number, and which of our sections mean each.
CLASSES: Mapping[str, frozenset[str]] = {
    "1": frozenset({"world", "politics", "crime", "disaster", "society", "heritage", "education"}),
    "2": frozenset({"sport"}),
    "3": frozenset({"business"}),
    "4": frozenset({"technology", "science", "health", "environment"}),
}
WINDOWS = ((1_000, 2_000), (4_000, 7_600))


def measure_sections(rows: Sequence[Labelled], read: Reader, wrong: float = 0.1, seed: int = 1) -> dict[str, float]:
    """Accuracy of the cold start, and of learning online in two windows of choices; the same with wrong choices.

    The cold start is measured where classes are those of AG News or called as sections are; on fewer articles than a
    window begins at, learning is measured over the second half of them.
    """
    labels = [a.label or "" for a in rows]
    members = sections_of(labels)
    cold, words = [], []
    for at, (a, label) in enumerate(zip(rows, labels, strict=True)):
        draft = read(Draft(UUID(int=at), a.title, a.text, a.language))
        words.append(section_words(draft))
        if members:
            cold.append(_class_of(cold_start(draft), members) == label)
    answer = {"articles": float(len(rows)), "classes": float(len(set(labels)))}
    if cold:
        answer["cold_start"] = _mean(cold)
    right, noisy = _online(words, labels, labels), _online(words, labels, _some_wrong(labels, wrong, seed))
    half = (len(right) // 2, len(right))
    for start, end in [w for w in WINDOWS if len(right) > w[0]] or [half]:
        answer[f"online_{start}_{end}"] = _mean(right[start:end])
        answer[f"online_{start}_{end}_{round(100 * wrong)}_percent_wrong"] = _mean(noisy[start:end])
    return answer


def sections_of(labels: Sequence[str]) -> dict[str, frozenset[str]]:
    """Which of our sections each class means; empty where some class is none that words speak for."""
    classes = set(labels)
    if classes <= CLASSES.keys():
        return {c: CLASSES[c] for c in classes}
    named = {c: section_named(c) or "" for c in classes}
    return {c: frozenset({s}) for c, s in named.items()} if set(named.values()) <= BY_SLUG.keys() else {}


def _some_wrong(labels: Sequence[str], share: float, seed: int) -> list[str]:
    """The labels, some of them another class by chance."""
    chance, classes = random.Random(seed), sorted(set(labels))
    if len(classes) < 2:
        return list(labels)
    return [chance.choice([c for c in classes if c != x]) if chance.random() < share else x for x in labels]


def cold_accuracy(rows: Sequence[Labelled], read: Reader, start: Start) -> float:
    """Accuracy of another cold start than the steps' own, where classes are those of AG News or sections."""
    members = sections_of([a.label or "" for a in rows])
    drafts = (read(Draft(UUID(int=at), a.title, a.text, a.language)) for at, a in enumerate(rows))
    return _mean([_class_of(start(d), members) == a.label for d, a in zip(drafts, rows, strict=True)])


def _class_of(guesses: Sequence[Guess], members: Mapping[str, frozenset[str]]) -> str:
    if not guesses:
        return ""
    sums = {c: sum(g.score for g in guesses if g.slug in own) for c, own in members.items()}
    return max(sums, key=lambda c: sums[c])


def _online(words: Sequence[Sequence[str]], labels: Sequence[str], chosen: Sequence[str]) -> list[bool]:
    """Guess each, then learn what was chosen for it."""
    learner, right = Learner(), []
    for told, label, choice in zip(words, labels, chosen, strict=True):
        ranked = learner.ranked(Told.of(told))
        right.append(bool(ranked) and ranked[0][0] == label)
        learner.learn(choice, told)
    return right


def _mean(hits: Sequence[bool]) -> float:
    return round(sum(hits) / max(1, len(hits)), 4)
