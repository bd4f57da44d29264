"""Fingerprints of a text: a fair sample of its word 5-shingles, so that copies and excerpts find each other.

The sample is the `SAMPLE` smallest hashes (bottom-k: Broder, "On the resemblance and containment of documents", 1997),
so a text of any length keeps the same number, and an excerpt keeps those of the original's that fall inside it.
"""

from dataclasses import replace
from zlib import crc32

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.draft import Draft

SHINGLE = 5
SAMPLE = 24
_SPREAD = 0x9E3779B1  # Knuth's multiplicative hash: CRC-32 is linear, its smallest values are not a fair sample
_POWERS = np.array([pow(_SPREAD, at, 2**32) for at in range(1, SHINGLE + 1)], dtype=np.uint32)


def shingle_hashes(words: tuple[str, ...]) -> npt.NDArray[np.uint32]:
    """The distinct hashes (32 bits), smallest first, of every run of five words, in small letters."""
    each = np.array([crc32(word.lower().encode()) for word in words], dtype=np.uint32)
    if len(each) < SHINGLE:
        return each[:0]
    runs = np.lib.stride_tricks.sliding_window_view(each, SHINGLE)
    mixed = (runs * _POWERS).sum(axis=1, dtype=np.uint32)
    return np.unique((mixed ^ (mixed >> np.uint32(15))) * np.uint32(_SPREAD))


def take_fingerprints(draft: Draft) -> Draft:
    """The draft with `fingerprints` (signed 32-bit, smallest first) and the number of its distinct `shingles`."""
    hashes = shingle_hashes(draft.body_words)
    sample = (hashes[:SAMPLE].astype(np.int64) - 0x8000_0000).tolist()
    return replace(draft, fingerprints=tuple(sample), shingles=len(hashes))
