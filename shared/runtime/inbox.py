"""Facts enter through here once: the pair (consumer, event id) is written in the transaction of the effect itself."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

# Sorted, so that two consumers with the same events in another order wait for each other instead of deadlocking.
_ACCEPT = text("""
    INSERT INTO inbox (consumer, event_id)
    SELECT :consumer, id FROM (SELECT DISTINCT unnest(CAST(:ids AS uuid[])) AS id ORDER BY 1) AS given
    ON CONFLICT DO NOTHING RETURNING event_id
""")


async def accept(session: AsyncSession, consumer: str, ids: Sequence[UUID]) -> set[UUID]:
    """Mark events as taken by this consumer; answers those that nobody took before."""
    rows = await session.execute(_ACCEPT, {"consumer": consumer, "ids": list(ids)})
    return set(rows.scalars().all())
