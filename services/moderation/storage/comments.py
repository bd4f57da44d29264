"""Queries on comments: keeping revisions, context for judging, changing state."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, BigInteger, DateTime, String, Uuid, bindparam, delete, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage.tables import Comment, Fingerprint, Revision

_KEEP = """
WITH kept AS (
INSERT INTO comments (id, article_id, revision, reply_to, author_id, author_name, text, language, section, headline,
                      submitted_at, received_at, state, version, sequence, risk, reports, report_weight, redecide)
SELECT id, article_id, revision, reply_to, author_id, author_name, text, language, section, headline,
       submitted_at, received_at, 'pending', 0, 0, 0, 0, 0, false
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new(
    id uuid, article_id uuid, revision int, reply_to uuid, author_id text, author_name text, text text, language text,
    section text, headline text, submitted_at timestamptz, received_at timestamptz)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    revision = excluded.revision, author_name = excluded.author_name, text = excluded.text,
    section = excluded.section, headline = excluded.headline, submitted_at = excluded.submitted_at,
    received_at = excluded.received_at, state = 'pending', redecide = false, version = comments.version + 1
WHERE comments.revision < excluded.revision AND comments.state <> 'withdrawn'
RETURNING comments.*
), revised AS (
INSERT INTO revisions (comment_id, revision, text, submitted_at)
SELECT id, revision, text, submitted_at FROM kept ON CONFLICT DO NOTHING
)
SELECT * FROM kept
"""
_KEEP_PRINTS = """
INSERT INTO fingerprints (comment_id, band, key, author_id, seen_at)
SELECT comment_id, band, key, author_id, seen_at FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS new(comment_id uuid, band int, key bigint, author_id text, seen_at timestamptz)
ON CONFLICT (comment_id, band) DO UPDATE SET key = excluded.key, seen_at = excluded.seen_at
"""
#: Spelled as the index `comments_due` is: with a parameter in it PostgreSQL could not tell that the index serves.
_WAITS = text("(redecide OR state = 'pending')")


async def keep(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> dict[UUID, Comment]:
    """Insert comments, or bring them to a newer revision; those that are not newer are left out of the answer.

    Rows are locked in the order of their ids, so that two batches never wait for each other in a circle.
    """
    upsert = select(Comment).from_statement(text(_KEEP))
    found = await session.execute(upsert, {"rows": _json(rows)}, execution_options={"populate_existing": True})
    kept = found.scalars().all()
    _detach(session, kept)
    return {comment.id: comment for comment in kept}


def _json(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as one JSON parameter: a statement whose length does not grow with the batch is prepared once."""
    return orjson.dumps(list(rows), default=str).decode()


async def get(session: AsyncSession, comment_id: UUID, *, lock: bool = False) -> Comment | None:
    """One comment; `lock` holds its row until the transaction ends."""
    query = select(Comment).where(col(Comment.id) == comment_id)
    found = await session.execute(
        query.with_for_update() if lock else query, execution_options={"populate_existing": lock}
    )
    comment: Comment | None = found.scalar_one_or_none()
    _detach(session, [comment] if comment else [])
    return comment


async def several(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Comment]:
    """Those of the comments that are known, by id."""
    rows = (await session.execute(select(Comment).where(col(Comment.id).in_(list(ids))))).scalars().all()
    _detach(session, rows)
    return {comment.id: comment for comment in rows}


def _detach(session: AsyncSession, loaded: Iterable[Comment]) -> None:
    """Take rows out of the session: what changes them is `settle`, in one statement for all."""
    for comment in loaded:
        session.expunge(comment)


class Pace(NamedTuple):
    """How many comments of its author came in the minute, and in the hour, before a comment; counted up to a limit."""

    minute: int
    hour: int


_PACES = """
SELECT c.id, m.many - 1, h.many - 1
FROM unnest(:ids, :authors, :ats) AS c(id, author_id, at)
CROSS JOIN LATERAL (SELECT count(*) AS many FROM (
    SELECT 1 FROM comments WHERE author_id = c.author_id AND submitted_at <= c.at
    AND submitted_at > c.at - interval '1 minute' LIMIT :minute + 1) AS near) AS m
CROSS JOIN LATERAL (SELECT count(*) AS many FROM (
    SELECT 1 FROM comments WHERE author_id = c.author_id AND submitted_at <= c.at
    AND submitted_at > c.at - interval '1 hour' LIMIT :hour + 1) AS near) AS h
"""


async def paces(session: AsyncSession, batch: Sequence[Comment], minute: int, hour: int) -> dict[UUID, Pace]:
    """The pace of each comment's author at that comment, counted up to `minute` and `hour`."""
    query = text(_PACES).bindparams(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("authors", type_=ARRAY(String)),
        bindparam("ats", type_=ARRAY(DateTime(timezone=True))),
    )
    values = {
        "ids": [comment.id for comment in batch],
        "authors": [comment.author_id for comment in batch],
        "ats": [comment.submitted_at for comment in batch],
        "minute": minute,
        "hour": hour,
    }
    return {row[0]: Pace(max(0, row[1]), max(0, row[2])) for row in await session.execute(query, values)}


