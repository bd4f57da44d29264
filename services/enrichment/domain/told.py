"""What a text tells the learner of sections: words, pairs of neighbours and words of the headline, each as one number.

An article has some five hundred; as numbers they are never written out, and all are looked up at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Keys: TypeAlias = npt.NDArray[np.uint64]

TITLED: Final = "^"  # before a word of the headline
NAMED_FROM: Final = 3  # letters
_ALL: Final = 0xFFFF_FFFF_FFFF_FFFF
_FIRST, _SECOND = 0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F
_MANY = 1 << 10
_ROOM = 8  # places for each key: so few share one


def key_of(word: str) -> int:
    """A word's number, the same as long as the process lives: two that differ share one in some 10 ** 19."""
    return hash(word) & _ALL


def pairs_of(keys: Keys) -> Keys:
    """The numbers of all pairs of neighbours."""
    return keys[:-1] * np.uint64(_FIRST) + keys[1:] * np.uint64(_SECOND)


@dataclass(frozen=True, slots=True)
class Told:
    """Numbers, each once. The first `named` are those of words that may be named as a reason; `written` says how."""

    keys: Keys
    named: int
    written: Callable[[list[int]], list[str]]

    @classmethod
    def of(cls, words: Iterable[str]) -> "Told":
        """From words as they are kept: `word`, `two words`, `^word`."""
        known = set(words)
        named = [w for w in known if " " not in w and w[0] != TITLED and len(w) >= NAMED_FROM]
        keys = [*map(key_of, named), *map(_key_of_any, known.difference(named))]
        return cls(np.array(keys, dtype=np.uint64), len(named), lambda some: [named[n] for n in some])


def _key_of_any(word: str) -> int:
    one, _, two = word.partition(" ")
    return (key_of(one) * _FIRST + key_of(two) * _SECOND) & _ALL if two else key_of(word)


class Rows:
    """Keys numbered as they come. Each stands where its lowest bits say, or aside where another key stands there."""

    def __init__(self) -> None:
        self._many = 0
        self._keys: Keys = np.zeros(_MANY, dtype=np.uint64)
        self._places = np.full(_ROOM * _MANY, -1, dtype=np.int32)
        self._aside: dict[int, int] = {}

    def __len__(self) -> int:
        return self._many

    def find(self, keys: Keys) -> npt.NDArray[np.int32]:
        """The number of each key, -1 for what is none."""
        found = self._places[self._at(keys)]
        others = np.flatnonzero((found >= 0) & (self._keys[found] != keys))
        found[others] = [self._aside.get(key, -1) for key in keys[others].tolist()]
        return found

    def add(self, keys: Keys) -> None:
        """Number keys that have no number yet."""
        first, self._many = self._many, self._many + len(keys)
        grown = len(self._keys)
        while grown < self._many:
            grown *= 2
        if grown > len(self._keys):
            self._keys = np.concatenate((self._keys, np.zeros(grown - len(self._keys), dtype=np.uint64)))
            self._places = np.full(_ROOM * grown, -1, dtype=np.int32)
            self._aside, first, keys = {}, 0, np.concatenate((self._keys[:first], keys))
        self._keys[first : self._many] = keys
        numbers, at = np.arange(first, self._many, dtype=np.int32), self._at(keys)
        free = self._places[at] < 0
        self._places[at[free]] = numbers[free]
        aside = self._keys[self._places[at]] != keys
        self._aside.update(zip(keys[aside].tolist(), numbers[aside].tolist(), strict=True))

    def _at(self, keys: Keys) -> npt.NDArray[np.int64]:
        return (keys & np.uint64(len(self._places) - 1)).astype(np.int64)
