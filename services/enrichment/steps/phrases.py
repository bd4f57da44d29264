"""Key phrases: the runs of words that an article says more often, earlier and more tellingly than the language does."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

from services.enrichment.domain.background import Background, background
from services.enrichment.domain.draft import Draft, Phrase
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
    known, habit = background(draft.language), HABITS.get(draft.language, Habit())
    line = _Line.of((draft.title_words, *draft.sentence_words), known)
    weights = {w: known.weight(w, habit.ceiling) ** _RARE for w in set(line.small)}
    scored = []
    for run in _runs(line, habit):
        weight = sum([weights[w] for w in run.words]) / len(run.words)
        place = line.places[run.first]
        score = run.count * weight / (1 + log(1 + place) / _EARLY)
        score *= (_NAME if run.named else 1.0) * (habit.several if len(run.words) > 1 else 1.0)
        written = " ".join(line.written[run.first : run.first + len(run.words)])
        score *= _SHORT if len(written) < 5 else 1.0
        scored.append((-score, written, run.count, place))
    return replace(draft, phrases=tuple(_apart(sorted(scored))))


@dataclass(frozen=True, slots=True)
class _Line:
    """All words one after another, an empty one after each sentence, so that no run crosses its end."""

    written: list[str]
    small: list[str]
    heavy: list[bool]
    capital: list[bool]
    places: list[int]

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]], known: Background) -> "_Line":
        written: list[str] = []
        places: list[int] = []
        opens: list[int] = []
        at = 0
        for sentence in sentences:
            opens.append(len(written))
            written += sentence
            written.append("")
            places += range(at, at + len(sentence) + 1)
            at += len(sentence)
        small = [w.lower() for w in written]
        heavy = [z < _GRAMMAR and len(w) > 1 and w[0].isalpha() for w, z in zip(small, known.zipfs(small), strict=True)]
        capital = [w[:1].isupper() for w in written]
        for start in opens:
            capital[start] = False
        return cls(written, small, heavy, capital, places)


@dataclass(frozen=True, slots=True)
class _Run:
    words: tuple[str, ...]
    count: int
    first: int
    named: bool


def _runs(line: _Line, habit: Habit) -> Iterator[_Run]:
    """Runs that neither begin nor end with grammar; those of several words that stand there once only if names."""
    for length in range(habit.shortest, habit.longest + 1):
        parts = [line.small[at:] for at in range(length)]
        begins_and_ends = zip(line.heavy, line.heavy[length - 1 :], strict=False)
        starts = [at for at, (begins, ends) in enumerate(begins_and_ends) if begins and ends]
        if length > 2:
            starts = [at for at in starts if all(line.small[at + 1 : at + length - 1])]
        runs = list(zip(*parts, strict=False))
        here = [runs[at] for at in starts]
        counts = Counter(here)
        capitals = Counter(
            runs[at] for at in starts if line.capital[at] and _all_capital(line.written[at + 1 : at + length])
        )
        firsts = dict(zip(reversed(here), reversed(starts), strict=True))
        for run, count in counts.items():
            named = 2 * capitals[run] >= count
            if count > 1 or named or length == 1:
                yield _Run(run, count, firsts[run], named)


def _all_capital(words: Sequence[str]) -> bool:
    return all(w[0].isupper() for w in words)


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
