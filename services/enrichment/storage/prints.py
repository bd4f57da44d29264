"""Which articles share text with one: fingerprints of those that came lately as rows, of all others in blocks.

A block holds what ends in the same sixteen bits: the number of the article and the other sixteen bits, six bytes each.
So a look-up is exact, and neither a row nor an index entry stands for each of twelve fingerprints of an article.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

import numpy as np
from sqlalchemy import ARRAY, Integer, bindparam, text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.duplicates import INDEXED, lower_halves

_INTS = ARRAY(Integer)
HELD = np.dtype([("number", ">i4"), ("upper", ">i2")])

_ADD = text("""
    INSERT INTO prints (print, number)
    SELECT print, number FROM unnest(:prints, :numbers) AS new(print, number) ORDER BY print, number
""").bindparams(bindparam("prints", type_=_INTS), bindparam("numbers", type_=_INTS))

#: What stands in more than two thousand articles, as an outlet's small print does, is sought in the newest of them.
_SHARING = text("""
    SELECT asked.print, newest.block, newest.held
    FROM unnest(:prints) AS asked(print) CROSS JOIN LATERAL (
        SELECT block, held FROM print_blocks WHERE half = CAST((asked.print & 65535) - 32768 AS smallint)
        ORDER BY block DESC LIMIT 32
    ) AS newest
    UNION ALL
    SELECT print, NULL, string_agg(int4send(number), '') FROM prints WHERE print = ANY(:prints) GROUP BY print
""").bindparams(bindparam("prints", type_=_INTS))

_SAMPLES = text("SELECT number, sample FROM articles WHERE number = ANY(:numbers)").bindparams(
    bindparam("numbers", type_=_INTS)
)

_SETTLE = text("""
    WITH moved AS (
        DELETE FROM prints WHERE number < :before RETURNING print, number
    ), lists AS (
        SELECT CAST((print & 65535) - 32768 AS smallint) AS half, min(number) AS first,
            string_agg(int4send(number) || int2send(CAST(print >> 16 AS smallint)), '' ORDER BY number) AS held
        FROM (SELECT DISTINCT print, number FROM moved) AS once GROUP BY 1
    )
    INSERT INTO print_blocks AS b (half, block, held)
    SELECT lists.half, coalesce(open.block, lists.first), lists.held
    FROM lists LEFT JOIN LATERAL (
        SELECT block FROM (
            SELECT block, held FROM print_blocks WHERE print_blocks.half = lists.half ORDER BY block DESC LIMIT 1
        ) AS latest
        WHERE octet_length(held) < :full
    ) AS open ON TRUE
    ORDER BY lists.half
    ON CONFLICT (half, block) DO UPDATE SET held = b.held || excluded.held
""")
#: Bytes after which fingerprints with one lower half begin another block.
_FULL = HELD.itemsize * 64


async def add_prints(session: AsyncSession, prints: Mapping[int, Sequence[int]]) -> None:
    """Enter articles (by number) under the smallest of their fingerprints."""
    pairs = [(mark, number) for number, marks in prints.items() for mark in marks[:INDEXED]]
    if pairs:
        await session.execute(_ADD, {"prints": [p for p, _ in pairs], "numbers": [n for _, n in pairs]})


async def sharing_text(
    session: AsyncSession, asking: Mapping[int, Sequence[int]], cap: int = 24
) -> dict[int, list[int]]:
    """For each asking article (its number, its fingerprints) the newest others that share one with it."""
    asked = sorted(set(chain.from_iterable(asking.values())))
    having = await _having(session, asked) if asked else {}
    found = {mine: {n for p in prints for n in having.get(p, ())} - {mine} for mine, prints in asking.items()}
    return {mine: sorted(numbers, reverse=True)[:cap] for mine, numbers in found.items() if numbers}


async def _having(session: AsyncSession, asked: Sequence[int]) -> dict[int, list[int]]:
    """The numbers of the articles that are listed under each of these fingerprints; some may have left it since."""
    rows = (await session.execute(_SHARING, {"prints": list(asked)})).all()
    having: dict[int, list[int]] = defaultdict(list)
    for mark, block, held in rows:
        if block is None:
            having[mark] += np.frombuffer(held, dtype=">i4").tolist()
    settled = [(mark, held) for mark, block, held in rows if block is not None]
    held = np.frombuffer(b"".join(h for _, h in settled), dtype=HELD)
    marks = np.repeat([m for m, _ in settled], [len(h) // HELD.itemsize for _, h in settled]).astype(np.int32)
    same = np.flatnonzero(held["upper"] == marks >> 16)
    for mark, number in zip(marks[same].tolist(), held["number"][same].tolist(), strict=True):
        having[mark].append(number)
    return having


async def samples(session: AsyncSession, numbers: Collection[int]) -> dict[int, bytes]:
    """The lower halves of the fingerprints of these articles."""
    return {row[0]: row[1] for row in await session.execute(_SAMPLES, {"numbers": list(numbers)})}


def not_held(prints: Sequence[int], before: bytes) -> list[int]:
    """Those of the fingerprints that are entered of which an earlier revision's are not."""
    held = {before[at : at + 2] for at in range(0, 2 * INDEXED, 2)}
    return [p for p in prints[:INDEXED] if lower_halves([p]) not in held]


async def settle(session: AsyncSession, before: int) -> None:
    """Move the fingerprints of all articles below a number into blocks."""
    await session.execute(_SETTLE, {"before": before, "full": _FULL})
