"""Lets go of what nobody needs any more: old internal facts, inbox entries, answers, entries that all settled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy import text

from shared.runtime.database import Database
from shared.runtime.failures import name_of
from shared.runtime.redis import Redis
from shared.runtime.settings import ServiceSettings
from shared.runtime.streams import trim

log = structlog.get_logger(__name__)

#: The stream that is kept for ever, in the database; how much of it stands in Redis is a matter of memory alone.
KEPT = "publications"
_EVERY = 60.0
_CHUNK = 5000
_HELD = "a stream grows in Redis: groups have not read what is old; of one that nobody reads any more: XGROUP DESTROY"

_OLD = (
    text("""WITH gone AS (DELETE FROM outbox WHERE event_id IN (
            SELECT event_id FROM outbox JOIN positions USING (stream, event_id) WHERE stream <> :kept
            AND created_at < now() - make_interval(days => :days) LIMIT :chunk) RETURNING event_id)
        DELETE FROM positions USING gone WHERE positions.event_id = gone.event_id"""),
    # One day longer than the facts themselves: a fact that can still be told again must still be known.
    text("""DELETE FROM inbox WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM inbox WHERE at < now() - make_interval(days => :days + 1) AND :kept <> '' LIMIT :chunk))"""),
    text("""DELETE FROM idempotency_keys WHERE ctid = ANY(ARRAY(SELECT ctid FROM idempotency_keys
        WHERE at < now() - interval '2 days' AND :kept <> '' AND :days > 0 LIMIT :chunk))"""),
)
_OLDER_THAN = text("""
    SELECT coalesce(max(position), 0) FROM positions JOIN outbox USING (stream, event_id)
    WHERE stream = :stream AND created_at < now() - make_interval(secs => :seconds)
""")


#: The groups that hold each stream up, by stream, as the last look found them.
Held = dict[str, list[str]]


async def run(database: Database, redis: Redis, settings: ServiceSettings, streams: Sequence[str], held: Held) -> None:
    """Clean up once a minute until cancelled, and write down in `held` what could not be."""
    while True:
        try:
            await forget(database, settings)
            for stream in streams:
                by = await trim_settled(database, redis, settings, stream)
                if by != held.get(stream, []):
                    log.warning(_HELD if by else "a stream is held up no more", stream=stream, groups=by)
                held[stream] = by
        except Exception as error:  # noqa: BLE001  # an outage, mostly: the next turn comes
            log.debug("housekeeping waits", error=name_of(error))
        await asyncio.sleep(_EVERY)


async def forget(database: Database, settings: ServiceSettings) -> None:
    """Delete old rows, in chunks, so that no delete holds its locks for long."""
    for statement in _OLD:
        values = {"days": settings.keep_days, "kept": KEPT, "chunk": _CHUNK}
        while True:
            async with database.transaction() as tx:
                gone = await tx.session.execute(statement, values)
            if getattr(gone, "rowcount", 0) < _CHUNK:
                break


async def trim_settled(database: Database, redis: Redis, settings: ServiceSettings, stream: str) -> list[str]:
    """Trim what is settled by every group and older than `keep_stream_seconds`; the groups that stand in the way."""
    async with database.reading() as session:
        values = {"stream": stream, "seconds": settings.keep_stream_seconds}
        older_than = (await session.execute(_OLDER_THAN, values)).scalar() or 0
    return await trim(redis, stream, older_than)
