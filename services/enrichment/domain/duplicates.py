"""Which stored texts share this one's words, how much of them, and what that makes them to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["same", "update", "excerpt", "quoted"]

#: Shared fingerprints of an unsigned sample before texts are laid side by side.
ENOUGH_SHARED: Final = 2
#: Of a stored sample only the smallest so many are looked up; whoever asks asks with its whole sample.
INDEXED: Final = 12
SAME: Final = 0.80
COPIED: Final = 0.50
QUOTED: Final = 0.15
_RUN = 5
_POWERS = np.array([pow(0x9E3779B97F4A7C15, at, 2**64) for at in range(1, _RUN + 1)], dtype=np.uint64)


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


def lower_halves(prints: Sequence[int]) -> bytes:
    """The lower sixteen bits of each fingerprint: what a row keeps of a sample to count what another shares with it."""
    return np.array(prints, dtype=np.int64).astype(">u2").tobytes()


def share_enough(mine: Sequence[int], sample: bytes) -> bool:
    """Whether enough of these fingerprints are in a kept sample; one pair in a hundred is let by in error."""
    own = lower_halves(mine)
    both = {own[at : at + 2] for at in range(0, len(own), 2)} & {sample[at : at + 2] for at in range(0, len(sample), 2)}
    return len(both) >= enough_shared(len(mine), len(sample) // 2)


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of five words of a text, each as one number (two that differ share one in some 10 ** 19).

    `told` are all of them as they come, `distinct` each of them once, in order.
    """

    told: npt.NDArray[np.uint64]
    distinct: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, words: npt.NDArray[np.uint32]) -> "Runs":
        """Of a text's words, each given as the CRC-32 of its small letters."""
        many = max(0, len(words) - _RUN + 1)
        told = np.zeros(many, dtype=np.uint64)
        for at, power in enumerate(_POWERS):
            told += words[at : at + many] * power
        ordered = np.sort(told)
        first = np.ones(many, dtype=np.bool_)
        np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
        return cls(told, ordered[first])


def overlap(mine: Runs, theirs: Runs) -> Overlap:
    """Lay two texts side by side by their runs of five words. The spans are told where they share more than chance."""
    if not len(mine.told) or not len(theirs.told):
        return Overlap(0.0, 0.0, 0.0, ())
    common = int(np.count_nonzero(_among(mine.distinct, theirs.distinct)))
    of_mine, of_theirs = common / len(mine.distinct), common / len(theirs.distinct)
    share = max(of_mine, of_theirs)
    spans = _spans(np.flatnonzero(_among(mine.told, theirs.distinct))) if share >= QUOTED else ()
    return Overlap(share, of_mine, of_theirs, spans)


def _among(some: npt.NDArray[np.uint64], ordered: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which of some numbers stand in a list that is in order."""
    at = np.searchsorted(ordered, some)
    at[at == len(ordered)] = 0
    found: npt.NDArray[np.bool_] = ordered[at] == some
    return found


def _spans(hits: npt.NDArray[np.intp]) -> tuple[tuple[int, int], ...]:
    """Runs of shared words as [start, end) word offsets, the longest twenty."""
    if not len(hits):
        return ()
    breaks = np.flatnonzero(np.diff(hits) > _RUN)
    starts = hits[[0, *(breaks + 1)]].tolist()
    ends = (hits[[*breaks, -1]] + _RUN).tolist()
    spans = list(zip(starts, ends, strict=True))
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
