"""Which stored texts share this one's words, how much of them, and what that makes them to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["same", "update", "excerpt", "quoted"]

#: Shared fingerprints of an unsigned sample before texts are laid side by side.
ENOUGH_SHARED: Final = 2
#: Of a stored sample only the smallest so many are looked up; whoever asks asks with its whole sample.
INDEXED: Final = 12
SAME: Final = 0.80
COPIED: Final = 0.50
QUOTED: Final = 0.15
_RUN = 5


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts share: `share` of the shorter, `of_mine`, `of_theirs` (0..1), and the word spans of mine."""

    share: float
    of_mine: float
    of_theirs: float
    spans: tuple[tuple[int, int], ...]


def enough_shared(one: int, other: int) -> int:
    """How many fingerprints two samples of these sizes must share before their texts are laid side by side."""
    return 1 if min(one, other) < 4 * ENOUGH_SHARED else ENOUGH_SHARED


def overlap(mine: Sequence[str], theirs: Sequence[str]) -> Overlap:
    """Lay two texts (words, as written) side by side by their runs of five words. Cost: linear in their lengths."""
    a, b = _runs(mine), _runs(theirs)
    if not a or not b:
        return Overlap(0.0, 0.0, 0.0, ())
    here, there = set(a), set(b)
    common = len(here & there)
    hits = [run in there for run in a] if common else []
    of_mine, of_theirs = common / len(here), common / len(there)
    return Overlap(max(of_mine, of_theirs), of_mine, of_theirs, _spans(hits))


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    small = list(map(str.lower, words))
    return list(zip(*(small[at:] for at in range(_RUN)), strict=False))


def _spans(hits: Sequence[bool]) -> tuple[tuple[int, int], ...]:
    """Runs of shared words as [start, end) word offsets, the longest twenty."""
    spans: list[tuple[int, int]] = []
    for at, hit in enumerate(hits):
        if not hit:
            continue
        if spans and at <= spans[-1][1]:
            spans[-1] = (spans[-1][0], at + _RUN)
        else:
            spans.append((at, at + _RUN))
    return tuple(sorted(sorted(spans, key=lambda s: s[0] - s[1])[:20]))


def kind_of(shared: Overlap) -> Kind | None:
    """Same text, an update of it, an excerpt of it, a quotation from it; None where what is shared is chance."""
    if shared.of_mine >= SAME and shared.of_theirs >= SAME:
        return "same"
    if shared.share >= SAME:
        return "excerpt"
    if shared.of_mine >= COPIED and shared.of_theirs >= COPIED * 0.6:
        return "update"
    if shared.share >= COPIED:
        return "excerpt"
    return "quoted" if shared.share >= QUOTED else None


def reason_of(kind: Kind, shared: Overlap) -> str:
    """The finding as a sentence."""
    percent = round(100 * shared.share)
    words = {
        "same": f"The same text: {percent} % of its runs of five words are shared.",
        "update": f"An update or rewrite: {round(100 * shared.of_mine)} % of this text stands in the other.",
        "excerpt": f"One is an excerpt of the other: {percent} % of the shorter stands in the longer.",
        "quoted": f"Quotes it: {percent} % of the shorter stands in the other.",
    }
    return words[kind]
