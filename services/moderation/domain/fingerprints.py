"""MinHash over letter 5-grams: near-equal texts share a band key, so that finding them is an index look-up.

Five bands of three minima each: two texts with Jaccard likeness 0.8 share a key with probability 0.97, at 0.4 with 0.28
(Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, §3.4). Whether they really are alike is then measured.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from services.moderation.domain.text import Reading

BANDS: Final = 5
_ROWS: Final = 3
_GRAM: Final = 5
_RNG: Final = np.random.Generator(np.random.PCG64(20_241_106))
_FACTORS: Final = _RNG.integers(1, 2**63, size=(BANDS * _ROWS, 1), dtype=np.uint64) | np.uint64(1)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


def skeleton(reading: Reading) -> str:
    """Letters and figures only, without diacritics: what stays when spacing, signs and case are changed."""
    return "".join(filter(str.isalnum, reading.bare.text))


def band_keys(bones: str) -> list[int]:
    """The signature's band keys as signed 64-bit numbers; none for a text shorter than one gram."""
    codes = np.frombuffer(bones.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < _GRAM:
        return []
    grams: NDArray[np.uint64] = codes[: len(codes) - _GRAM + 1].copy()
    for i in range(1, _GRAM):
        grams = grams * np.uint64(1_000_003) + codes[i : len(codes) - _GRAM + 1 + i]
    grams ^= grams >> np.uint64(29)
    minima = ((grams * _FACTORS) >> np.uint64(16)).min(axis=1).reshape(BANDS, _ROWS)
    keys = np.arange(1, BANDS + 1, dtype=np.uint64)
    for row in range(_ROWS):
        keys = (keys ^ minima[:, row]) * _MIX
        keys ^= keys >> np.uint64(32)
    return [int(key) for key in keys.view(np.int64)]


def likeness(one: str, other: str, at_least: float) -> float:
    """How alike two skeletons are in 0..1 (normalised insert/delete distance), 0 below `at_least`."""
    return float(Indel.normalized_similarity(one, other, score_cutoff=at_least))
