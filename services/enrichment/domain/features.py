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
class Features:
    """Packed terms of one article, sorted by key."""

    packed: bytes

    @classmethod
    def empty(cls) -> "Features":
        """No terms: like nothing at all."""
        return cls(b"")

    @classmethod
    def of(cls, keys: npt.ArrayLike, weights: Scores, rarities: Scores, flags: npt.ArrayLike) -> "Features":
        """Pack terms; weights are scaled so that the heaviest of words and of pairs are each 255."""
        records = np.zeros(len(weights), dtype=RECORD)
        records["key"], records["flags"] = keys, flags
        pair = (records["flags"] & PAIR) != 0
        words, pairs = weights.max(initial=0.0, where=~pair) or 1.0, weights.max(initial=0.0, where=pair) or 1.0
        records["weight"] = np.maximum(1, np.rint(255 * weights / np.where(pair, pairs, words)))
        records["rarity"] = np.minimum(255, np.rint(rarities * RARITY_SCALE))
        _, distinct = np.unique(records["key"], return_index=True)
        return cls(records[distinct].tobytes())

    def __len__(self) -> int:
        return len(self.packed) // RECORD.itemsize

    def keys(self) -> npt.NDArray[np.int32]:
        """The keys of all terms, ascending."""
        return np.frombuffer(self.packed, dtype=RECORD)["key"].astype(np.int32)

    def rarest(self, most: int) -> list[int]:
        """The keys of the terms worth looking up: heaviest first, at most so many."""
        return list(self.telling(most))

    def telling(self, most: int) -> dict[int, float]:
        """The terms worth looking up, at most so many, heaviest first, with what each weighs here (0..1)."""
        records = np.frombuffer(self.packed, dtype=RECORD)
        worth = records["weight"].astype(np.float64) * records["rarity"]
        chosen = records[np.argsort(-worth, kind="stable")[:most]]
        return dict(zip(chosen["key"].tolist(), (chosen["weight"] / 255).tolist(), strict=True))


def _planes(records: npt.NDArray[np.void]) -> npt.NDArray[np.float32]:
    """One row of weights per field, zero where the term has no part in it. Shape (6, terms)."""
    weight = records["weight"].astype(np.float32)
    rarity = records["rarity"].astype(np.float32)
    flags = records["flags"]
    planes = np.empty((len(FIELDS), len(records)), dtype=np.float32)
    pair = (flags & PAIR) != 0
    planes[0], planes[5] = weight * ~pair, weight * pair
    for row, flag in ((1, TITLE), (2, LEAD), (3, NAME), (4, NUMBER)):
        planes[row] = rarity * ((flags & flag) != 0)
    planes[3] *= np.sqrt(weight)
    return planes


def _squares(records: npt.NDArray[np.void]) -> npt.NDArray[np.float32]:
    """The squares of `_planes`, for half of what it costs to take them."""
    weight = records["weight"].astype(np.float32)
    rarity = records["rarity"].astype(np.float32)
    flags = records["flags"].astype(np.uint8)
    rarity *= rarity
    squares = np.empty((len(FIELDS), len(records)), dtype=np.float32)
    for row, flag in ((1, TITLE), (2, LEAD), (3, NAME), (4, NUMBER)):
        np.multiply(rarity, (flags & flag) != 0, out=squares[row])
    squares[3] *= weight
    weight *= weight
    np.multiply(weight, (flags & PAIR) != 0, out=squares[5])
    np.subtract(weight, squares[5], out=squares[0])
    return squares


def compare(one: Features, others: Sequence[Features]) -> Scores:
    """The six cosines of one article with each of the others. Shape (others, 6), values 0..1."""
    scores = np.zeros((len(others), len(FIELDS)))
    kept, theirs, starts = _in_a_row(others)
    if not kept or not one.packed:
        return scores
    mine = np.frombuffer(one.packed, dtype=RECORD)
    here, there = _shared(mine["key"].astype(np.int32), theirs["key"].astype(np.int32))
    my_planes = _planes(mine)
    products = _planes(theirs[there]) * my_planes[:, here]
    begins = np.searchsorted(there, starts)
    some = np.flatnonzero(begins[1:] > begins[:-1])
    dots = np.zeros((len(FIELDS), len(kept)), dtype=np.float32)
    if len(some):
        dots[:, some] = np.add.reduceat(products, begins[some], axis=1)
    norms = np.sqrt(np.add.reduceat(_squares(theirs), starts[:-1], axis=1))
    norms *= np.sqrt((my_planes**2).sum(axis=1))[:, None]
    scores[kept] = np.divide(dots, norms, out=np.zeros_like(dots), where=norms > 0).T
    return scores


