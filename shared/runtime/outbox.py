"""Facts leave through here: rows written in the transaction that made them true."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.base import Event
from shared.runtime.envelope import Cause, write_down

if TYPE_CHECKING:
    from shared.runtime.database import Told

_INSERT = text("""
    INSERT INTO outbox (stream, event_id, type, subject, event, due_at)
    SELECT stream, event_id, type, subject, event, coalesce(due, now())
    FROM unnest(CAST(:streams AS text[]), CAST(:ids AS uuid[]), CAST(:types AS text[]),
                CAST(:subjects AS text[]), CAST(:events AS text[]), CAST(:dues AS timestamptz[]))
        AS told (stream, event_id, type, subject, event, due)
""")


def stream_of(event: type[Event], subject: str, partitions: int) -> str:
    """The stream a fact goes to. Partitioned streams carry a Redis Cluster hash tag: `article.ingested.{3}`."""
    name = event.stream_name()
    if partitions == 1 or event.on_stream is not None:  # a stream that promises its order is one stream
        return name
    return f"{name}.{{{zlib.crc32(subject.encode()) % partitions}}}"


def streams_of(event: type[Event], partitions: int) -> list[str]:
    """Every stream that facts of this class can be on."""
    name = event.stream_name()
    if partitions == 1 or event.on_stream is not None:
        return [name]
    return [f"{name}.{{{n}}}" for n in range(partitions)]


async def write(
    session: AsyncSession, service: str, partitions: int, told: Sequence[tuple[Told, Cause]]
) -> dict[UUID, str]:
    """Write facts in one statement; answers those that may leave at once, by event id.

    Raises TypeError for a fact that another service tells.
    """
    if not told:
        return {}
    rows, ready = [], {}
    for item, cause in told:
        fact, due = (item, None) if isinstance(item, Event) else (item.fact, item.due)
        if fact.teller != service:
            raise TypeError(f"{type(fact).__name__} is told by {fact.teller}, not by {service}")
        event_id, event = write_down(fact, service, cause)
        subject = fact.subject
        rows.append((stream_of(type(fact), subject, partitions), event_id, fact.type_name(), subject, event, due))
        if due is None:
            ready[event_id] = event
    names = ("streams", "ids", "types", "subjects", "events", "dues")
    columns = [list(column) for column in zip(*rows, strict=True)]
    await session.execute(_INSERT, dict(zip(names, columns, strict=True)))
    return ready
