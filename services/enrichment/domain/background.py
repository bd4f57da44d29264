"""How common a word is in the language at large: the weight of a term needs no corpus and no warm-up.

Frequencies come from the `wordfreq` package (Robyn Speer), as Zipf values: log10 of occurrences per thousand million
words, so 7.7 for "the" and about 1 for the rarest word listed. A word that is not listed is taken to be that rare.
"""

from functools import cache
from math import log10

from wordfreq import available_languages, get_frequency_dict

RAREST = 1.0
_KNOWN = frozenset(available_languages())


class Background:
    """Weights of words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        source = language if language in _KNOWN else "en"
        self._zipf: dict[str, float] = {
            word: log10(frequency) + 9.0 for word, frequency in get_frequency_dict(source, "best").items()
        }

    def zipf(self, word: str) -> float:
        """The Zipf value of a word in small letters, `RAREST` when it is not listed."""
        return self._zipf.get(word, RAREST)

    def weight(self, word: str, ceiling: float = 7.0) -> float:
        """How telling a word is: the ceiling less its Zipf value; 0 for grammar, 6 for what hardly anybody writes."""
        zipf = self._zipf.get(word, RAREST)
        return max(0.0, ceiling - zipf if zipf > RAREST else ceiling - RAREST)

    def lists(self, word: str) -> bool:
        """Whether the language lists the word at all."""
        return word in self._zipf


@cache
def background(language: str) -> Background:
    """The background of a language; one that `wordfreq` does not know is measured by the English list."""
    return Background(language if language in _KNOWN else "en")
