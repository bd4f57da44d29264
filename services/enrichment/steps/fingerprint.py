"""Fingerprints of a text: a fair sample of its word 5-shingles, so that copies and excerpts find each other.

The sample is the `SAMPLE` smallest hashes (bottom-k: Broder, "On the resemblance and containment of documents", 1997),
so a text of any length keeps the same number, and an excerpt keeps those of the original's that fall inside it.
"""

from dataclasses import replace
from zlib import crc32

from services.enrichment.domain.draft import Draft

SHINGLE = 5
SAMPLE = 24
_SPREAD = 0x9E3779B1  # Knuth's multiplicative hash: CRC-32 is linear, its smallest values are not a fair sample


def shingle_hashes(words: tuple[str, ...]) -> set[int]:
    """The hashes (32 bits, unsigned) of every run of five words, in small letters."""
    small = list(map(str.lower, words))
    runs = zip(*(small[at:] for at in range(SHINGLE)), strict=False)
    return {crc32(" ".join(run).encode()) * _SPREAD & 0xFFFFFFFF for run in runs}


def take_fingerprints(draft: Draft) -> Draft:
    """The draft with `fingerprints` (signed 32-bit, smallest first) and the number of its distinct `shingles`."""
    hashes = shingle_hashes(draft.body_words)
    sample = sorted(hashes)[:SAMPLE]
    return replace(draft, fingerprints=tuple(h - 0x8000_0000 for h in sample), shingles=len(hashes))
