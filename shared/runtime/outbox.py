"""Facts leave through here: rows written in the transaction that made them true."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.base import Event
from shared.runtime.envelope import Cause, write_down

if TYPE_CHECKING:
    from shared.runtime.database import Told

# What may leave at once was due long ago: a server's clock that is put back must not hold it up and let others pass.
_WAIT = text("""
    INSERT INTO waiting (stream, events, due_at)
    VALUES (:stream, CAST(:events AS uuid[]), coalesce(CAST(:due AS timestamptz), 'epoch'))
""")
# What most doors tell, in one round trip. COPY takes two and a statement of its own: worth it from some 25 facts on.
_TELL_FEW = text("""
    WITH told AS (
        SELECT * FROM unnest(CAST(:event_id AS uuid[]), CAST(:stream AS text[]), CAST(:type AS text[]),
                             CAST(:subject AS text[]), CAST(:event AS text[]), CAST(:due AS timestamptz[]))
            WITH ORDINALITY AS given (event_id, stream, type, subject, event, due, n)
    ), written AS (
        INSERT INTO outbox (event_id, stream, type, subject, event)
        SELECT event_id, stream, type, subject, event FROM told
    )
    INSERT INTO waiting (stream, events, due_at)
    SELECT stream, array_agg(event_id ORDER BY n), coalesce(due, 'epoch') FROM told GROUP BY stream, due
""")
#: Facts that one statement writes; more go by COPY.
FEW = 20
_COLUMNS = ("event_id", "stream", "type", "subject", "event")
_Row = tuple[UUID, str, str, str, str]
_MOST_TOGETHER = 200  # facts in one row of `waiting`: the relay numbers whole rows

#: What the relay sends of a fact beside its id and position: type, subject, and the event as JSON.
Words = tuple[str, str, str]


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
) -> dict[UUID, Words]:
    """Write facts, and that they wait; answers those that may leave at once, by event id.

    Raises TypeError for a fact that another service tells.
    """
    if not told:
        return {}
    rows: list[_Row] = []
    dues: list[datetime | None] = []
    ready: dict[UUID, Words] = {}
    for item, cause in told:
        fact, due = (item, None) if isinstance(item, Event) else (item.fact, item.due)
        if fact.teller != service:
            raise TypeError(f"{type(fact).__name__} is told by {fact.teller}, not by {service}")
        event_id, event = write_down(fact, service, cause)
        subject, kind = fact.subject, fact.type_name()
        stream = stream_of(type(fact), subject, partitions)
        rows.append((event_id, stream, kind, subject, event))
        dues.append(due)
        if due is None:
            ready[event_id] = (kind, subject, event)
    if len(rows) <= FEW:
        columns = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
        await session.execute(_TELL_FEW, {**columns, "due": dues})
        return ready
    for values in _waits(rows, dues):  # mostly one; first, for it opens the transaction that COPY is a part of
        await session.execute(_WAIT, values)
    await _copy(session, rows)
    return ready


def _waits(rows: Sequence[_Row], dues: Sequence[datetime | None]) -> Iterator[dict[str, Any]]:
    together: dict[tuple[str, datetime | None], list[UUID]] = {}
    for (event_id, stream, *_), due in zip(rows, dues, strict=True):
        together.setdefault((stream, due), []).append(event_id)
    for (stream, due), ids in together.items():
        for start in range(0, len(ids), _MOST_TOGETHER):
            yield {"stream": stream, "events": ids[start : start + _MOST_TOGETHER], "due": due}


async def _copy(session: AsyncSession, rows: Sequence[_Row]) -> None:
    """COPY on the session's own connection: a third less work for both sides than an INSERT of arrays."""
    raw = await (await session.connection()).get_raw_connection()
    driver: asyncpg.Connection[asyncpg.Record] = raw.driver_connection  # our only driver
    await driver.copy_records_to_table("outbox", records=rows, columns=_COLUMNS)
