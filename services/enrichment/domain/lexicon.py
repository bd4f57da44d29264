"""Every word met in a language as a number, with what the steps ask of a word held in arrays under that number.

An article's words are looked up once; what is asked of them after that is arithmetic on arrays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from struct import Struct
from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from services.enrichment.domain.background import RAREST, background
from services.enrichment.domain.syllable import toned
from services.enrichment.domain.text import stem
from services.enrichment.domain.told import NAMED_FROM, TITLED, key_of

_MEMORY = 400_000

COLUMNS = np.dtype(
    [
        ("crc", "<u4"),
        ("zipf", "<f8"),
        ("root", "<i8"),
        ("digit", "?"),
        ("wordy", "?"),
        ("told", "<u8"),
        ("titled", "<u8"),
        ("named", "?"),
    ]
)
_ROW = Struct("<Idq??QQ?")
_STEMS: Final[Mapping[str, Callable[[str], str]]] = {"en": stem, "vi": toned}

Ints = npt.NDArray[np.int64]


class Lexicon(dict[str, int]):
    """Words in small letters and their numbers. `columns` hold for each number: the CRC-32 and Zipf value of the word,
    the number of its stem, whether it begins with a digit, whether it is a word of several letters, what it tells
    the learner of sections, in the body and in the headline, and whether that may be named as a reason.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._stem = _STEMS.get(language, str)
        self.written: list[str] = []
        self._room = bytearray(COLUMNS.itemsize << 12)
        self.columns = np.frombuffer(self._room, dtype=COLUMNS)

    def __missing__(self, word: str) -> int:
        """A number for a word not met before."""
        number = self[word] = len(self.written)
        self.written.append(word)
        stemmed, told = self._stem(word), stem(word)
        root = number if stemmed == word else self[stemmed]
        if max(number, root) >= len(self.columns):
            self._room = self._room + bytearray(len(self._room))
            self.columns = np.frombuffer(self._room, dtype=COLUMNS)
        zipf = background(self._language).zipf(word)
        wordy = len(word) > 1 and word[0].isalpha()
        keys = key_of(told), key_of(TITLED + told), len(told) >= NAMED_FROM
        values = crc32(word.encode()), zipf, root, word[0].isdigit(), wordy, *keys
        _ROW.pack_into(self._room, number * _ROW.size, *values)  # a tenth of what it takes through numpy
        return number

    def numbers(self, words: Sequence[str]) -> Ints:
        """The numbers of these words, in small letters."""
        return np.fromiter(map(self.__getitem__, map(str.lower, words)), np.int64, len(words))

    def sums(self, words: Sequence[str]) -> npt.NDArray[np.uint32]:
        """The CRC-32 of each of these words, in small letters."""
        numbers = self.numbers(words)  # first: a word not met before may move the columns
        held: npt.NDArray[np.uint32] = self.columns["crc"][numbers]
        return held


_lexicon = cache(Lexicon)


def lexicon(language: str) -> Lexicon:
    """The lexicon of a language; one that has grown too large begins anew."""
    held = _lexicon(language)
    if len(held) > _MEMORY:
        _lexicon.cache_clear()
        held = _lexicon(language)
    return held


@dataclass(frozen=True, slots=True)
class Numbered:
    """An article's words, headline first, as numbers of a lexicon: the distinct ones, and each word's place there.

    `capital` says of each word whether it is written with one.
    """

    words: Lexicon
    distinct: Ints
    places: Ints
    titled: int
    columns: npt.NDArray[np.void]  # the lexicon's, for each of the distinct words
    capital: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, language: str, title: tuple[str, ...], body: tuple[str, ...]) -> "Numbered":
        """Look all of them up."""
        words, written = lexicon(language), title + body
        distinct, places = np.unique(words.numbers(written), return_inverse=True)
        capital = np.array([word[0].isupper() for word in written], dtype=bool)
        return cls(words, distinct, places, len(title), words.columns.take(distinct), capital)

    @classmethod
    def nothing(cls) -> "Numbered":
        """No words."""
        none = np.zeros(0, np.int64)
        return cls(Lexicon("und"), none, none, 0, none.view(COLUMNS), none.view(bool))

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column of the lexicon for each of the distinct words."""
        return self.columns[name]

    def body_sums(self) -> npt.NDArray[np.uint32]:
        """The CRC-32 of each word of the text, in order, in small letters."""
        held: npt.NDArray[np.uint32] = self.column("crc")[self.places[self.titled :]]
        return held

    def weights(self, ceiling: float) -> npt.NDArray[np.float64]:
        """How telling each of the distinct words is (see `Background.weight`)."""
        return np.asarray(np.maximum(0.0, ceiling - np.maximum(RAREST, self.column("zipf"))), dtype=np.float64)