async def put_off(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Let comments wait for the clock: nobody sees them before."""
    change = update(Comment).where(col(Comment.id).in_(list(ids))).values(redecide=True)
    await session.execute(change, execution_options={"synchronize_session": False})


class Twin(NamedTuple):
    """An earlier comment that shares a band key."""

    key: int
    comment_id: UUID
    author_id: str
    submitted_at: datetime
    text: str


async def twins(
    session: AsyncSession, keys: Sequence[int], since: datetime, until: datetime, most: int = 12
) -> list[Twin]:
    """Comments under each key from a stretch of time, the latest `most` of each."""
    query = text(
        "SELECT k.key, f.comment_id, f.author_id, c.submitted_at, c.text FROM unnest(:keys) AS k(key)"
        " CROSS JOIN LATERAL (SELECT comment_id, author_id FROM fingerprints WHERE key = k.key"
        " AND seen_at > :since AND seen_at <= :until"
        " ORDER BY seen_at DESC LIMIT :most) f JOIN comments c ON c.id = f.comment_id"
    ).bindparams(
        bindparam("keys", type_=ARRAY(BigInteger)),
        bindparam("since", type_=DateTime(timezone=True)),
        bindparam("until", type_=DateTime(timezone=True)),
    )
    rows = await session.execute(query, {"keys": list(keys), "since": since, "until": until, "most": most})
    return [Twin(*row) for row in rows]


async def keep_fingerprints(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store band keys; a rewritten comment's replace those of its earlier text."""
    if rows:
        await session.execute(text(_KEEP_PRINTS), {"rows": _json(rows)})


async def settle(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write how comments stand after their decisions. Each row: `b_id` and the columns that change."""
    if not rows:
        return
    table = Comment.__table__  # type: ignore[attr-defined]  # SQLModel does not tell of __table__
    columns = [name for name in rows[0] if name != "b_id"]
    change = update(table).where(table.c.id == bindparam("b_id")).values({name: bindparam(name) for name in columns})
    connection = await session.connection()
    await connection.execute(change, list(rows))


async def ask_again(session: AsyncSession, *, article_id: UUID | None = None, since: datetime | None = None) -> int:
    """Mark machine-decided comments for another decision: an article's, or those sent or still waiting since a moment.

    Returns how many.
    """
    change = update(Comment).where(col(Comment.decided_by) == "machine", col(Comment.state) != "withdrawn")
    if article_id is not None:
        change = change.where(col(Comment.article_id) == article_id)
    if since is not None:
        change = change.where((col(Comment.submitted_at) > since) | col(Comment.queued_at).is_not(None))
    done = await session.execute(change.values(redecide=True), execution_options={"synchronize_session": False})
    return int(getattr(done, "rowcount", 0))


_SILENT = """
UPDATE comments SET redecide = true WHERE id IN (
    SELECT c.id FROM comments c JOIN decisions d ON d.id = c.decision_id
    WHERE c.queued_at IS NOT NULL AND NOT c.redecide AND d.decided_by = 'machine'
      AND d.decided_at > now() - interval '1 day'
      AND d.inputs -> 'scores' @> '[{"scores": null, "on_failure": "hold", "shadow": false}]'
    ORDER BY c.queued_at LIMIT :most)
"""


async def ask_silent_again(session: AsyncSession, most: int) -> int:
    """Mark comments of the last day that wait for want of a scorer for another decision; returns how many."""
    return int(getattr(await session.execute(text(_SILENT), {"most": most}), "rowcount", 0))


async def due(
    session: AsyncSession, now: datetime, most: int, *, pending_for: timedelta = timedelta(minutes=1), lock: bool = True
) -> list[Comment]:
    """Comments that wait for a decision: marked for another, or pending for so long. Locked; skips others'."""
    old = col(Comment.redecide) | (col(Comment.received_at) <= now - pending_for)
    query = select(Comment).where(_WAITS, old).order_by(col(Comment.received_at), col(Comment.id)).limit(most)
    if lock:
        query = query.with_for_update(skip_locked=True)
    found = list((await session.execute(query)).scalars().all())
    _detach(session, found)
    return found


async def still_due(session: AsyncSession, seen: Mapping[UUID, int]) -> list[Comment]:
    """Those of the comments seen before (id → revision) that still wait for a decision on that revision. Locked."""
    query = select(Comment).where(col(Comment.id).in_(list(seen)), _WAITS).order_by(col(Comment.id))
    rows = (await session.execute(query.with_for_update(skip_locked=True))).scalars().all()
    _detach(session, rows)
    return [comment for comment in rows if comment.revision == seen[comment.id]]


async def erase(session: AsyncSession, comment_id: UUID) -> None:
    """Forget what a comment said, at every revision; the hashes in its decisions stay."""
    await session.execute(update(Revision).where(col(Revision.comment_id) == comment_id).values(text=None))
    await session.execute(update(Comment).where(col(Comment.id) == comment_id).values(text=""))
    await session.execute(delete(Fingerprint).where(col(Fingerprint.comment_id) == comment_id))


async def of_author(session: AsyncSession, author_id: str, most: int) -> list[Comment]:
    """An author's latest comments."""
    query = (
        select(Comment)
        .where(col(Comment.author_id) == author_id)
        .order_by(col(Comment.submitted_at).desc())
        .limit(most)
    )
    return list((await session.execute(query)).scalars().all())


async def ask_again_of(session: AsyncSession, author_id: str) -> None:
    """Mark an author's machine-decided comments that still wait for another decision."""
    change = (
        update(Comment)
        .where(col(Comment.author_id) == author_id, col(Comment.decided_by) == "machine", col(Comment.state) == "hold")
        .values(redecide=True)
    )
    await session.execute(change, execution_options={"synchronize_session": False})
