"""The terms an article is compared by: its rare words, its names and numbers, its telling pairs of words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.background import RAREST
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.features import LEAD, NAME, NUMBER, PAIR, TITLE, Features, Scores
from services.enrichment.domain.lexicon import Ints, Lexicon, Numbered
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.text import key_of

LEAD_WORDS = 60
_TITLE_COUNTS = 3
_WORTH = 0.8  # a word lighter than this is grammar


@dataclass(frozen=True, slots=True)
class Habit:
    """How a language's terms are weighed. Where words are several syllables written apart, pairs carry the meaning."""

    ceiling: float = 6.5  # the Zipf value at which a word stops saying anything
    number: float = 5.0  # what a number weighs
    dampen: Callable[[float], float] = sqrt  # of how often a term stands there
    words: int = 96
    pairs: int = 48
    pair_worth: float = 2.0
    pair_power: float = 1.0
    pairs_are_words: bool = False  # a reason names them, for a single syllable says nothing
    #: How many articles the language's own frequencies count for beside those seen, for words and for pairs. A list of
    #: words knows single ones well; where words are several syllables it knows hardly any.
    worth: tuple[float, float] = (100_000.0, 1e9)


#: Chosen on the development data among a few round values each.
HABITS: Final[Mapping[str, Habit]] = {
    "vi": Habit(
        7.0,
        3.0,
        lambda n: 1.0 + log(n),
        words=80,
        pairs=80,
        pair_worth=1.0,
        pair_power=0.5,
        pairs_are_words=True,
        worth=(1000.0, 30.0),
    ),
}
HABIT: Final = Habit()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Terms of one kind that were kept, as arrays side by side, and how each is written."""

    keys: list[int]
    weights: Scores
    rarities: Scores
    flags: npt.NDArray[np.uint8]
    shown: list[str]


class WeighTerms:
    """Weigh every word by tf × background weight and keep the most telling, with flags for where they stand.

    Among those kept, what many articles of late have (`lately`) counts less.
    """

    def __init__(self, lately: Lately | None = None) -> None:
        self._lately = lately or Lately()

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `features` and `readable`: a written form for the key of each term kept."""
        habit = HABITS.get(draft.language, HABIT)
        written = draft.title_words + draft.body_words
        if not written:
            return draft._replace(features=Features.empty(), readable={})
        line = _Line.of(draft.numbered, habit)
        words, pairs = _words(line, written, draft.numbered.capital, habit), _pairs(line, written, habit)
        keys = [*words.keys, *pairs.keys]
        weights = np.concatenate((words.weights, pairs.weights))
        rarities = np.concatenate((words.rarities, pairs.rarities))
        worth = np.repeat(habit.worth, [len(words.keys), len(pairs.keys)])
        rare = self._lately.rarities(draft.language, keys, rarities, worth)
        weights, rarities = weights * rare / rarities, rare
        features = Features.of(keys, weights, rarities, np.concatenate((words.flags, pairs.flags)))
        named = pairs if habit.pairs_are_words else words
        told = zip(named.keys, named.shown, strict=True)
        return draft._replace(features=features, readable={key: form for key, form in told if len(form) > 1})


@dataclass(frozen=True, slots=True)
class _Line:
    """An article's words one after another as numbers of their stems, which are counted from 0 up."""

    lexicon: Lexicon
    roots: Ints  # the lexicon's number of each stem
    at: Ints  # the stem of each word
    weights: Scores  # of each word
    weight: Scores  # of each stem: that of the last word with it
    titled: int

    @classmethod
    def of(cls, words: Numbered, habit: Habit) -> "_Line":
        roots, which = np.unique(words.column("root"), return_inverse=True)
        columns = words.words.columns.take(roots)
        rooted = np.maximum(0.0, habit.ceiling - np.maximum(RAREST, columns["zipf"]))
        own = np.minimum(words.weights(habit.ceiling), rooted[which])
        own[columns["digit"][which]] = habit.number
        at, weights = which[words.places], own[words.places]
        weight = np.zeros(len(roots))
        weight[at] = weights
        return cls(words.words, roots, at, weights, weight, words.titled)

    def forms(self, which: Ints) -> list[str]:
        """Stems as they are written."""
        return [self.lexicon.written[n] for n in self.roots[which].tolist()]


