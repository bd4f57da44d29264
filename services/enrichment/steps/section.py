"""The section an article belongs to: at first by the words that speak for it, then by what editors chose."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import log
from typing import TypeAlias

import numpy as np

from services.enrichment.domain.background import background
from services.enrichment.domain.draft import Draft, Guess
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.sections import SECTIONS, Section, section_name, section_named
from services.enrichment.domain.text import stem
from services.enrichment.domain.told import TITLED, Told, pairs_of

_READ = 400
_ENOUGH = 1.0


#: How sections are ranked before editors have chosen.
Start: TypeAlias = Callable[[Draft], list[Guess]]


class GuessSection:
    """Guess the section. `learner` may be replaced between articles by one that learned more."""

    def __init__(self, learner: Learner, start: Start | None = None) -> None:
        self.learner = learner
        self._start = start or cold_start

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `guess` (None where nothing speaks) and `topics` (the next best)."""
        ranked = self.ranked(draft)
        return draft._replace(guess=ranked[0] if ranked else None, topics=tuple(ranked[1:4]))

    def ranked(self, draft: Draft) -> list[Guess]:
        """Sections from most to least likely, with reasons."""
        filed = next(((own, name) for name in _filed(draft) if (own := section_named(name))), None)
        if filed:
            own, name = filed
            return [Guess(own, section_name(own), 0.9, f"The source filed it under {name}."), *self._start(draft)]
        learned = self.learner.ranked(told_of(draft))
        if learned:
            return [
                Guess(
                    s,
                    section_name(s),
                    p,
                    f"Editors put {self.learner.chosen(s)} articles with such words there: {why}.",
                )
                for s, p, why in learned
            ]
        return self._start(draft)


def section_words(draft: Draft) -> list[str]:
    """What a section is learned from: the opening's words, pairs of neighbours, the headline's words marked as such."""
    small = [*map(stem, map(str.lower, (*draft.title_words, *draft.body_words[:_READ])))]
    titled = [TITLED + w for w in small[: len(draft.title_words)]]
    return [*small, *titled, *(f"{a} {b}" for a, b in pairwise(small))]


def told_of(draft: Draft) -> Told:
    """The same as numbers, for a guess."""
    words = draft.numbered
    keys, named, read = words.column("told"), words.column("named"), words.places[: words.titled + _READ]
    met = np.bincount(read, minlength=len(keys)) > 0
    worth = np.flatnonzero(met & named)
    plain, first = np.unique(keys[worth], return_index=True)
    titled = words.column("titled")[read[: words.titled]]
    others = np.unique(np.concatenate((keys[met & ~named], titled, pairs_of(keys[read]))))
    numbers, lexicon = words.distinct[worth[first]], words.words

    def written(some: list[int]) -> list[str]:
        return [stem(lexicon.written[n]) for n in numbers[some].tolist()]

    return Told(np.concatenate((plain, others)), len(plain), written)


def cold_start(draft: Draft) -> list[Guess]:
    """By the sections' own words, weighed by how rare they are in the language. Scores sum to 1 over sections found."""
    known = background(draft.language)
    small = [w.lower() for w in (*draft.title_words, *draft.title_words, *draft.body_words[:_READ])]
    if draft.language == "vi":
        small += [f"{a} {b}" for a, b in pairwise(small)]
        small += [f"{a} {b} {c}" for a, b, c in zip(small, small[1:], small[2:], strict=False)]
    counts = Counter(small)
    worth: list[tuple[float, Section, list[str]]] = []
    for section in SECTIONS:
        speaks = section.vietnamese_words if draft.language == "vi" else section.english_words
        hits = speaks & counts.keys()
        score = sum((1 + log(counts[w])) * max(0.5, min(3.0, known.weight(w) - 1.0)) for w in sorted(hits))
        worth.append((score, section, sorted(hits, key=lambda w: (-counts[w], w))[:4]))
    worth.sort(key=lambda x: -x[0])
    total = sum(score for score, _, _ in worth)
    if worth[0][0] < _ENOUGH:
        return []
    return [
        Guess(s.slug, s.name, score / total, f"Its words speak for it: {', '.join(hits)}.")
        for score, s, hits in worth[:5]
        if score >= _ENOUGH
    ]


def _filed(draft: Draft) -> tuple[str, ...]:
    """What the source filed it under: its section, then its keywords, of which the first is often a section."""
    return tuple(name for name in (draft.section, *draft.keywords) if name)
