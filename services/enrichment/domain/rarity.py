"""How rare a term is among the articles that came lately: what all write of today tells no two stories apart.

The background of the language speaks first: it is worth so many articles that nobody saw, of which it says how many
have the term. Every article that comes counts beside it, and what came long ago fades.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

#: Terms are counted under the lowest bits of their keys: 2 MB a language, and hardly two of an article under one.
_BUCKETS: Final = 1 << 20
_FADE_AT: Final = 16_384


class _Seen:
    """Of so many articles so many have a term."""

    def __init__(self) -> None:
        self.articles = 0
        self.having = np.zeros(_BUCKETS, dtype=np.uint16)

    def add(self, buckets: npt.NDArray[np.int32]) -> None:
        self.articles += 1
        self.having[buckets] += 1
        if self.articles >= _FADE_AT:
            self.articles //= 2
            self.having >>= 1


class Lately:
    """The terms of the articles that came lately, by language."""

    def __init__(self) -> None:
        self._languages: dict[str, _Seen] = {}

    def add(self, language: str, keys: npt.NDArray[np.int32]) -> None:
        """Count one article's terms."""
        self._languages.setdefault(language, _Seen()).add(keys & (_BUCKETS - 1))

    def rarities(
        self, language: str, keys: Sequence[int], background: npt.ArrayLike, worth: npt.ArrayLike
    ) -> npt.NDArray[np.float64]:
        """Minus log10 of the share of articles that have each term, the one that asks counted.

        `background` is the same in the language at large, and `worth` how many articles that counts for.
        """
        known, weight = np.asarray(background), np.asarray(worth)
        seen = self._languages.get(language)
        if seen is None:
            return known
        having = seen.having[np.asarray(keys, dtype=np.int32) & (_BUCKETS - 1)]
        share = (having + 1.0 + weight * 10.0**-known) / (seen.articles + 1.0 + weight)
        rare: npt.NDArray[np.float64] = -np.log10(share)
        return rare
