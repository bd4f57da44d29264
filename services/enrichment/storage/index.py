"""The index's two questions: which articles share rare terms with this one, and which share its text."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import ARRAY, Integer, bindparam, text
from sqlmodel.ext.asyncio.session import AsyncSession

_INTS = ARRAY(Integer)

_ADD = text("""
    INSERT INTO postings (term, number)
    SELECT term, number FROM unnest(:terms, :numbers) AS new(term, number) ORDER BY term, number
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("terms", type_=_INTS), bindparam("numbers", type_=_INTS))

_NEWEST = text("""
    SELECT asked.term, ARRAY(
        SELECT number FROM postings WHERE postings.term = asked.term ORDER BY number DESC LIMIT :cap
    ) AS numbers
    FROM unnest(:terms) AS asked(term)
""").bindparams(bindparam("terms", type_=_INTS))

_SHARING = text("""
    SELECT asked.asker, found.number, found.fingerprints
    FROM unnest(:askers) AS asked(asker)
    JOIN articles AS mine ON mine.number = asked.asker
    CROSS JOIN LATERAL (
        SELECT number, fingerprints FROM articles
        WHERE fingerprints && mine.fingerprints AND number <> mine.number
        ORDER BY number DESC LIMIT :cap
    ) AS found
    WHERE mine.fingerprints <> '{}'
""").bindparams(bindparam("askers", type_=_INTS))

_SHARING_SAMPLE = text("""
    SELECT number, fingerprints FROM articles WHERE fingerprints && :sample ORDER BY number DESC LIMIT :cap
""").bindparams(bindparam("sample", type_=_INTS))


async def add_postings(session: AsyncSession, terms: Mapping[int, Sequence[int]]) -> None:
    """Enter articles (by number) under their terms, in one order for all writers so that none waits in a circle."""
    pairs = [(term, number) for number, keys in terms.items() for term in keys]
    if pairs:
        await session.execute(_ADD, {"terms": [t for t, _ in pairs], "numbers": [n for _, n in pairs]})


async def newest_under(session: AsyncSession, terms: Sequence[int], cap: int) -> dict[int, npt.NDArray[np.int32]]:
    """The newest article numbers under each term, at most `cap` of each, newest first."""
    if not terms:
        return {}
    rows = await session.execute(_NEWEST, {"terms": list(terms), "cap": cap})
    return {row.term: np.array(row.numbers, dtype=np.int32) for row in rows}


async def sharing_text(session: AsyncSession, askers: Sequence[int], cap: int = 24) -> dict[int, dict[int, list[int]]]:
    """For each asking article: the numbers of others that share a fingerprint with it, and their fingerprints."""
    found: dict[int, dict[int, list[int]]] = defaultdict(dict)
    for row in await session.execute(_SHARING, {"askers": list(askers), "cap": cap}):
        found[row.asker][row.number] = row.fingerprints
    return found


async def sharing_sample(session: AsyncSession, sample: Sequence[int], cap: int = 24) -> dict[int, list[int]]:
    """The numbers of articles that share one of these fingerprints, and their fingerprints."""
    if not sample:
        return {}
    rows = await session.execute(_SHARING_SAMPLE, {"sample": list(sample), "cap": cap})
    return {row.number: row.fingerprints for row in rows}
