"""Readers' comments as kept: every revision waits for a verdict; only what was approved is shown."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func, text, tuple_
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Json, Keyset, Table, json_list, maybe_moment, moment


class Comment(Table, table=True):
    """A reader's comment. `state`: waiting (no verdict yet), held, shown, rejected or withdrawn (by its author).

    `revision` counts its author's rewrites; `sequence` is that of the verdict that stands (0: none yet). `shown_at` is
    when the world was told of it: None until then, and again once the world was told that it is gone.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_shown", "article_id", "submitted_at", "id", postgresql_where=text("state = 'shown'")),
        Index("ix_comments_author", "author_id", text("submitted_at DESC"), text("id DESC")),
    )

    id: UUID = Field(primary_key=True)
    article_id: UUID
    reply_to: UUID | None = None
    author_id: str
    author_name: str
    text: str
    language: str | None = None
    revision: int = 1
    state: str = "waiting"
    sequence: int = 0
    reasons: list[Json] = json_list()
    submitted_at: datetime = moment()
    shown_at: datetime | None = maybe_moment()


class Report(Table, table=True):
    """A reader says that a shown comment should be looked at again; one a reader and comment."""

    __tablename__ = "reports"

    comment_id: UUID = Field(primary_key=True)
    reporter_id: str = Field(primary_key=True)
    id: UUID
    reason: str
    note: str | None = None
    reported_at: datetime = moment()


class Thread(Table, table=True):
    """Whether an article takes comments, and how they are moderated; no row means open and `pre`."""

    __tablename__ = "threads"

    article_id: UUID = Field(primary_key=True)
    revision: int = 1
    open: bool = True
    mode: str = "pre"


async def find_comment(session: AsyncSession, comment_id: UUID) -> Comment | None:
    """One comment, in whatever state."""
    return await session.get(Comment, comment_id)


async def shown_comments(
    session: AsyncSession, article_id: UUID, *, after: Keyset | None = None, limit: int = 50
) -> Sequence[Comment]:
    """The comments readers see under an article, oldest first; `after` is the (submitted_at, id) a page ended with."""
    query = select(Comment).where(Comment.article_id == article_id, Comment.state == "shown")
    if after is not None:
        query = query.where(tuple_(col(Comment.submitted_at), col(Comment.id)) > after)
    query = query.order_by(col(Comment.submitted_at), col(Comment.id)).limit(limit)
    return (await session.exec(query)).all()


async def count_shown(session: AsyncSession, articles: Iterable[UUID]) -> dict[UUID, int]:
    """How many comments readers see under each article; those with none are missing."""
    query = select(Comment.article_id, func.count()).where(
        col(Comment.article_id).in_(list(articles)), Comment.state == "shown"
    )
    return dict((await session.exec(query.group_by(col(Comment.article_id)))).all())


async def find_thread(session: AsyncSession, article_id: UUID) -> Thread:
    """The article's thread; an open one where nobody ever changed it."""
    return await session.get(Thread, article_id) or Thread(article_id=article_id)


async def find_report(session: AsyncSession, comment_id: UUID, reporter_id: str) -> Report | None:
    """What this reader reported about this comment."""
    return await session.get(Report, (comment_id, reporter_id))


async def close_thread(session: AsyncSession, article_id: UUID) -> Thread:
    """No more comments under this article."""
    return await change_thread(session, article_id, is_open=False)


async def change_thread(
    session: AsyncSession, article_id: UUID, *, is_open: bool | None = None, mode: str | None = None
) -> Thread:
    """Open or close a thread, or change how it is moderated; its revision counts the changes."""
    thread = await find_thread(session, article_id)
    thread.revision += 1
    thread.open = thread.open if is_open is None else is_open
    thread.mode = mode or thread.mode
    session.add(thread)
    return thread


async def lock_comments(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Comment]:
    """Comments held until the transaction ends, in id order."""
    query = select(Comment).where(col(Comment.id).in_(list(ids))).order_by(col(Comment.id)).with_for_update()
    rows = await session.exec(query.execution_options(populate_existing=True))
    return {comment.id: comment for comment in rows.all()}


async def untold_comments(session: AsyncSession, articles: Iterable[UUID]) -> Sequence[Comment]:
    """Comments that were approved while nobody saw their article: held, and by article and age."""
    query = select(Comment).where(
        col(Comment.article_id).in_(list(articles)), Comment.state == "shown", col(Comment.shown_at).is_(None)
    )
    query = query.order_by(col(Comment.article_id), col(Comment.submitted_at), col(Comment.id)).with_for_update()
    return (await session.exec(query)).all()


async def closed_threads(session: AsyncSession, articles: Iterable[UUID]) -> set[UUID]:
    """Those of the articles that take no comments."""
    query = select(Thread.article_id).where(col(Thread.article_id).in_(list(articles)), col(Thread.open).is_(False))
    return set(await session.exec(query))
