"""Queries on comments: keeping revisions, context for judging, changing state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, String, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage.tables import Comment, Fingerprint, Revision


async def keep(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> dict[UUID, Comment]:
    """Insert comments, or bring them to a newer revision; those that are not newer are left out of the answer.

    Rows are locked in the order of their ids, so that two batches never wait for each other in a circle.
    """
    ordered = sorted(rows, key=lambda row: row["id"])
    new = insert(Comment).values(ordered)
    fields = ("article_id", "revision", "author_name", "text", "section", "headline", "submitted_at", "received_at")
    changed = {name: new.excluded[name] for name in fields}
    upsert = new.on_conflict_do_update(
        index_elements=["id"],
        set_={**changed, "state": "pending", "redecide": False, "version": Comment.__table__.c.version + 1},  # type: ignore[attr-defined]  # SQLModel does not tell of __table__
        where=Comment.__table__.c.revision < new.excluded.revision,  # type: ignore[attr-defined]  # the same
    ).returning(Comment)
    kept = (await session.execute(upsert, execution_options={"populate_existing": True})).scalars().all()
    if kept:
        revisions = [
            {"comment_id": c.id, "revision": c.revision, "text": c.text, "submitted_at": c.submitted_at} for c in kept
        ]
        await session.execute(insert(Revision).values(revisions).on_conflict_do_nothing())
    return {comment.id: comment for comment in kept}


async def get(session: AsyncSession, comment_id: UUID, *, lock: bool = False) -> Comment | None:
    """One comment; `lock` holds its row until the transaction ends."""
    query = select(Comment).where(col(Comment.id) == comment_id)
    found = await session.execute(
        query.with_for_update() if lock else query, execution_options={"populate_existing": lock}
    )
    return found.scalar_one_or_none()


async def recent_times(session: AsyncSession, authors: Sequence[str], most: int = 100) -> dict[str, list[datetime]]:
    """When each author's latest comments were submitted, at most `most` each."""
    query = text(
        "SELECT a.id, r.submitted_at FROM unnest(:authors) AS a(id) CROSS JOIN LATERAL ("
        " SELECT submitted_at FROM comments WHERE author_id = a.id ORDER BY submitted_at DESC LIMIT :most) r"
    ).bindparams(bindparam("authors", type_=ARRAY(String)))
    times: dict[str, list[datetime]] = {}
    for author, at in await session.execute(query, {"authors": list(authors), "most": most}):
        times.setdefault(author, []).append(at)
    return times


class Twin(NamedTuple):
    """An earlier comment that shares a band key."""

    key: int
    comment_id: UUID
    author_id: str
    text: str


async def twins(session: AsyncSession, keys: Sequence[int], since: datetime, most: int = 12) -> list[Twin]:
    """Earlier comments under each key, the latest `most` of each."""
    query = text(
        "SELECT k.key, f.comment_id, f.author_id, c.text FROM unnest(:keys) AS k(key) CROSS JOIN LATERAL ("
        " SELECT comment_id, author_id FROM fingerprints WHERE key = k.key AND seen_at > :since"
        " ORDER BY seen_at DESC LIMIT :most) f JOIN comments c ON c.id = f.comment_id"
    ).bindparams(bindparam("keys", type_=ARRAY(BigInteger)), bindparam("since", type_=DateTime(timezone=True)))
    rows = await session.execute(query, {"keys": list(keys), "since": since, "most": most})
    return [Twin(*row) for row in rows]


async def keep_fingerprints(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store band keys; a rewritten comment's replace those of its earlier text."""
    if rows:
        new = insert(Fingerprint).values(list(rows))
        changed = {"key": new.excluded.key, "seen_at": new.excluded.seen_at}
        await session.execute(new.on_conflict_do_update(index_elements=["comment_id", "band"], set_=changed))


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
    """Mark machine-decided comments for another decision; returns how many."""
    change = update(Comment).where(col(Comment.decided_by) == "machine", col(Comment.state) != "withdrawn")
    if article_id is not None:
        change = change.where(col(Comment.article_id) == article_id)
    if since is not None:
        change = change.where(col(Comment.submitted_at) > since)
    done = await session.execute(change.values(redecide=True), execution_options={"synchronize_session": False})
    return int(getattr(done, "rowcount", 0))


async def due(session: AsyncSession, now: datetime, most: int) -> list[Comment]:
    """Comments that wait for a decision: marked for another, or pending for over a minute. Locked; skips others'."""
    query = (
        select(Comment)
        .where(
            col(Comment.redecide)
            | ((col(Comment.state) == "pending") & (col(Comment.received_at) < now - timedelta(minutes=1)))
        )
        .order_by(col(Comment.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list((await session.execute(query)).scalars().all())


async def count_by_state(session: AsyncSession) -> dict[str, int]:
    """How many comments stand in each state."""
    rows = await session.execute(select(col(Comment.state), func.count()).group_by(col(Comment.state)))
    return dict(rows.tuples().all())
