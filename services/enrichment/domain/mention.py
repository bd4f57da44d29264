"""What reading names has in common between languages: the place where a name stands, and signs around it."""

from dataclasses import dataclass
from typing import Final

LONGEST: Final = 12
OPENERS: Final = '"“”‘:;(«-–—.!?'
_SPEAKS = frozenset({"said", "says", "told", "added", "who", "asked", "wrote", "cho", "nói", "kể", "chia"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a name stands: its words, the words before it, and whether it begins a sentence."""

    words: tuple[str, ...]
    before: tuple[str, ...]
    after: str
    begins: bool
    at: int
    titled: bool


def stands_where(found: list[Mention], where: frozenset[str]) -> bool:
    """Whether it stands where places stand, and never speaks."""
    return any(m.before and m.before[-1] in where for m in found) and not any(m.after in _SPEAKS for m in found)