def _dampened(counts: Ints, habit: Habit) -> Scores:
    """What so many occurrences count."""
    each = np.array([0.0, *map(habit.dampen, range(1, int(counts.max(initial=0)) + 1))])
    return each[counts]


def _heaviest(worth: Scores, forms: Callable[[Ints], Iterable[Any]], most: int) -> tuple[Ints, list[Any]]:
    """Which weigh most, at most so many, and their forms; of two that weigh the same the first in the alphabet."""
    some = np.arange(len(worth))
    if len(worth) > most:
        some = np.flatnonzero(worth >= np.partition(worth, -most)[-most])
    ranked = sorted(zip((-worth[some]).tolist(), forms(some), some.tolist(), strict=True))[:most]
    return np.array([at for _, _, at in ranked], dtype=np.int64), [form for _, form, _ in ranked]


def _words(line: _Line, written: Sequence[str], capital: npt.NDArray[np.bool_], habit: Habit) -> _Chosen:
    """The most telling words, each shown as it is written first, or last where it is a name."""
    at, titled = line.at, line.titled
    counts = np.bincount(at, minlength=len(line.roots))
    counts += np.bincount(at[:titled], minlength=len(line.roots)) * (_TITLE_COUNTS - 1)
    flags = np.where(line.lexicon.columns["digit"][line.roots], NUMBER, 0).astype(np.uint8)
    flags[at[:titled]] |= TITLE
    flags[at[titled : titled + LEAD_WORDS]] |= LEAD
    first = np.zeros(len(line.roots), np.int64)
    first[at[::-1]] = np.arange(len(at))[::-1]
    first_told = max(1, titled)
    some = (np.flatnonzero(capital[first_told:]) + first_told).tolist()
    named = np.array([n for n in some if _inside(written[n - 1], written[n])], dtype=np.int64)
    flags[at[named]] |= NAME
    first[at[named]] = named
    heavy = np.flatnonzero(line.weight >= _WORTH)
    worth = _dampened(counts[heavy], habit) * line.weight[heavy]
    chosen, roots = _heaviest(worth, lambda some: line.forms(heavy[some]), habit.words)
    kept = heavy[chosen]
    shown = [
        written[n] if len(root) > 1 else root for n, root in zip(first[kept].tolist(), roots, strict=True)
    ]  # fmt: skip
    keys = line.lexicon.columns["crc"][line.roots[kept]].view(np.int32).tolist()
    return _Chosen(keys, worth[chosen], line.weight[kept], flags[kept], shown)


def _inside(previous: str, word: str) -> bool:
    """Whether a capital says something: not where everything is written in capitals."""
    return not (len(word) > 4 and word.isupper()) or not previous.isupper()


def _pairs(line: _Line, written: Sequence[str], habit: Habit) -> _Chosen:
    """The most telling pairs of neighbours, each shown as it is written last.

    A pair weighs what its words weigh together, twice more in the headline.
    """
    many = len(line.roots)
    each = line.at[:-1] * many + line.at[1:]
    told = line.weights[:-1] + line.weights[1:] >= habit.pair_worth
    if 0 < line.titled <= len(told):
        told[line.titled - 1] = False
    places = np.flatnonzero(told)
    pairs, which = np.unique(each[places], return_inverse=True)
    counts = np.bincount(which, np.where(places < line.titled, _TITLE_COUNTS, 1), len(pairs))
    weight = (line.weight[pairs // many] + line.weight[pairs % many]) ** habit.pair_power
    worth = _dampened(counts.astype(np.int64), habit) * weight

    def forms(some: Ints) -> Iterable[tuple[str, str]]:
        return zip(line.forms(pairs[some] // many), line.forms(pairs[some] % many), strict=True)

    kept, roots = _heaviest(worth, forms, habit.pairs)
    last = dict(zip(each.tolist(), range(len(each)), strict=True)) if habit.pairs_are_words else {}
    stands = [last[pair] for pair in pairs[kept].tolist()] if last else []
    shown = [f"{written[at]} {written[at + 1]}" for at in stands]
    keys = [key_of(f"{one} {two}") for one, two in roots]
    return _Chosen(keys, worth[kept], np.minimum(weight[kept], 7.9), np.full(len(keys), PAIR, np.uint8), shown)
