"""The terms an article is compared by: its rare words, its names and numbers, its telling pairs of words."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log, sqrt
from typing import Final

from services.enrichment.domain.background import Background, background
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.features import LEAD, NAME, NUMBER, PAIR, TITLE, Features, Term
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.text import key_of, stem

LEAD_WORDS = 60
_TITLE_COUNTS = 3
_WORTH = 0.8  # a word lighter than this is grammar
_MEMORY = 400_000


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


class WeighTerms:
    """Weigh every word by tf × background weight and keep the most telling, with flags for where they stand.

    Among those kept, what many articles of late have (`lately`) counts less.
    """

    def __init__(self, lately: Lately | None = None) -> None:
        self._lately = lately or Lately()
        self._memory: dict[str, dict[str, tuple[str, float]]] = defaultdict(dict)

    def _roots(self, language: str, written: Sequence[str], known: Background, habit: Habit) -> list[tuple[str, float]]:
        """The stem of each word and its background weight, remembered."""
        memory = self._memory[language]
        if len(memory) > _MEMORY:
            memory.clear()
        roots = []
        for small in map(str.lower, written):
            found = memory.get(small)
            if found is None:
                root = stem(small) if language == "en" else small
                weight = min(known.weight(small, habit.ceiling), known.weight(root, habit.ceiling))
                found = memory[small] = (root, habit.number if root[0].isdigit() else weight)
            roots.append(found)
        return roots

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `features` and `readable`: a written form for the key of each term kept."""
        known, habit = background(draft.language), HABITS.get(draft.language, HABIT)
        written = draft.title_words + draft.body_words
        titled = len(draft.title_words)
        roots = self._roots(draft.language, written, known, habit)
        told = [root for root, _ in roots]
        counts = Counter(told)
        counts.update(told[:titled] * (_TITLE_COUNTS - 1))
        weights = dict(roots)
        flags = {root: NUMBER if root[0].isdigit() else 0 for root in counts}
        for at, root in enumerate(told[: titled + LEAD_WORDS]):
            flags[root] |= TITLE if at < titled else LEAD
        shown = dict(zip(reversed(told), reversed(written), strict=True))  # as it is written first, or last as a name
        for at, word in enumerate(written[titled:], titled):
            if word[0].isupper() and at > 0 and _inside(written[at - 1], word):
                flags[told[at]] |= NAME
                shown[told[at]] = word
        heavy = {r: habit.dampen(n) * weights[r] for r, n in counts.items() if weights[r] >= _WORTH}
        kept = [r for _, r in sorted([(-worth, r) for r, worth in heavy.items()])[: habit.words]]
        terms = [Term(key_of(r), heavy[r], weights[r], flags[r]) for r in kept]
        terms += _pairs(roots, titled, habit)
        terms = self._beside_others(draft.language, terms, *habit.worth)
        seen = {t.key: t for t in terms}
        readable = {key_of(r): shown[r] for r in kept if len(r) > 1}
        if habit.pairs_are_words:
            readable = {key_of(f"{a.lower()} {b.lower()}"): f"{a} {b}" for a, b in pairwise(written)}
        return replace(draft, features=Features.of(list(seen.values())), readable=readable)

    def _beside_others(self, language: str, terms: Sequence[Term], words: float, pairs: float) -> list[Term]:
        """The terms weighed by how rare they are among the articles seen, too."""
        worth = [pairs if t.flags & PAIR else words for t in terms]
        rare = self._lately.rarities(language, [t.key for t in terms], [t.rarity for t in terms], worth)
        return [
            Term(t.key, t.weight * now / t.rarity, now, t.flags) for t, now in zip(terms, rare.tolist(), strict=True)
        ]


def _inside(previous: str, word: str) -> bool:
    """Whether a capital says something: not where everything is written in capitals."""
    return not (len(word) > 4 and word.isupper()) or not previous.isupper()


def _pairs(roots: list[tuple[str, float]], titled: int, habit: Habit) -> list[Term]:
    """The most telling pairs of neighbours; a pair weighs what its words weigh together, twice more in the headline."""
    held = [
        (one, two) if first + second >= habit.pair_worth else None for (one, first), (two, second) in pairwise(roots)
    ]
    counts = Counter(held[titled:])
    for pair in held[: max(0, titled - 1)]:
        counts[pair] += _TITLE_COUNTS
    del counts[None]
    weights = dict(roots)
    weight = {p: (weights[p[0]] + weights[p[1]]) ** habit.pair_power for p in counts if p}
    heavy = {p: habit.dampen(counts[p]) * worth for p, worth in weight.items()}
    kept = [p for _, p in sorted([(-worth, p) for p, worth in heavy.items()])[: habit.pairs]]
    return [Term(key_of(f"{a} {b}"), heavy[a, b], min(weight[a, b], 7.9), PAIR) for a, b in kept]
