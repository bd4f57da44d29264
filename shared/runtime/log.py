"""Reading what this service told, by stream and position: the truth that Redis is refilled from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.runtime.tables import outbox, positions, streams


@dataclass(frozen=True, slots=True)
class Entry:
    """One told fact. `event` is its CloudEvents JSON, without the position."""

    position: int
    type: str
    subject: str
    event: str
    event_id: str


async def read_log(
    session: AsyncSession, stream: str, after: int = 0, limit: int = 100, types: Sequence[str] = ()
) -> list[Entry]:
    """The entries of a stream after a position, in order, at most `limit`; optionally only of some event types."""
    columns = (positions.c.position, outbox.c.type, outbox.c.subject, outbox.c.event, outbox.c.event_id)
    placed = positions.join(outbox, positions.c.event_id == outbox.c.event_id)
    query = select(*columns).select_from(placed).where(positions.c.stream == stream, positions.c.position > after)
    if types:
        query = query.where(outbox.c.type.in_(types))
    rows = await session.execute(query.order_by(positions.c.position).limit(limit))
    return [Entry(r.position, r.type, r.subject, r.event, str(r.event_id)) for r in rows]


async def head(session: AsyncSession, stream: str) -> int:
    """The last position given in a stream; 0 where nothing was told yet."""
    found = await session.execute(select(streams.c.position).where(streams.c.stream == stream))
    return found.scalar() or 0
