"""Candidates: the stored articles worth comparing, by what lists of rare terms they share."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.text import key_of
from services.enrichment.settings import Settings
from services.enrichment.storage import index

Numbers: TypeAlias = npt.NDArray[np.signedinteger]
Weights: TypeAlias = npt.NDArray[np.floating]
_OF_A_LISTING = 6


def listing_keys(authors: Sequence[str], section: str | None, tags: Sequence[str]) -> list[int]:
    """The keys under which an article is listed besides its terms: its authors, tags and section."""
    named = [f"author:{a}" for a in authors[:5]] + [f"tag:{t}" for t in tags[:24]]
    return [key_of(name) for name in named + ([f"section:{section}"] if section else [])]


def asked_keys(draft: Draft, settings: Settings) -> list[int]:
    """The keys of the terms whose lists are looked up, most telling first."""
    return draft.features.rarest(settings.terms_asked)


async def newest_lists(
    session: AsyncSession, keys: Sequence[Sequence[int]], settings: Settings
) -> dict[int, npt.NDArray[np.int32]]:
    """The lists of all these keys in one question."""
    return await index.newest_under(session, sorted({k for ks in keys for k in ks}), settings.cap)


def best_candidates(
    mine: int, terms: Sequence[int], listings: Sequence[int], lists: Mapping[int, npt.NDArray[np.int32]], most: int
) -> list[int]:
    """The numbers that stand in the most and shortest lists; plus the newest of each listing (author, tag, section).

    A list counts ln(1 + cap / its length): a term that nearly every article has says little, whatever the language's
    own frequencies say.
    """
    found = [lists[t] for t in terms if t in lists and len(lists[t])]
    chosen: list[int] = []
    if found:
        distinct, sums = _summed(found, 1.0 + np.log1p(200.0 / np.array([len(numbers) for numbers in found])))
        best = np.argpartition(-sums, most)[:most] if len(sums) > most else np.arange(len(sums))
        chosen = distinct[best[np.argsort(-sums[best], kind="stable")]].tolist()
    for key in listings:
        chosen += lists[key][-_OF_A_LISTING:][::-1].tolist() if key in lists else []
    return [n for n in dict.fromkeys(chosen) if n != mine]


def _summed(lists: Sequence[Numbers], weights: Weights) -> tuple[Numbers, Weights]:
    """The distinct numbers of these lists, ascending, and for each the sum of the weights of the lists it stands in."""
    numbers = np.concatenate(lists)
    numbers = numbers.astype(np.uint32 if numbers.max() < 1 << 24 else np.int64)  # the narrower sort in half the time
    numbers <<= 8  # a list's place rides along: one sort of plain integers
    numbers |= np.repeat(np.arange(len(lists), dtype=np.uint8), [len(one) for one in lists])
    numbers.sort()
    weights = weights[numbers & 0xFF]
    numbers >>= 8
    begins = np.ones(len(numbers), dtype=bool)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return numbers[begins], np.asarray(np.bincount(np.cumsum(begins) - 1, weights), dtype=np.float64)
