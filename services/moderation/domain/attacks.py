"""Ten ways in which writers hide words from machines, to measure how much each costs. Every word is attacked."""

import random
import re
import unicodedata
from collections.abc import Callable
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_LEET: Final = str.maketrans("aeiostbAEIOST", "431057843105" + "7")
_CYRILLIC: Final = str.maketrans("aceiopxysjhkmtABCEHKMOPTX", "асеіорхуѕјһкмтАВСЕНКМОРТХ")
_MARKS: Final = "\u0300\u0302\u0308\u030a\u0316\u0323\u0330\u0334\u0336\u0353"
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SHORTEST: Final = 3

Attack = Callable[[str, random.Random], str]


def leet(text: str, _: random.Random) -> str:
    """Figures for letters in every word: `sh1t`."""
    return _each(text, lambda word: word.translate(_LEET))


def homoglyphs(text: str, _: random.Random) -> str:
    """Cyrillic letters for Latin ones wherever they look alike."""
    return text.translate(_CYRILLIC)


def zero_width(text: str, chance: random.Random) -> str:
    """An invisible character between all letters."""
    return _each(text, lambda word: "".join(c + chance.choice(_INVISIBLE) for c in word))


def spacing(text: str, _: random.Random) -> str:
    """Words spelled out: `s h i t`."""
    return _each(text, " ".join)


def dots(text: str, chance: random.Random) -> str:
    """A sign between all letters: `s.h.i.t`."""
    return _each(text, lambda word: chance.choice(".-_*").join(word))


def zalgo(text: str, chance: random.Random) -> str:
    """Marks piled on every letter."""
    return _each(text, lambda word: "".join(c + "".join(chance.choices(_MARKS, k=3)) for c in word))


def decomposed(text: str, _: random.Random) -> str:
    """Unicode's decomposed form (NFD) of typographic capitals: other code points, the same picture."""
    return unicodedata.normalize("NFD", text.swapcase())


def full_width(text: str, _: random.Random) -> str:
    """The full-width forms that East Asian fonts have."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def drawn_out(text: str, chance: random.Random) -> str:
    """One letter of each word drawn out: `shiiiit`."""

    def draw(word: str) -> str:
        at = chance.randrange(len(word))
        return word[:at] + word[at] * chance.randint(3, 6) + word[at + 1 :]

    return _each(text, draw)


def swaps(text: str, chance: random.Random) -> str:
    """Two neighbouring inner letters of each word change places: `hsit` is left readable as `sihts`."""

    def swap(word: str) -> str:
        if len(word) < 4:
            return word
        at = chance.randrange(1, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _each(text, swap)


def no_diacritics(text: str, _: random.Random) -> str:
    """Without diacritics, as many type Vietnamese in haste."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return bare.replace("đ", "d").replace("Đ", "D")


#: The ten that a learner is measured under.
ATTACKS: Final[dict[str, Attack]] = {
    "leet": leet,
    "homoglyphs": homoglyphs,
    "zero_width": zero_width,
    "spacing": spacing,
    "dots": dots,
    "zalgo": zalgo,
    "decomposed": decomposed,
    "full_width": full_width,
    "drawn_out": drawn_out,
    "swaps": swaps,
}

#: The seven that a word list is measured under.
DISGUISES: Final[dict[str, Attack]] = {
    "leet": leet,
    "homoglyphs": homoglyphs,
    "zero_width": zero_width,
    "spacing": spacing,
    "zalgo": zalgo,
    "decomposed": decomposed,
    "no_diacritics": no_diacritics,
}


def _each(text: str, change: Callable[[str], str]) -> str:
    return _WORD.sub(lambda match: change(match[0]) if len(match[0]) >= _SHORTEST else match[0], text)
