"""Learning sections from editors' choices, one by one: naive Bayes, whose state is counts and nothing else.

A section is judged by its own words against those of all others (the one-versus-all-but-one form of Rennie et al.,
"Tackling the Poor Assumptions of Naive Bayes Text Classifiers", 2003), which suits sections of unequal size; a
correction is one more count. The state is a fold over the choices in order and can be rebuilt by replaying them.
"""

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.told import Rows, Told

_SMOOTH = 0.4
_NEEDED = 20
_LOUDEST = 3

_Ints: TypeAlias = npt.NDArray[np.int32]


class Learner:
    """Counts of words, a row each, per section, a column each. A changed choice is taken back with `times=-1`."""

    def __init__(self) -> None:
        self._rows = Rows()
        self._columns: dict[str, int] = {}
        self._counts: _Ints = np.zeros((1_024, 8), dtype=np.int32)
        self._totals: Counter[str] = Counter()
        self._articles: Counter[str] = Counter()

    def learn(self, section: str, words: Iterable[str], times: int = 1) -> None:
        """Take in that an article with these words belongs there; `times=-1` takes it back."""
        keys = Told.of(words).keys
        self._rows.add(keys[self._rows.find(keys) < 0])
        rows = self._rows.find(keys)
        column = self._columns.setdefault(section, len(self._columns))
        self._make_room()
        self._counts[rows, column] += times
        self._totals[section] += times * len(rows)
        self._articles[section] += times

    def chosen(self, section: str) -> int:
        """How many articles were put into a section."""
        return self._articles[section]

    def ranked(self, told: Told, needed: int = _NEEDED) -> list[tuple[str, float, str]]:
        """Sections with a probability and the words that spoke loudest; nothing before enough was chosen."""
        classes = [s for s, n in self._articles.items() if n > 0]
        if self._articles.total() < needed or len(classes) < 2:
            return []
        rows = self._rows.find(told.keys)
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
        first = [classes[at] for at in best]
        named = int(np.searchsorted(known, told.named))
        why = _loudest(self._lean(first, own[:named, best].T, total[:named, 0]), known, told)
        return list(zip(first, shares[best].tolist(), why, strict=True))

    def _lean(self, sections: list[str], own: _Ints, total: _Ints) -> npt.NDArray[np.float64]:
        """For each section how far words that stand there more than once lean towards it; 0 for all other words."""
        chosen = np.array([max(1, self._articles[s]) for s in sections])[:, None]
        rest = np.maximum(1, self._articles.total() - chosen)
        return np.where(own > 1, (own / chosen) / ((total - own + 0.5) / rest), 0.0)

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


def _loudest(lean: npt.NDArray[np.float64], known: npt.NDArray[np.intp], told: Told) -> list[str]:
    """For each section the three words that lean most; of two that lean the same the first in the alphabet."""
    if lean.shape[1] > _LOUDEST:
        lean = np.where(lean >= np.partition(lean, -_LOUDEST, axis=1)[:, [-_LOUDEST]], lean, 0.0)
    section, at = np.nonzero(lean)
    written = told.written(known[at].tolist())
    said: list[list[str]] = [[] for _ in lean]
    for which, _, word in sorted(zip(section.tolist(), (-lean[section, at]).tolist(), written, strict=True)):
        said[which].append(word)
    return [", ".join(words[:_LOUDEST]) or "their words together" for words in said]
