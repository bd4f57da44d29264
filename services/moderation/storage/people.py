"""Queries on authors, reporters and threads."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, String, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage.tables import AuthorState, Comment, Report, ThreadState

_AUTHORS = """
INSERT INTO authors (author_id, name, first_seen_at, as_of, status, good, bad, approved, held, rejected,
                     reports_right, reports_wrong)
SELECT id, name, :now, :now, 'ok', 0, 0, 0, 0, 0, 0, 0 FROM unnest(:ids, :names) AS new(id, name) ORDER BY id
ON CONFLICT (author_id) DO UPDATE SET author_id = excluded.author_id RETURNING *
"""


async def authors(session: AsyncSession, names: dict[str, str], now: datetime) -> dict[str, AuthorState]:
    """The authors by id, made where they are new, locked in the order of their ids until the transaction ends.

    One statement does all three: a row that changes nothing in `DO UPDATE` is locked and told as it stands.
    """
    ids = sorted(names)
    upsert = text(_AUTHORS).bindparams(
        bindparam("ids", type_=ARRAY(String)),
        bindparam("names", type_=ARRAY(String)),
        bindparam("now", type_=DateTime(timezone=True)),
    )
    found = await session.execute(
        select(AuthorState).from_statement(upsert),
        {"ids": ids, "names": [names[i] for i in ids], "now": now},
        execution_options={"populate_existing": True},
    )
    locked = {author.author_id: author for author in found.scalars()}
    for row in locked.values():  # what changes them is `settle`, in one statement for all
        session.expunge(row)
    return locked


async def author(session: AsyncSession, author_id: str) -> AuthorState | None:
    """One author."""
    return (
        await session.execute(select(AuthorState).where(col(AuthorState.author_id) == author_id))
    ).scalar_one_or_none()


async def several(session: AsyncSession, ids: Collection[str]) -> dict[str, AuthorState]:
    """Those of the authors who are known, by id."""
    rows = await session.execute(select(AuthorState).where(col(AuthorState.author_id).in_(list(ids))))
    return {row.author_id: row for row in rows.scalars()}


async def settle(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write authors' evidence and counts. Each row: `b_id` and the columns that change."""
    if not rows:
        return
    table = AuthorState.__table__  # type: ignore[attr-defined]  # SQLModel does not tell of __table__
    columns = [name for name in rows[0] if name != "b_id"]
    change = (
        update(table).where(table.c.author_id == bindparam("b_id")).values({name: bindparam(name) for name in columns})
    )
    connection = await session.connection()
    await connection.execute(change, list(rows))


async def threads(session: AsyncSession, article_ids: Sequence[UUID]) -> dict[UUID, ThreadState]:
    """What is known of the articles' threads."""
    query = select(ThreadState).where(col(ThreadState.article_id).in_(list(article_ids)))
    return {thread.article_id: thread for thread in (await session.execute(query)).scalars()}


async def keep_thread(session: AsyncSession, article_id: UUID, revision: int, is_open: bool, mode: str) -> bool:
    """Note how a thread is; True when that was news. A killed thread stays closed."""
    new = insert(ThreadState).values(article_id=article_id, revision=revision, open=is_open, mode=mode, killed=False)
    change = new.on_conflict_do_update(
        index_elements=["article_id"],
        set_={"revision": revision, "open": is_open, "mode": mode},
        where=col(ThreadState.revision) < revision,
    ).returning(col(ThreadState.article_id))
    return (await session.execute(change)).first() is not None


async def kill_thread(session: AsyncSession, article_id: UUID) -> bool:
    """Close a thread for good; True when it was not yet."""
    new = insert(ThreadState).values(article_id=article_id, revision=0, open=False, killed=True)
    change = new.on_conflict_do_update(
        index_elements=["article_id"], set_={"killed": True, "open": False}, where=col(ThreadState.killed).is_(False)
    ).returning(col(ThreadState.article_id))
    return (await session.execute(change)).first() is not None


async def keep_report(session: AsyncSession, row: dict[str, Any]) -> bool:
    """Note a report; False when the reporter had already reported that comment."""
    new = insert(Report).values(**row).on_conflict_do_nothing().returning(col(Report.id))
    return (await session.execute(new)).first() is not None


async def report_weight(session: AsyncSession, comment_id: UUID) -> tuple[int, float]:
    """How many open reports a comment has, and what they weigh together."""
    query = select(func.count(), func.coalesce(func.sum(col(Report.weight)), 0.0)).where(
        col(Report.comment_id) == comment_id, col(Report.outcome).is_(None)
    )
    count, weight = (await session.execute(query)).one()
    return int(count), float(weight)


async def close_reports(session: AsyncSession, comment_id: UUID, outcome: str) -> list[str]:
    """Give a comment's open reports their outcome; the reporters' ids."""
    change = (
        update(Report)
        .where(col(Report.comment_id) == comment_id, col(Report.outcome).is_(None))
        .values(outcome=outcome)
        .returning(col(Report.reporter_id))
    )
    return sorted((await session.execute(change)).scalars().all())


async def recount(session: AsyncSession, author_id: str) -> dict[str, int]:
    """An author's comments by verdict, counted anew; undecided ones are left out."""
    query = (
        select(col(Comment.verdict), func.count())
        .where(col(Comment.author_id) == author_id, col(Comment.verdict).is_not(None))
        .group_by(col(Comment.verdict))
    )
    return dict((await session.execute(query)).all())
