"""Facts leave through here: rows written in the transaction that made them true."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.base import Event
from shared.runtime.envelope import Cause, Envelope, seal

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


def _text(sealed: Envelope[Any]) -> str:
    # CloudEvents has no null attributes; nulls inside `data` stay, so that a payload keeps its shape.
    return sealed.model_dump_json(exclude={"causationid"} if sealed.causationid is None else None)


async def write(session: AsyncSession, service: str, partitions: int, told: Sequence[tuple[Told, Cause]]) -> int:
    """Write facts in one statement and answer how many. Raises TypeError for a fact that another service tells."""
    if not told:
        return 0
    rows = []
    for item, cause in told:
        fact, due = (item, None) if isinstance(item, Event) else (item.fact, item.due)
        if fact.teller != service:
            raise TypeError(f"{type(fact).__name__} is told by {fact.teller}, not by {service}")
        sealed = seal(fact, service, cause)
        stream = stream_of(type(fact), sealed.subject, partitions)
        rows.append((stream, sealed.id, sealed.type, sealed.subject, _text(sealed), due))
    columns = [list(column) for column in zip(*rows, strict=True)]
    names = ("streams", "ids", "types", "subjects", "events", "dues")
    await session.execute(_INSERT, dict(zip(names, columns, strict=True)))
    return len(rows)
