"""Three-way merge: two people's changes of the same revision together, where they did not touch the same sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from services.publishing.domain.content import Content
from services.publishing.domain.html import clean_html
from services.publishing.domain.sentences import sentences

#: Fields merged sentence by sentence; all others are one piece, lists of choices apart.
_PROSE = frozenset({"body_html", "summary", "ednote"})
_CHOICES = frozenset({"tags_chosen", "tags_rejected", "related_hidden", "authors"})


@dataclass(frozen=True)
class Conflict:
    """A place both changed, differently: what it was, and what each made of it, as JSON values."""

    field: str
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    """The content with both changes; where `conflicts` is not empty it keeps theirs at those places."""

    content: Content
    conflicts: tuple[Conflict, ...] = ()


def merge(base: Content, mine: Content, theirs: Content) -> Merged:
    """What mine and theirs changed in base, together."""
    was, ours, others = (c.model_dump(mode="json") for c in (base, mine, theirs))
    merged: dict[str, Any] = {}
    conflicts: list[Conflict] = []
    for field in was:
        merged[field], found = _field(field, was[field], ours[field], others[field])
        conflicts += found
    merged["body_html"] = clean_html(merged["body_html"])
    return Merged(Content.model_validate(merged), tuple(conflicts))


def _field(name: str, base: Any, mine: Any, theirs: Any) -> tuple[Any, list[Conflict]]:
    if mine in (base, theirs):
        return theirs, []
    if theirs == base:
        return mine, []
    if name in _CHOICES:
        return _choices(base, mine, theirs), []
    if name in _PROSE and all(isinstance(value, str) for value in (base, mine, theirs)):
        return merge_prose(name, base, mine, theirs)
    return theirs, [Conflict(name, base, mine, theirs)]


def _choices(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """Theirs, without what I took out, with what I put in."""
    gone = [item for item in base if item not in mine]
    kept = [item for item in theirs if item not in gone]
    return kept + [item for item in mine if item not in base and item not in kept]


@dataclass(frozen=True)
class _Hunk:
    """One side's change: base[start:end] became `parts`."""

    start: int
    end: int
    parts: tuple[str, ...]

    def touches(self, other: "_Hunk") -> bool:
        """Whether both changed a common part, or put something in at the same place."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


def merge_prose(field: str, base: str, mine: str, theirs: str) -> tuple[str, list[Conflict]]:
    """Merge running text sentence by sentence; a sentence both changed differently is a conflict and keeps theirs."""
    parts = sentences(base)
    hunks, conflicts = list(_hunks(parts, sentences(theirs))), []
    others = tuple(hunks)
    for hunk in _hunks(parts, sentences(mine)):
        against = [other for other in others if hunk.touches(other)]
        if not against:
            hunks.append(hunk)
        elif hunk not in against:
            conflicts.append(_conflict(field, parts, hunk, against))
    out: list[str] = []
    at = 0
    for hunk in sorted(hunks, key=lambda h: (h.start, h.end)):
        out += [*parts[at : hunk.start], *hunk.parts]
        at = hunk.end
    return "".join([*out, *parts[at:]]), conflicts


def _hunks(base: Sequence[str], changed: Sequence[str]) -> list[_Hunk]:
    matcher = SequenceMatcher(None, base, changed, autojunk=False)
    return [_Hunk(i, j, tuple(changed[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _conflict(field: str, parts: Sequence[str], hunk: _Hunk, against: list[_Hunk]) -> Conflict:
    start, end = min(hunk.start, against[0].start), max(hunk.end, against[-1].end)
    return Conflict(field, "".join(parts[start:end]), "".join(hunk.parts), "".join("".join(h.parts) for h in against))
