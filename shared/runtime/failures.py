"""Messages taken out of their stream's way: each waits for its next attempt, and is a dead letter after the last.

An attempt is counted before it is made, in a transaction of its own: a message that kills its process is counted too.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

#: How much of a traceback is kept with an attempt: its end, where the reason is.
_STORY_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One entry as Redis delivered it. `id`, `type` and `event` are empty where the entry lacks them."""

    stream: str
    entry_id: str
    id: str
    type: str
    event: str

    @property
    def event_id(self) -> UUID:
        """The event's id; for an entry that has none, a name derived from where it stands."""
        try:
            return UUID(self.id)
        except ValueError:
            return uuid5(NAMESPACE_OID, f"{self.stream}/{self.entry_id}")


_RECORD = text("""
    INSERT INTO failed_events (consumer, event_id, stream, entry_id, type, event, error, attempts, dead, due_at, story,
                               subject)
    SELECT :consumer, given.*, :error, 1, :dead, now() + make_interval(secs => :wait),
           jsonb_build_array(jsonb_build_object('attempt', 1, 'at', now(), 'error', CAST(:story AS text))),
           coalesce(substring(given.event FROM '"subject":"([^"]{1,200})"'), '')
    FROM unnest(CAST(:ids AS uuid[]), CAST(:streams AS text[]), CAST(:entries AS text[]), CAST(:types AS text[]),
                CAST(:events AS text[])) AS given (event_id, stream, entry_id, type, event)
    WHERE NOT EXISTS (SELECT FROM inbox WHERE inbox.consumer = :consumer AND inbox.event_id = given.event_id)
    ON CONFLICT (consumer, event_id) DO NOTHING
""")
# The row is chosen in a CTE, which is run once: a sub-select in FROM may be run again for every row that a nested loop
# meets, and would count an attempt of each of them while only one is made.
_TAKE = text("""
    WITH next AS MATERIALIZED (
        SELECT consumer, event_id FROM failed_events WHERE NOT dead AND due_at <= now() AND consumer = :consumer
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE failed_events AS f SET attempts = f.attempts + 1, due_at = now() + make_interval(secs => :lease),
        dead = f.attempts >= :most,
        story = f.story || jsonb_build_object('attempt', f.attempts + 1, 'at', now(), 'error',
            CASE WHEN f.attempts >= :most THEN 'given up: no attempt came back' ELSE 'begun, not finished' END)
    FROM next WHERE f.consumer = next.consumer AND f.event_id = next.event_id
    RETURNING f.*
""")
_IS_DUE = text("SELECT 1 FROM failed_events WHERE NOT dead AND due_at <= now() AND consumer = :consumer LIMIT 1")
_FAILED = text("""
    UPDATE failed_events SET error = :error, dead = attempts >= :most, due_at = now() + make_interval(secs => :wait),
        story = jsonb_set(story, '{-1,error}', to_jsonb(CAST(:story AS text)))
    WHERE consumer = :consumer AND event_id = :event_id AND attempts = :attempts
""")
_DONE = text("DELETE FROM failed_events WHERE consumer = :consumer AND event_id = :event_id")


def story_of(error: BaseException) -> str:
    """What happened, as text with the end of its traceback. NUL, which PostgreSQL cannot store, is shown."""
    told = "".join(traceback.format_exception(error))[-_STORY_LENGTH:]
    return told.replace("\0", "\\0")


def name_of(error: BaseException) -> str:
    """One line: the class and what it says."""
    return f"{type(error).__name__}: {error}"[:500].replace("\0", "\\0")


async def record(
    session: AsyncSession, consumer: str, failed: Sequence[Delivery], error: str, story: str, wait: float, dead: bool
) -> None:
    """Put deliveries aside with the reason, unless their effect is already committed."""
    columns = {
        "ids": [d.event_id for d in failed],
        "streams": [d.stream for d in failed],
        "entries": [d.entry_id for d in failed],
        "types": [d.type.replace("\0", "\\0") for d in failed],
        "events": [d.event.replace("\0", "\\0") for d in failed],
    }
    values = {"consumer": consumer, "error": error, "story": story, "wait": wait, "dead": dead}
    await session.execute(_RECORD, {**columns, **values})


async def is_due(session: AsyncSession, consumer: str) -> bool:
    """Whether a message waits for its next attempt no longer."""
    return (await session.execute(_IS_DUE, {"consumer": consumer})).first() is not None


async def take(session: AsyncSession, consumer: str, lease: float, most: int) -> Row[Any] | None:
    """Take the next message that is due and count its attempt; None where none is. The caller commits."""
    found = await session.execute(_TAKE, {"consumer": consumer, "lease": lease, "most": most})
    return found.first()


async def failed(session: AsyncSession, row: Row[Any], error: BaseException, wait: float, most: int) -> None:
    """Write down that an attempt failed and when the next is due."""
    values = {"error": name_of(error), "story": story_of(error), "wait": wait, "most": most}
    await session.execute(_FAILED, {**values, **_key(row), "attempts": row.attempts})


async def done(session: AsyncSession, row: Row[Any]) -> None:
    """The message's effect is in this transaction."""
    await session.execute(_DONE, _key(row))


def _key(row: Row[Any]) -> dict[str, Any]:
    return {"consumer": row.consumer, "event_id": row.event_id}
