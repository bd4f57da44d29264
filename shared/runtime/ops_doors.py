"""The operators' doors that every service has: what waits, what got stuck, and the life of one subject."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import structlog
from fastapi import Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.access import Role
from shared.runtime.doors import DoorRouter, Reading, Tx, Who, allow
from shared.runtime.paging import Page, decode_cursor, encode_cursor, link_next
from shared.runtime.problems import Problem

log = structlog.get_logger(__name__)
router = DoorRouter(prefix="/v1/ops", tags=["operators"])
operators = [allow(Role.OPERATOR)]


class DeadLetter(BaseModel):
    """A fact that was not taken in after all attempts."""

    id: UUID
    stream: str
    entry_id: str
    type: str
    subject: str
    attempts: int
    error: str
    created_at: datetime


class DeadLetterStory(DeadLetter):
    """The same with the fact itself and every attempt."""

    event: Any
    story: list[dict[str, Any]]


_LIST = text("""
    SELECT event_id AS id, stream, entry_id, type, subject, attempts, error, created_at FROM failed_events
    WHERE dead AND (created_at, event_id) > (:at, :id) ORDER BY created_at, event_id LIMIT :limit
""")
_ONE = text("SELECT *, event_id AS id FROM failed_events WHERE event_id = :id")
_REDRIVE = text("""
    UPDATE failed_events SET dead = false, attempts = 0, due_at = now() WHERE event_id = :id AND dead RETURNING event_id
""")
# Counted as taken, or a stream that is filled again would bring it back.
_DISCARD = text("""
    WITH gone AS (
        DELETE FROM failed_events WHERE event_id = :id AND dead RETURNING consumer, event_id, stream, subject
    ), taken AS (INSERT INTO inbox (consumer, event_id) SELECT consumer, event_id FROM gone ON CONFLICT DO NOTHING)
    SELECT stream, subject FROM gone
""")
_START = (datetime.fromisoformat("2000-01-01T00:00:00+00:00"), UUID(int=0))


def _unknown(letter: UUID) -> Problem:
    detail = f"{letter} is not kept here, or waits for another attempt."
    return Problem(404, "no-such-dead-letter", "There is no such dead letter.", detail=detail)


@router.get("/dead-letters", dependencies=operators)
async def list_dead_letters(
    request: Request,
    response: Response,
    session: Reading,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[DeadLetter]:
    """Dead letters, oldest first."""
    at, last = decode_cursor(cursor, datetime, UUID) if cursor else _START
    rows = (await session.execute(_LIST, {"at": at, "id": last, "limit": limit + 1})).mappings().all()
    items = [DeadLetter(**row) for row in rows[:limit]]
    following = encode_cursor(items[-1].created_at, items[-1].id) if len(rows) > limit else None
    link_next(response, request, following)
    return Page(items=items, next=following)


@router.get("/dead-letters/{letter}", dependencies=operators)
async def show_dead_letter(letter: UUID, session: Reading) -> DeadLetterStory:
    """One dead letter whole."""
    row = (await session.execute(_ONE, {"id": letter})).mappings().one_or_none()
    if row is None:
        raise _unknown(letter)
    try:
        event = orjson.loads(row["event"])
    except orjson.JSONDecodeError:
        event = row["event"]
    return DeadLetterStory(**{**row, "event": event})


@router.post("/dead-letters/{letter}/redrive", dependencies=operators)
async def redrive(letter: UUID, tx: Tx) -> dict[str, str]:
    """Hand it to its handler again, with all attempts before it."""
    if (await tx.session.execute(_REDRIVE, {"id": letter})).one_or_none() is None:
        raise _unknown(letter)
    return {"id": str(letter), "state": "due"}


@router.delete("/dead-letters/{letter}", dependencies=operators)
async def discard_dead_letter(letter: UUID, tx: Tx, who: Who) -> dict[str, str]:
    """Let it go for good: its handler will not be handed this fact again, not even when a stream is filled again."""
    gone = (await tx.session.execute(_DISCARD, {"id": letter})).one_or_none()
    if gone is None:
        raise _unknown(letter)
    log.warning(
        "a dead letter was discarded", event_id=str(letter), by=who.name, stream=gone.stream, subject=gone.subject
    )
    return {"id": str(letter), "state": "discarded"}


_TRACE = text("""
    SELECT created_at AS at, 'told' AS what, type, event_id,
           substring(event FROM '"correlationid":"([^"]*)"') AS correlation_id,
           stream || ' ' || coalesce(position::text, 'waiting') AS detail
    FROM outbox LEFT JOIN positions USING (stream, event_id) WHERE subject = :subject
    UNION ALL
    SELECT created_at, CASE WHEN dead THEN 'dead letter' ELSE 'failed' END, type, event_id, NULL, error
    FROM failed_events WHERE subject = :subject
    UNION ALL
    SELECT at, 'heard', NULL, event_id, NULL, NULL FROM inbox WHERE event_id = ANY(CAST(:events AS uuid[]))
    ORDER BY at LIMIT 500
""")


@router.get("/trace/{subject:path}", dependencies=operators)
async def trace(
    subject: str, session: Reading, event: Annotated[list[UUID] | None, Query(max_length=200)] = None
) -> dict[str, Any]:
    """What this service told of a subject, what it failed to take in, and which of these events it heard."""
    rows = (await session.execute(_TRACE, {"subject": subject, "events": event or []})).mappings().all()
    return {"items": [dict(row) for row in rows]}


_STATUS = text("""
    SELECT (SELECT coalesce(sum(cardinality(events)), 0) FROM waiting WHERE due_at <= now()) AS outbox_waiting,
           (SELECT count(*) FROM failed_events WHERE NOT dead) AS retries,
           (SELECT count(*) FROM failed_events WHERE dead) AS dead_letters
""")


async def counts(session: AsyncSession) -> dict[str, int]:
    """What waits in this service: facts without a position, messages to be retried, dead letters."""
    return {name: int(n) for name, n in (await session.execute(_STATUS)).mappings().one().items()}


@router.get("/status", dependencies=operators)
async def status(request: Request, session: Reading) -> dict[str, Any]:
    """What waits, what got stuck, and which groups hold up which streams."""
    held = {stream: groups for stream, groups in request.app.state.held.items() if groups}
    return {**await counts(session), **await request.app.state.lags(), "held": held}
