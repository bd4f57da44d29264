"""The terms an article is compared by: its rare words, its names and numbers, its telling pairs of words."""

from collections import Counter
from dataclasses import replace
from math import log

from services.enrichment.domain.background import Background, background
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.features import LEAD, NAME, NUMBER, PAIR, TITLE, Features, Term
from services.enrichment.domain.text import key_of

WORDS_KEPT = 96
PAIRS_KEPT = 40
LEAD_WORDS = 60
_TITLE_COUNTS = 2
_WORTH = 0.8  # a word lighter than this is grammar
_MEMORY = 400_000


def stem(word: str) -> str:
    """An English word without plural and possessive endings; enough to bring "talks" and "talk" together."""
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


class WeighTerms:
    """Weigh every word by tf × background weight and keep the most telling, with flags for where they stand."""

    def __init__(self) -> None:
        self._memory: dict[tuple[str, str], tuple[str, float]] = {}

    def _look_up(self, language: str, small: str, known: Background) -> tuple[str, float]:
        """The stem of a word and its background weight, remembered."""
        found = self._memory.get((language, small))
        if found is None:
            if len(self._memory) > _MEMORY:
                self._memory.clear()
            root = stem(small) if language == "en" else small
            weight = 3.0 if root[0].isdigit() else min(known.weight(small), known.weight(root))
            found = self._memory[language, small] = (root, weight)
        return found

    def __call__(self, draft: Draft) -> Draft:
        """The draft with `features` and `readable`: a written form for the key of each term kept."""
        known = background(draft.language)
        written = draft.title_words + draft.body_words
        titled = len(draft.title_words)
        roots = [self._look_up(draft.language, w.lower(), known) for w in written]
        counts: Counter[str] = Counter(root for root, _ in roots)
        counts.update(root for root, _ in roots[:titled] * (_TITLE_COUNTS - 1))
        weights = dict(roots)
        flags = dict.fromkeys(counts, 0)
        for at, (root, _) in enumerate(roots[: titled + LEAD_WORDS]):
            flags[root] |= TITLE if at < titled else LEAD
        shown: dict[str, str] = {}
        for at, word in enumerate(written):
            root = roots[at][0]
            if word[0].isupper() and at >= titled and at > 0 and _inside(written[at - 1], word):
                flags[root] |= NAME
                shown[root] = word
            elif word[0].isdigit():
                flags[root] |= NUMBER
            shown.setdefault(root, word)
        heavy = {r: (1 + log(n)) * weights[r] for r, n in counts.items() if weights[r] >= _WORTH}
        kept = sorted(heavy, key=lambda r: (-heavy[r], r))[:WORDS_KEPT]
        terms = [Term(key_of(r), heavy[r], weights[r], flags[r]) for r in kept]
        terms += _pairs(roots, titled)
        seen = {t.key: t for t in terms}
        readable = {key_of(r): shown[r] for r in kept if len(r) > 1}
        return replace(draft, features=Features.of(list(seen.values())), readable=readable)


def _inside(previous: str, word: str) -> bool:
    """Whether a capital says something: not where everything is written in capitals."""
    return not (len(word) > 4 and word.isupper()) or not previous.isupper()


def _pairs(roots: list[tuple[str, float]], titled: int) -> list[Term]:
    """The most telling pairs of neighbours; a pair weighs what its words weigh together."""
    counts: Counter[tuple[str, str]] = Counter()
    weight: dict[tuple[str, str], float] = {}
    for at in range(len(roots) - 1):
        (one, first), (two, second) = roots[at], roots[at + 1]
        if first + second >= 2.0 and at + 1 != titled:
            counts[one, two] += 1
            weight[one, two] = first + second
    heavy = {p: (1 + log(n)) * weight[p] for p, n in counts.items()}
    kept = sorted(heavy, key=lambda p: (-heavy[p], p))[:PAIRS_KEPT]
    return [Term(key_of(f"{a} {b}"), heavy[a, b], min(weight[a, b], 7.9), PAIR) for a, b in kept]
