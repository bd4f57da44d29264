"""Fingerprints of a text: a fair sample of its word 5-shingles, so that copies and excerpts find each other.

The sample is the `SAMPLE` smallest hashes (bottom-k: Broder, "On the resemblance and containment of documents", 1997),
so a text of any length keeps the same number, and an excerpt keeps those of the original's that fall inside it.
"""

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.draft import Draft

SHINGLE = 5
SAMPLE = 24
_SPREAD = 0x9E3779B1  # Knuth's multiplicative hash: CRC-32 is linear, its smallest values are not a fair sample
_POWERS = np.array([pow(_SPREAD, at, 2**32) for at in range(1, SHINGLE + 1)], dtype=np.uint32)


def shingle_hashes(each: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The distinct hashes (32 bits), smallest first, of every run of five words, given as CRC-32 of small letters."""
    if len(each) < SHINGLE:
        return each[:0]
    many = len(each) - SHINGLE + 1
    mixed = np.zeros(many, dtype=np.uint32)
    for at, power in enumerate(_POWERS):
        mixed += each[at : at + many] * power
    mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(_SPREAD)
    mixed.sort()
    return mixed[np.concatenate(([True], mixed[1:] != mixed[:-1]))]


def take_fingerprints(draft: Draft) -> Draft:
    """The draft with `fingerprints`: signed 32-bit, smallest first."""
    hashes = shingle_hashes(draft.numbered.body_sums())
    sample = (hashes[:SAMPLE].astype(np.int64) - 0x8000_0000).tolist()
    return draft._replace(fingerprints=tuple(sample))
