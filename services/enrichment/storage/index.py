"""The lists of rare terms: which articles share some with this one. Those that share its text are in `prints`."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt
from sqlalchemy import ARRAY, Integer, bindparam, text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage import prints

_INTS = ARRAY(Integer)

_ADD = text("""
    INSERT INTO postings (term, number)
    SELECT term, number FROM unnest(:terms, :numbers) AS new(term, number) ORDER BY term, number
""").bindparams(bindparam("terms", type_=_INTS), bindparam("numbers", type_=_INTS))

#: Of each term the two newest blocks, the newer first, and (as a block of no number) what is not packed yet: one scan
#: for all terms, for to begin one for each of a thousand costs more than to read it.
_NEWEST = text("""
    SELECT asked.term, held.block, held.numbers
    FROM unnest(:terms) AS asked(term) CROSS JOIN LATERAL (
        SELECT block, numbers FROM blocks WHERE blocks.term = asked.term ORDER BY block DESC LIMIT 2
    ) AS held
    UNION ALL
    SELECT term, NULL, string_agg(int4send(number), '') FROM (
        SELECT DISTINCT term, number FROM postings WHERE term = ANY(:terms) ORDER BY term, number
    ) AS fresh GROUP BY term
""").bindparams(bindparam("terms", type_=_INTS))

_SETTLE = text("""
    WITH moved AS (
        DELETE FROM postings WHERE number < :before RETURNING term, number
    ), lists AS (
        SELECT term, min(number) AS first, string_agg(int4send(number), '' ORDER BY number) AS numbers
        FROM (SELECT DISTINCT term, number FROM moved) AS once GROUP BY term
    ), aimed AS (
        SELECT lists.term, coalesce(open.block, lists.first) AS block, lists.numbers
        FROM lists LEFT JOIN LATERAL (
            SELECT block FROM (
                SELECT block, numbers FROM blocks WHERE blocks.term = lists.term ORDER BY block DESC LIMIT 1
            ) AS latest
            WHERE octet_length(numbers) < :full
        ) AS open ON TRUE
    ), written AS (
        INSERT INTO blocks (term, block, numbers) SELECT term, block, numbers FROM aimed ORDER BY term
        ON CONFLICT (term, block) DO UPDATE SET numbers = blocks.numbers || excluded.numbers
        RETURNING 1
    )
    SELECT count(*) FROM written
""")

_FRESH = text("""
    SELECT coalesce((SELECT upto FROM packed), 0) + 1 AS oldest, coalesce(max(number), 0) AS newest FROM articles
""")
_PACKED = text("""
    INSERT INTO packed (id, upto) VALUES (1, :upto) ON CONFLICT (id) DO UPDATE SET upto = excluded.upto
""")
#: Bytes of numbers after which a term begins another block.
_FULL = 4 * 256
_SETTLING = 8_274_105  # one replica settles at a time


async def add_postings(session: AsyncSession, terms: Mapping[int, Sequence[int]]) -> None:
    """Enter articles (by number) under their terms, in the order of the index."""
    pairs = [(term, number) for number, keys in terms.items() for term in keys]
    if pairs:
        await session.execute(_ADD, {"terms": [t for t, _ in pairs], "numbers": [n for _, n in pairs]})


async def newest_under(session: AsyncSession, terms: Sequence[int], cap: int) -> dict[int, npt.NDArray[np.int32]]:
    """The newest article numbers under each term, at most `cap` of each, newest last."""
    if not terms:
        return {}
    settled: dict[int, bytes] = {}
    fresh: dict[int, bytes] = {}
    for term, block, numbers in await session.execute(_NEWEST, {"terms": list(terms)}):
        if block is None:
            fresh[term] = numbers
        else:
            settled[term] = numbers + settled[term] if term in settled else numbers
    held = {term: settled.get(term, b"") + fresh.get(term, b"") for term in settled.keys() | fresh.keys()}
    together = np.frombuffer(b"".join(held.values()), dtype=">i4").astype(np.int32)
    ends = accumulate(len(numbers) // 4 for numbers in held.values())
    return {
        term: together[max(end - len(numbers) // 4, end - cap) : end]
        for (term, numbers), end in zip(held.items(), ends, strict=True)
    }


async def everything_under(session: AsyncSession, term: int) -> list[int]:
    """The numbers of all articles ever listed under a term; some may have left it since."""
    asked = text("""
        SELECT numbers FROM blocks WHERE term = :term UNION ALL SELECT int4send(number) FROM postings WHERE term = :term
    """)
    rows = await session.execute(asked, {"term": term})
    return sorted({int(n) for row in rows for n in np.frombuffer(row.numbers, dtype=">i4")})


async def fresh_range(session: AsyncSession) -> tuple[int, int]:
    """The oldest and the newest article whose postings are not packed yet; the newest comes first when all are.

    What an older one was listed under since it was packed goes with the next packing.
    """
    oldest, newest = (await session.execute(_FRESH)).one()
    return oldest, newest


async def settle(session: AsyncSession, keep: int, most: int) -> int:
    """Move postings of all but the newest `keep` articles into blocks, `most` articles at once; answers blocks written.

    Nothing happens before there are so many, for fewer would cost more each, nor while another replica is at it.
    """
    if not (await session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SETTLING})).scalar():
        return 0
    oldest, newest = await fresh_range(session)
    if newest - oldest + 1 < keep + most:
        return 0
    await session.execute(_PACKED, {"upto": oldest + most - 1})
    await prints.settle(session, oldest + most)
    return int((await session.execute(_SETTLE, {"before": oldest + most, "full": _FULL})).scalar_one())
