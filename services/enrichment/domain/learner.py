"""Learning sections from editors' choices, one by one: naive Bayes, whose state is counts and nothing else.

A section is judged by its own words against those of all others (the one-versus-all-but-one form of Rennie et al.,
"Tackling the Poor Assumptions of Naive Bayes Text Classifiers", 2003), which suits sections of unequal size; a
correction is one more count. The state is a fold over the choices in order and can be rebuilt by replaying them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import exp, log

_SMOOTH = 0.4
_NEEDED = 20


class Learner:
    """Counts of words per section. `learn` takes one choice; a changed choice is taken back with `forget`."""

    def __init__(self) -> None:
        self._words: dict[str, Counter[str]] = defaultdict(Counter)
        self._totals: Counter[str] = Counter()
        self._articles: Counter[str] = Counter()
        self._all: Counter[str] = Counter()
        self._sum = 0

    def learn(self, section: str, words: Iterable[str], times: int = 1) -> None:
        """Take in that an article with these words belongs there; `times=-1` takes it back."""
        distinct = set(words)
        for word in distinct:
            self._words[section][word] += times
            self._all[word] += times
        self._totals[section] += times * len(distinct)
        self._sum += times * len(distinct)
        self._articles[section] += times

    def chosen(self, section: str) -> int:
        """How many articles were put into a section."""
        return self._articles[section]

    def ranked(self, words: Iterable[str], needed: int = _NEEDED) -> list[tuple[str, float, str]]:
        """Sections with a probability and the words that spoke loudest; nothing before enough was chosen."""
        classes = [s for s, n in self._articles.items() if n > 0]
        if sum(self._articles.values()) < needed or len(classes) < 2:
            return []
        distinct = [w for w in set(words) if self._all[w] > 0]
        size = len(self._all)
        scores = {}
        for section in classes:
            own, mine = self._words[section], self._totals[section] + _SMOOTH * size
            rest = self._sum - self._totals[section] + _SMOOTH * size
            scores[section] = len(distinct) * log(rest / mine) + sum(
                log((own[w] + _SMOOTH) / (self._all[w] - own[w] + _SMOOTH)) for w in distinct
            )
        top = max(scores.values())
        scale = 1.0 / max(4.0, len(distinct) ** 0.5)
        shares = {s: exp((v - top) * scale) for s, v in scores.items()}
        total = sum(shares.values())
        ranked = sorted(shares, key=lambda s: -shares[s])
        return [(s, shares[s] / total, self._loudest(s, distinct)) for s in ranked[:5]]

    def _loudest(self, section: str, words: list[str]) -> str:
        own, n = self._words[section], max(1, self._articles[section])
        rest = max(1, sum(self._articles.values()) - n)

        def lean(word: str) -> float:
            return (own[word] / n) / ((self._all[word] - own[word] + 0.5) / rest)

        held = [w for w in words if own[w] > 1 and " " not in w and w[0] != "^" and len(w) > 2]
        return ", ".join(sorted(held, key=lambda w: (-lean(w), w))[:3]) or "their words together"
