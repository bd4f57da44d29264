"""Vietnamese syllables as most papers write them: `hoà` and `hòa`, `ngươì` and `người` are one word.

Two ways of setting the tone are taught, and some editors' keyboards set it anywhere; the letters are the same.
"""

import re
import unicodedata
from typing import Final

_TONES: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_SYLLABLE: Final = re.compile(
    r"(?P<onset>(?:ngh?|[cgkpt]h|gi(?=[aăâeêoôơuưy])|qu|tr|nh|[bcdđghklmnpqrstvx])?)"
    r"(?P<vowels>[aăâeêioôơuưy]{1,3})(?P<coda>(?:ch|nh|ng|[cmnpt])?)"
)
_MARKED: Final = frozenset("ăâêôơư")


def toned(word: str) -> str:
    """A word in small letters with its tone where it belongs; what is no Vietnamese syllable stays as it is."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    tones = _TONES.findall(parts)
    if len(tones) != 1:
        return word
    plain = unicodedata.normalize("NFC", _TONES.sub("", parts))
    read = _SYLLABLE.fullmatch(plain)
    if read is None:
        return word
    at = read.start("vowels") + _bearer(read["vowels"], bool(read["coda"]))
    return unicodedata.normalize("NFC", plain[: at + 1] + tones[0] + plain[at + 1 :])


def _bearer(vowels: str, closed: bool) -> int:
    """Which of a syllable's vowels bears the tone."""
    marked = [at for at, vowel in enumerate(vowels) if vowel in _MARKED]
    if marked:
        return marked[-1]
    return 1 if len(vowels) == 3 or (len(vowels) == 2 and closed) else 0
