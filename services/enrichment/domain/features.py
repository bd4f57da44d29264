"""What is kept of an article to compare it with others: some 150 weighted terms in seven bytes each.

One record holds a term's key, its weight in the body (tf × background weight, the vector's length is 255), its
background weight alone (× 32), and flags that say where it stands. Six cosines come out of one merge of two records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

RECORD: Final = np.dtype([("key", "<i4"), ("weight", "u1"), ("rarity", "u1"), ("flags", "u1")])

TITLE, LEAD, NAME, NUMBER, PAIR = 1, 2, 4, 8, 16
#: The cosines a comparison gives, in this order.
FIELDS: Final = ("body", "title", "lead", "names", "numbers", "pairs")
RARITY_SCALE: Final = 32.0

Scores: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Term:
    """A term before it is packed."""

    key: int
    weight: float
    rarity: float
    flags: int


@dataclass(frozen=True, slots=True)
class Features:
    """Packed terms of one article, sorted by key."""

    packed: bytes

    @classmethod
    def empty(cls) -> "Features":
        """No terms: like nothing at all."""
        return cls(b"")

    @classmethod
    def of(cls, terms: Sequence[Term]) -> "Features":
        """Pack terms; weights are scaled so that the heaviest of words and of pairs are each 255."""
        if not terms:
            return cls.empty()
        records = np.zeros(len(terms), dtype=RECORD)
        words = max((t.weight for t in terms if not t.flags & PAIR), default=1.0) or 1.0
        pairs = max((t.weight for t in terms if t.flags & PAIR), default=1.0) or 1.0
        for at, term in enumerate(sorted(terms, key=lambda t: t.key)):
            top = pairs if term.flags & PAIR else words
            records[at] = (
                term.key,
                max(1, round(255 * term.weight / top)),
                min(255, round(term.rarity * RARITY_SCALE)),
                term.flags,
            )
        return cls(records.tobytes())

    def __len__(self) -> int:
        return len(self.packed) // RECORD.itemsize

    def keys(self) -> npt.NDArray[np.int32]:
        """The keys of all terms, ascending."""
        return np.frombuffer(self.packed, dtype=RECORD)["key"].astype(np.int32)

    def rarest(self, most: int) -> list[int]:
        """The keys of the terms worth looking up: heaviest first, at most so many."""
        records = np.frombuffer(self.packed, dtype=RECORD)
        worth = records["weight"].astype(np.float64) * records["rarity"]
        chosen = np.argsort(-worth, kind="stable")[:most]
        return [int(k) for k in records["key"][chosen]]


def _planes(records: npt.NDArray[np.void]) -> npt.NDArray[np.float64]:
    """One row of weights per field, zero where the term has no part in it. Shape (6, terms)."""
    weight = records["weight"].astype(np.float64)
    rarity = records["rarity"].astype(np.float64)
    flags = records["flags"]
    pair = (flags & PAIR) != 0
    return np.stack(
        [
            np.where(pair, 0.0, weight),
            np.where((flags & TITLE) != 0, rarity, 0.0),
            np.where((flags & LEAD) != 0, rarity, 0.0),
            np.where((flags & NAME) != 0, np.sqrt(weight) * rarity, 0.0),
            np.where((flags & NUMBER) != 0, rarity, 0.0),
            np.where(pair, weight, 0.0),
        ]
    )


def compare(one: Features, others: Sequence[Features]) -> Scores:
    """The six cosines of one article with each of the others. Shape (others, 6), values 0..1."""
    if not others or not one.packed:
        return np.zeros((len(others), len(FIELDS)))
    mine = np.frombuffer(one.packed, dtype=RECORD)
    theirs = np.frombuffer(b"".join(o.packed for o in others), dtype=RECORD)
    if not len(theirs):
        return np.zeros((len(others), len(FIELDS)))
    sizes = np.array([len(o) for o in others])
    owner = np.repeat(np.arange(len(others)), sizes)
    my_keys, their_keys = mine["key"].astype(np.int32), theirs["key"].astype(np.int32)
    at = np.minimum(np.searchsorted(my_keys, their_keys), len(my_keys) - 1)
    shared = my_keys[at] == their_keys
    my_planes, their_planes = _planes(mine), _planes(theirs)
    my_norms = np.sqrt((my_planes**2).sum(axis=1))
    scores = np.zeros((len(others), len(FIELDS)))
    for plane in range(len(FIELDS)):
        norms = np.sqrt(np.bincount(owner, their_planes[plane] ** 2, minlength=len(others)))
        dots = np.bincount(
            owner[shared], their_planes[plane][shared] * my_planes[plane][at[shared]], minlength=len(others)
        )
        scores[:, plane] = np.divide(
            dots, norms * my_norms[plane], out=np.zeros(len(others)), where=norms * my_norms[plane] > 0
        )
    return scores


def shared_terms(one: Features, other: Features, readable: Mapping[int, str], most: int = 3) -> list[str]:
    """The most telling terms both have, as they are written in the first. Names before other words."""
    mine, theirs = (np.frombuffer(f.packed, dtype=RECORD) for f in (one, other))
    both, here, there = np.intersect1d(mine["key"], theirs["key"], assume_unique=True, return_indices=True)
    worth = mine["weight"][here].astype(np.float64) * theirs["weight"][there] * mine["rarity"][here]
    worth *= np.where((mine["flags"][here] & NAME) != 0, 4.0, 1.0)
    ranked = both[np.argsort(-worth, kind="stable")]
    chosen: list[str] = []
    said: set[str] = set()
    for written in (readable[int(k)] for k in ranked if int(k) in readable):
        parts = set(written.lower().split())
        if not parts & said and any(map(str.isalpha, written)) and len(chosen) < most:
            chosen.append(written)
            said |= parts
    return chosen
