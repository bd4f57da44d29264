"""Learning sections from editors' choices, one by one: naive Bayes, whose state is counts and nothing else.

A section is judged by its own words against those of all others (the one-versus-all-but-one form of Rennie et al.,
"Tackling the Poor Assumptions of Naive Bayes Text Classifiers", 2003), which suits sections of unequal size; a
correction is one more count. The state is a fold over the choices in order and can be rebuilt by replaying them.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import repeat
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

_SMOOTH = 0.4
_NEEDED = 20

_Ints: TypeAlias = npt.NDArray[np.int32]


class Learner:
    """Counts of words, a row each, per section, a column each. A changed choice is taken back with `times=-1`."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._columns: dict[str, int] = {}
        self._counts: _Ints = np.zeros((1_024, 8), dtype=np.int32)
        self._totals: Counter[str] = Counter()
        self._articles: Counter[str] = Counter()

    def learn(self, section: str, words: Iterable[str], times: int = 1) -> None:
        """Take in that an article with these words belongs there; `times=-1` takes it back."""
        rows = [self._rows.setdefault(word, len(self._rows)) for word in set(words)]
        column = self._columns.setdefault(section, len(self._columns))
        self._make_room()
        self._counts[rows, column] += times
        self._totals[section] += times * len(rows)
        self._articles[section] += times

    def chosen(self, section: str) -> int:
        """How many articles were put into a section."""
        return self._articles[section]

    def ranked(self, words: Iterable[str], needed: int = _NEEDED) -> list[tuple[str, float, str]]:
        """Sections with a probability and the words that spoke loudest; nothing before enough was chosen."""
        classes = [s for s, n in self._articles.items() if n > 0]
        if self._articles.total() < needed or len(classes) < 2:
            return []
        told = list(set(words))
        rows = np.array(list(map(self._rows.get, told, repeat(-1))), dtype=np.int64)
        known = np.flatnonzero(rows >= 0)
        counts = self._counts[rows[known]]
        total = counts.sum(axis=1)
        if total.size and total.min() <= 0:  # taken back, all of them
            known, counts, total = known[total > 0], counts[total > 0], total[total > 0]
        total = total[:, None]
        columns = [self._columns[s] for s in classes]
        own = counts[:, columns]
        totals, smooth = np.array([self._totals[s] for s in classes]), _SMOOTH * len(self._rows)
        rest = np.log((self._totals.total() - totals + smooth) / (totals + smooth))
        scores = len(known) * rest + np.log((own + _SMOOTH) / (total - own + _SMOOTH)).sum(axis=0)
        shares = np.exp((scores - scores.max()) / max(4.0, len(known) ** 0.5))
        shares /= shares.sum()
        best = np.argsort(-shares, kind="stable")[:5].tolist()
        often = np.flatnonzero((own[:, best] > 1).any(axis=1)).tolist()
        spoken = [(at, told[known[at]]) for at in often]
        spoken = [(at, word) for at, word in spoken if " " not in word and word[0] != "^" and len(word) > 2]
        plain, said = [at for at, _ in spoken], [word for _, word in spoken]
        own, total = own[plain], total[plain, 0]
        return [(classes[at], float(shares[at]), self._loudest(classes[at], said, own[:, at], total)) for at in best]

    def _loudest(self, section: str, words: list[str], own: _Ints, total: _Ints) -> str:
        n = max(1, self._articles[section])
        rest = max(1, self._articles.total() - n)
        lean = (own / n) / ((total - own + 0.5) / rest)
        held = np.flatnonzero(own > 1)
        if len(held) > 3:
            held = held[lean[held] >= np.partition(lean[held], -3)[-3]]
        loudest = sorted((-leans, words[at]) for at, leans in zip(held.tolist(), lean[held].tolist(), strict=True))
        return ", ".join(word for _, word in loudest[:3]) or "their words together"

    def _make_room(self) -> None:
        """Twice as many rows or columns, where they have run out."""
        rows, columns = self._counts.shape
        while rows < len(self._rows):
            rows *= 2
        while columns < len(self._columns):
            columns *= 2
        if (rows, columns) != self._counts.shape:
            grown = np.zeros((rows, columns), dtype=np.int32)
            grown[: self._counts.shape[0], : self._counts.shape[1]] = self._counts
            self._counts = grown
