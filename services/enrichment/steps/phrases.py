"""Key phrases: the runs of words that an article says more often, earlier and more tellingly than the language does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
_SHORT, _LETTERS = 0.8, 5  # words of a few letters seldom say what a text is about
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
    words = draft.title_words + draft.body_words
    found = [_runs(line, length, habit) for length in range(habit.shortest, habit.longest + 1)]
    return draft._replace(phrases=tuple(_apart(_best_first(words, np.concatenate(found, axis=1)))))


@dataclass(frozen=True, slots=True)
class _Line:
    """All words one after another, as numbers; 0 stands after each sentence, so that no run crosses its end."""

    numbers: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]  # of each number
    heavy: npt.NDArray[np.bool_]
    capital: npt.NDArray[np.bool_]
    places: npt.NDArray[np.int64]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], words: Numbered, ceiling: float) -> "_Line":
        ends = np.cumsum(list(map(len, sentences)))
        many = ends[-1] + len(ends)
        ended = np.zeros(many, dtype=bool)
        ended[ends + np.arange(len(ends))] = True
        told = np.flatnonzero(~ended)
        numbers, capital = np.zeros(many, dtype=np.int64), np.zeros(many, dtype=bool)
        numbers[told], capital[told] = words.places[: ends[-1]] + 1, words.capital[: ends[-1]]
        capital[0] = False
        capital[1:][ended[:-1]] = False  # what opens a sentence has one whatever it is
        heavy = np.concatenate(([False], (words.column("zipf") < _GRAMMAR) & words.column("wordy")))
        weights = np.concatenate(([0.0], words.weights(ceiling) ** _RARE))
        return cls(numbers, weights, heavy[numbers], capital, np.cumsum(~ended) - ~ended)


def _runs(line: _Line, length: int, habit: Habit) -> npt.NDArray[np.float64]:
    """Runs that neither begin nor end with grammar; those of several words that stand there once only if names.

    Four rows: their scores, at which word they stand first, of how many words they are, how often they stand there.
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
    return np.array([scores, places, np.full(len(places), length), counts])


def _best_first(words: Sequence[str], runs: npt.NDArray[np.float64]) -> Iterator[Phrase]:
    """Runs from the most telling on, as they are written first."""
    scores, places, lengths, _ = runs
    alone = np.flatnonzero(lengths == 1)
    short = [len(words[place]) < _LETTERS for place in places[alone].astype(np.int64).tolist()]
    scores[alone[short]] *= _SHORT
    order = np.lexsort((lengths, places, -scores))
    told = runs[1:, order].astype(np.int64).tolist()
    for score, first, length, count in zip(scores[order].tolist(), *told, strict=True):
        yield Phrase(" ".join(words[first : first + length]), score, count, first)


def _apart(ranked: Iterable[Phrase]) -> list[Phrase]:
    kept: list[Phrase] = []
    forms: list[str] = []
    for phrase in ranked:
        small = f" {phrase.text.lower()} "
        if small in "|".join(forms) or any(map(small.__contains__, forms)) or is_furniture(phrase.text):
            continue
        kept.append(phrase)
        forms.append(small)
        if len(kept) == _KEPT:
            break
    return kept
