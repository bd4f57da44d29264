"""Candidates: the stored articles worth comparing, by what lists of rare terms they share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import log1p
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.text import key_of
from services.enrichment.settings import Settings
from services.enrichment.storage import index

Numbers: TypeAlias = npt.NDArray[np.signedinteger]
Weights: TypeAlias = npt.NDArray[np.floating]
_OF_A_LISTING = 8
_TAGGED_ALIKE = 16
_OF_A_TAG = 64
_LIKELY = 16  # places looked at for each candidate wanted


@dataclass(frozen=True, slots=True)
class Listings:
    """The keys under which an article is listed besides its terms: its authors and section, and its tags."""

    named: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()

    @classmethod
    def of(cls, authors: Sequence[str], section: str | None, tags: Iterable[str]) -> "Listings":
        """Of an article with these."""
        named = [f"author:{a}" for a in authors[:5]] + ([f"section:{section}"] if section else [])
        return cls(tuple(map(key_of, named)), tuple(key_of(f"tag:{t}") for t in islice(tags, 24)))

    def __iter__(self) -> Iterator[int]:
        return chain(self.named, self.tags)


NOWHERE: Final = Listings()


def asked_terms(draft: Draft, settings: Settings) -> dict[int, float]:
    """The keys of the terms whose lists are looked up, most telling first, and what each weighs in the article."""
    return draft.features.telling(settings.terms_asked)


async def newest_lists(
    session: AsyncSession, keys: Iterable[Iterable[int]], settings: Settings
) -> dict[int, npt.NDArray[np.int32]]:
    """The lists of all these keys in one question."""
    return await index.newest_under(session, sorted({k for ks in keys for k in ks}), settings.cap)


def best_candidates(
    mine: int, terms: Mapping[int, float], lists: Mapping[int, Numbers], most: int, listings: Listings = NOWHERE
) -> list[int]:
    """The numbers that share the most telling terms; those that share the most and rarest tags; the newest of each
    author's and the section's.

    A list counts ln(1 + cap / its length), a term's times what it weighs in the asking article: a term that nearly
    every article has says little, whatever the language's own frequencies say.
    """
    found = [t for t in terms if t in lists and len(lists[t])]
    tagged = [lists[t] for t in listings.tags if t in lists and len(lists[t])]
    chosen = [
        *_most([lists[t] for t in found], [_rarity(lists[t]) * terms[t] for t in found], most),
        *_most([numbers[-_OF_A_TAG:] for numbers in tagged], list(map(_rarity, tagged)), _TAGGED_ALIKE),
    ]
    for key in listings.named:
        chosen += lists[key][-_OF_A_LISTING:][::-1].tolist() if key in lists else []
    return [n for n in dict.fromkeys(chosen) if n != mine]


def _rarity(numbers: Numbers) -> float:
    return 1.0 + log1p(200.0 / len(numbers))


def _most(lists: Sequence[Numbers], weights: Sequence[float], most: int) -> list[int]:
    """The numbers that stand in the most, shortest and heaviest lists, the newer first where they stand in the same."""
    if not lists:
        return []
    numbers = np.concatenate(lists)
    counted = np.array(weights).repeat([len(one) for one in lists])
    likely, least = _likely(numbers, counted, _LIKELY * most)
    distinct, sums = _summed(numbers[likely], counted[likely])
    if least and (len(sums) < most or np.partition(sums, -most)[-most] < least):
        distinct, sums = _summed(numbers, counted)
    order = np.lexsort((-distinct, -sums))[:most]
    chosen: list[int] = distinct[order].tolist()
    return chosen


def _likely(numbers: Numbers, counted: Weights, enough: int) -> tuple[npt.NDArray[np.intp] | slice, float]:
    """Where the numbers stand whose sums may be the largest, some `enough` places; and what no other's sum reaches.

    Sums are counted by the lower bits, where two numbers may fall together but none is counted for less than its own:
    a tenth of what it costs to sort ten thousand.
    """
    if len(numbers) <= 2 * enough:
        return slice(None), 0.0
    low = numbers & 0xFFFF
    reached = np.bincount(low, counted, 1 << 16)[low]
    step = float(reached.max()) / 255
    level = (reached / step).astype(np.int64)
    at_least = np.cumsum(np.bincount(level, minlength=256)[::-1])[::-1]
    floor = int(np.flatnonzero(at_least >= enough)[-1])
    return np.flatnonzero(level >= floor), floor * step


def _summed(numbers: Numbers, counted: Weights) -> tuple[Numbers, Weights]:
    """The distinct numbers, ascending, and for each the sum of what it counts wherever it stands."""
    distinct, which = np.unique(numbers, return_inverse=True)
    return distinct, np.asarray(np.bincount(which, counted), dtype=np.float64)
