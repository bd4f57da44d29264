"""What reading names has in common between languages: the place where a name stands, and signs around it."""

from typing import Final, NamedTuple

LONGEST: Final = 12
OPENERS: Final = '"“”‘:;(«-–—.!?'
OWNS: Final = ("'s", "’s")
_SPEAKS = frozenset({"said", "says", "told", "added", "who", "asked", "wrote", "cho", "nói", "kể", "chia"})


class Mention(NamedTuple):
    """One place where a name stands: its words, the words before it, and whether it begins a sentence."""

    words: tuple[str, ...]
    before: tuple[str, ...]
    after: str
    begins: bool
    at: int
    titled: bool


def stands_where(found: list[Mention], where: frozenset[str]) -> bool:
    """Whether it stands where places stand, a third of the time, and never speaks. What owns (`in Acme's`) does not."""
    here = sum(m.before[-1:] != () and m.before[-1] in where and not m.words[-1].endswith(OWNS) for m in found)
    return 3 * here >= len(found) and here > 0 and not speaks(found)


def speaks(found: list[Mention]) -> bool:
    """Whether it says something, as people do (and those who speak for many)."""
    return any(m.after in _SPEAKS for m in found)
