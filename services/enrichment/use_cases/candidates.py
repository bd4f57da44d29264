"""Candidates: the stored articles worth comparing, by what lists of rare terms they share."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.text import key_of
from services.enrichment.settings import Settings
from services.enrichment.storage import index


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
    found = [(lists[t], 1.0 + np.log1p(200.0 / len(lists[t]))) for t in terms if t in lists and len(lists[t])]
    chosen: list[int] = []
    if found:
        numbers = np.concatenate([numbers for numbers, _ in found])
        weights = np.repeat([w for _, w in found], [len(numbers) for numbers, _ in found])
        distinct, where = np.unique(numbers, return_inverse=True)
        sums = np.bincount(where, weights)
        best = np.argpartition(-sums, most)[:most] if len(sums) > most else np.arange(len(sums))
        chosen = distinct[best[np.argsort(-sums[best], kind="stable")]].tolist()
    for key in listings:
        chosen += [int(n) for n in lists.get(key, ())[:6]]
    return [n for n in dict.fromkeys(chosen) if n != mine]
