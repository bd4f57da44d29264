"""Key phrases: the runs of words that an article says more often, earlier and more tellingly than the language does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.draft import Draft, Phrase
from services.enrichment.domain.lexicon import Numbered
from services.enrichment.domain.text import is_furniture

_KEPT = 24
_GRAMMAR = 5.7  # a word commoner than this neither begins nor ends a phrase
_EARLY = 12.0  # how slowly a phrase loses by standing later
_RARE = 0.7  # the power of the background weight
_SHORT = 0.8  # words of a few letters seldom say what a text is about
_NAME = 0.7  # names are tags of their own


@dataclass(frozen=True, slots=True)
class Habit:
    """How long phrases are in a language, and what a phrase of several words is worth beside a single word."""

    shortest: int = 1
    longest: int = 3
    several: float = 0.7
    ceiling: float = 6.5


HABITS: Final[Mapping[str, Habit]] = {"vi": Habit(shortest=2, longest=4, several=1.0, ceiling=7.0)}


def find_phrases(draft: Draft) -> Draft:
    """The draft with `phrases`, most telling first; none stands inside another."""
    habit = HABITS.get(draft.language, Habit())
    line = _Line.of((draft.title_words, *draft.sentence_words), draft.numbered, habit.ceiling)
    scored = [run for length in range(habit.shortest, habit.longest + 1) for run in _runs(line, length, habit)]
    return replace(draft, phrases=tuple(_apart(sorted(scored))))


@dataclass(frozen=True, slots=True)
class _Line:
    """All words one after another, as numbers; 0 stands after each sentence, so that no run crosses its end."""

    written: list[str]
    numbers: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]  # of each number
    heavy: npt.NDArray[np.bool_]
    capital: npt.NDArray[np.bool_]
    places: npt.NDArray[np.int64]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], words: Numbered, ceiling: float) -> "_Line":
        written: list[str] = []
        for sentence in sentences:
            written += sentence
            written.append("")
        ends = np.cumsum([len(sentence) for sentence in sentences])
        numbers = np.insert(words.places[: ends[-1]] + 1, ends, 0)
        heavy = np.concatenate(([False], (words.column("zipf") < _GRAMMAR) & words.column("wordy")))
        weights = np.concatenate(([0.0], words.weights(ceiling) ** _RARE))
        capital = np.array([w[:1].isupper() for w in written])
        opens = ends + np.arange(1, len(ends) + 1)  # where the next sentence begins
        capital[[0, *opens[:-1]]] = False
        ended = numbers == 0
        places = np.arange(len(numbers)) - np.cumsum(ended) + ended
        return cls(written, numbers, weights, heavy[numbers], capital, places)


def _runs(line: _Line, length: int, habit: Habit) -> Iterator[tuple[float, str, int, int]]:
    """Runs that neither begin nor end with grammar; those of several words that stand there once only if names.

    Each with its score (below zero, the best first), as it is written first, how often, and at which word first.
    """
    starts = np.flatnonzero(line.heavy[: len(line.heavy) - length + 1] & line.heavy[length - 1 :])
    for inside in range(1, length - 1):
        starts = starts[line.numbers[starts + inside] > 0]
    run, weight, named = line.numbers[starts], line.weights[line.numbers[starts]], line.capital[starts]
    for behind in range(1, length):
        number = line.numbers[starts + behind]
        run, weight = run * len(line.weights) + number, weight + line.weights[number]
        named = named & line.capital[starts + behind]
    _, first, which, counts = np.unique(run, return_index=True, return_inverse=True, return_counts=True)
    names = 2 * np.bincount(which, named) >= counts
    kept = np.flatnonzero(names | (counts > 1)) if length > 1 else np.arange(len(counts))
    first, counts = first[kept], counts[kept]
    places = line.places[starts[first]]
    scores = counts * (weight[first] / length) / (1 + np.log(1 + places) / _EARLY)
    scores *= np.where(names[kept], _NAME, 1.0) * (habit.several if length > 1 else 1.0)
    told = zip(starts[first].tolist(), scores.tolist(), counts.tolist(), places.tolist(), strict=True)
    for start, score, count, place in told:
        written = " ".join(line.written[start : start + length])
        yield -score * (_SHORT if len(written) < 5 else 1.0), written, count, place


def _apart(scored: Iterable[tuple[float, str, int, int]]) -> list[Phrase]:
    kept: list[Phrase] = []
    forms = ""
    for score, text, count, first in scored:
        small = f" {text.lower()} "
        if small in forms or any(f" {p.text.lower()} " in small for p in kept) or is_furniture(text):
            continue
        kept.append(Phrase(text, -score, count, first))
        forms += f"{small}|"
        if len(kept) == _KEPT:
            break
    return kept
