"""A text as hashed features: words, pairs of words, words as bags of letters, letter n-grams, and listed words.

All are taken from the undisguised reading. Letter n-grams run over letters and figures alone, so that spacing and signs
change nothing; a word as a bag of its letters stays the same when letters change places; runs count as one letter.
Hashing (Weinberger et al., Feature Hashing, 2009) needs no vocabulary: a word never seen before already has its place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from services.moderation.domain.text import Reading, Span
from services.moderation.domain.wordlist import Matcher

#: Changes whenever the same text would give other features: a model is only valid with the version it was made by.
VERSION: Final = "f2"
#: How far learning looks into a comment (characters); more adds no evidence, only time.
_LONGEST: Final = 4000
_WORD: Final = re.compile(r"[^\W_]+")
_TWICE: Final = re.compile(r"(.)\1{2,}")
_ONCE: Final = re.compile(r"(.)\1+")
_PRIME: Final = np.uint64(0x100000001B3)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_WORDS, _PAIRS, _BAGS, _LISTED = 18, 18, 18, 12
_LETTERS: Final = 20
_SIZES: Final = (_WORDS, _PAIRS, _BAGS, _LISTED, _LETTERS)
_STARTS: Final = tuple(sum(1 << size for size in _SIZES[:i]) for i in range(len(_SIZES)))
#: How much each group weighs (measured: bags keep a word recognisable when letters change places).
_WEIGHTS: Final = (0.7, 0.5, 1.5, 1.0, 1.0)
#: A group of n features has values weight/√(n + this): a text of three words says less than one of thirty.
_SHORTNESS: Final = 5
#: Who reports another's words in so many of their own mostly objects to them: so much less likely is a rejection
#: (log-odds; measured on twelve splits: 0.4 is enough for all of them).
_OBJECTION: Final = -0.5
#: How many places there are.
PLACES: Final = sum(1 << size for size in _SIZES)

Places = NDArray[np.int64]
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """Places (each once) with their values. `lean` is added to the log-odds of a rejection, whatever was learned."""

    places: Places
    values: Values
    lean: float = 0.0


def features(reading: Reading, lexicon: Matcher) -> Features:
    """The features of one text, about 150 µs for an ordinary comment."""
    text = reading.plain_bare.text[:_LONGEST]
    words = _WORD.findall(_TWICE.sub(r"\1\1", text))
    codes = [_codes(word) for word in words]
    single = [code for code, _ in codes]
    pairs = [crc32(right.encode(), left + 1) for left, right in zip(single, words[1:], strict=False)]
    if not reading.marked.text.isascii():
        marked = _WORD.findall(reading.plain.text[:_LONGEST])
        single += [crc32(word.encode(), 7) for word in marked if not word.isascii()]
        pairs += [crc32(f"{a} {b}".encode(), 13) for a, b in pairwise(marked) if not (a.isascii() and b.isascii())]
    bags = [bag for _, bag in codes]
    found = lexicon.find(reading)
    listed = {f"category {hit.entry.category}" for hit in found} | {f"term {hit.entry.term}" for hit in found}
    listed_codes = [crc32(name.encode(), 11) for name in sorted(listed)]
    letters = _grams(_ONCE.sub(r"\1", " ".join(words)).replace(" ", ""))
    groups = [
        *(_hashed(codes, group) for group, codes in enumerate((single, pairs, bags, listed_codes))),
        _once(letters >> np.uint64(64 - _LETTERS)) + _STARTS[4],
    ]
    values = [
        np.full(len(group), weight / (len(group) + _SHORTNESS) ** 0.5, np.float32)
        for group, weight in zip(groups, _WEIGHTS, strict=True)
    ]
    return Features(np.concatenate(groups), np.concatenate(values))


def spoken_features(reading: Reading, lexicon: Matcher) -> Features:
    """The features of what the author says in their own voice.

    What is masked still counts as words that say nothing: half a comment in quotation marks weighs as half a comment.
    """
    spoken = reading.spoken
    found = features(spoken, lexicon)
    if spoken is reading:
        return found
    share = len(_WORD.findall(spoken.original)) / max(1, len(_WORD.findall(reading.original)))
    return Features(found.places, found.values * np.float32(share**0.5), _OBJECTION)


def words_with_places(reading: Reading) -> list[tuple[Span, int]]:
    """Each word's span in the original and the place of its weight: to show what a score rests on."""
    view = reading.plain_bare
    found = list(_WORD.finditer(view.text[:_LONGEST]))
    codes = [crc32(_TWICE.sub(r"\1\1", match[0]).encode()) for match in found]
    places = [int(place) for code in codes for place in _hashed([code], 0)]
    return [(view.span(*match.span()), place) for match, place in zip(found, places, strict=True)]


def _hashed(codes: Sequence[int], group: int) -> Places:
    mixed = (np.array(codes, dtype=np.uint64) + np.uint64(1)) * _MIX
    return _once(mixed >> np.uint64(64 - _SIZES[group])) + _STARTS[group]


def _once(places: NDArray[np.uint64]) -> Places:
    """Each place once, ascending (as `np.unique`, which is several times slower on so few)."""
    ranked = places.astype(np.int64)
    ranked.sort()
    first = np.empty(len(ranked), bool)
    first[:1] = True
    np.not_equal(ranked[1:], ranked[:-1], out=first[1:])
    return ranked[first]


@lru_cache(maxsize=1 << 16)
def _codes(word: str) -> tuple[int, int]:
    """A word's code, and that of its letters as a bag; common words come again and again."""
    return crc32(word.encode()), crc32("".join(sorted(set(word))).encode(), 5)


def _grams(letters: str) -> NDArray[np.uint64]:
    """Hashes of all 2- to 5-grams."""
    codes = np.frombuffer(letters.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    rolling = codes + np.uint64(0xCBF29CE4)
    grams = []
    for size in range(2, 6):
        if len(codes) < size:
            break
        rolling = rolling[:-1] * _PRIME + codes[size - 1 :]
        grams.append(rolling * _MIX)
    return np.concatenate(grams) if grams else np.empty(0, np.uint64)