def company(ones: Sequence[Features], weights: Sequence[float], others: Sequence[Features]) -> npt.NDArray[np.float64]:
    """How alike several articles together, each of its weight, are to each of the others.

    The mean of the cosines of words and of pairs, which say nearly all, by one comparison with the middle of them.
    """
    packed = [one.packed for one in (*ones, *others)]
    records = np.frombuffer(b"".join(packed), dtype=RECORD)
    sizes = np.array([len(p) for p in packed]) // RECORD.itemsize
    owner = np.repeat(np.arange(len(packed)), sizes)
    kind = 2 * owner + ((records["flags"] & PAIR) != 0)
    weight = records["weight"].astype(np.float64)
    unit = weight / np.sqrt(np.bincount(kind, weight * weight))[kind]
    keys, many = records["key"].astype(np.int32), int(sizes[: len(ones)].sum())
    order = np.argsort(keys[:many])
    own = keys[order]
    first = np.flatnonzero(np.concatenate((own[:1] == own[:1], own[1:] != own[:-1])))
    parts = unit[:many] * np.repeat(np.array(weights) / sum(weights), sizes[: len(ones)])
    here, there = _shared(own[first], keys[many:])
    dots = np.add.reduceat(parts[order], first)[here] * unit[many:][there]
    return np.asarray(np.bincount(owner[many:][there] - len(ones), dots, len(others)) / 2, dtype=np.float64)


def compare_bodies(one: Features, others: Sequence[Features]) -> Scores:
    """The first of the cosines alone, by which copies are told."""
    scores = np.zeros(len(others))
    kept, theirs, starts = _in_a_row(others)
    if not kept or not one.packed:
        return scores
    mine = np.frombuffer(one.packed, dtype=RECORD)
    keys, weight, counted = mine["key"].astype(np.int32), _body(mine), _body(theirs)
    sought = theirs["key"].astype(np.int32)
    at = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    dots = np.add.reduceat(weight[at] * counted * (keys[at] == sought), starts[:-1])
    norms = np.sqrt(np.add.reduceat(counted * counted, starts[:-1]) * (weight @ weight))
    scores[kept] = np.divide(dots, norms, out=np.zeros_like(dots), where=norms > 0)
    return scores


def _in_a_row(others: Sequence[Features]) -> tuple[list[int], npt.NDArray[np.void], npt.NDArray[np.intp]]:
    """Which of these have terms; theirs one after another; where each one's begin, and where the last end."""
    packed = [o.packed for o in others]
    kept = [at for at, theirs in enumerate(packed) if theirs]
    starts = np.cumsum([0, *(len(packed[at]) for at in kept)]) // RECORD.itemsize
    return kept, np.frombuffer(b"".join(packed), dtype=RECORD), starts


def _body(records: npt.NDArray[np.void]) -> npt.NDArray[np.float32]:
    weight = records["weight"].astype(np.float32)
    weight[(records["flags"] & PAIR) != 0] = 0.0
    return weight


def _shared(one: npt.NDArray[np.int32], other: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.intp], ...]:
    """Where the keys that both have stand in the first and in the second; both ascend."""
    if not len(one):
        return (np.zeros(0, dtype=np.intp),) * 2
    likely = np.zeros(1 << 16, dtype=bool)  # most keys of others are none of the first's: few are left to be sought
    likely[one & 0xFFFF] = True
    there = np.flatnonzero(likely[other & 0xFFFF])
    at = np.minimum(np.searchsorted(one, other[there]), len(one) - 1)
    same = one[at] == other[there]
    return at[same], there[same]


def shared_terms(
    one: Features, other: Features, readable: Mapping[int, str], names: Sequence[str] = (), most: int = 3
) -> list[str]:
    """The most telling terms both have, as they are written in the first. Names, whole ones, before other words."""
    mine, theirs = (np.frombuffer(f.packed, dtype=RECORD) for f in (one, other))
    here, there = _shared(mine["key"], theirs["key"])
    both = mine["key"][here]
    worth = mine["weight"][here].astype(np.float64) * theirs["weight"][there] * mine["rarity"][here]
    worth *= np.where((mine["flags"][here] & NAME) != 0, 4.0, 1.0)
    ranked = both[np.argsort(-worth, kind="stable")]
    chosen: list[str] = []
    said: set[str] = set()
    words = [readable[k] for k in ranked.tolist() if k in readable]
    whole = {part: name for name in reversed(names) if set(name.split()) <= set(words) for part in name.split()}
    for written in (whole.get(w, w) for w in words):
        parts = set(written.lower().split())
        if not parts & said and any(map(str.isalpha, written)):
            chosen.append(written)
            said |= parts
            if len(chosen) == most:
                break
    return chosen
