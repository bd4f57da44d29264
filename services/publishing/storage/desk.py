"""What changed on the desk, for those who look at it live; and bulk acts with an answer an article."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, delete, func, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Json, Table, add_rows, json_list, json_object, maybe_json, moment


class DeskChange(Table, table=True):
    """One line of the desk's live view; kept for a day."""

    __tablename__ = "desk_changes"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    article_id: UUID | None = None
    what: str
    revision: int | None = None
    by_name: str | None = None
    at: datetime = moment(index=True)


class BulkJob(Table, table=True):
    """A bulk act: one order for many articles, by somebody with these roles."""

    __tablename__ = "bulk_jobs"

    id: UUID = Field(primary_key=True)
    verb: str
    order: Json = json_object()
    by_id: str
    by_name: str
    origin: str | None = None
    roles: list[str] = json_list()
    started_at: datetime = moment()


class BulkItem(Table, table=True):
    """One article of a bulk act; `answer` is None while it waits."""

    __tablename__ = "bulk_items"
    __table_args__ = (Index("ix_bulk_items_waiting", "job_id", postgresql_where=text("answer IS NULL")),)

    job_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    article_id: UUID
    answer: Json | None = maybe_json()


async def note_changes(
    session: AsyncSession, changes: Sequence[tuple[UUID, str, int | None]], by_name: str, at: datetime
) -> None:
    """Tell open desks, at commit, that these articles changed: (article, what, revision)."""
    if not changes:
        return
    rows = [
        {"article_id": article_id, "what": what, "revision": revision, "by_name": by_name, "at": at}
        for article_id, what, revision in changes
    ]
    await add_rows(session, DeskChange, rows)


async def changes_since(
    session: AsyncSession, *, after: int | None, since: datetime, limit: int = 500
) -> Sequence[DeskChange]:
    """Changes in the order of their ids: those after an id where one is given, else those since a moment."""
    query = select(DeskChange).where(DeskChange.at >= since)
    if after is not None:
        query = query.where(col(DeskChange.id) > after)
    return (await session.exec(query.order_by(col(DeskChange.id)).limit(limit))).all()


async def last_change(session: AsyncSession) -> int:
    """The id of the newest change; 0 where nothing ever changed."""
    return (await session.exec(select(func.max(DeskChange.id)))).one() or 0


async def forget_changes(session: AsyncSession, before: datetime) -> None:
    """Drop changes nobody will ask for any more."""
    await session.exec(delete(DeskChange).where(col(DeskChange.at) < before))


async def add_bulk(session: AsyncSession, job: BulkJob, ids: Iterable[UUID]) -> None:
    """Put a bulk act on its way."""
    session.add(job)
    rows = [{"job_id": job.id, "number": n, "article_id": key} for n, key in enumerate(ids, 1)]
    await session.flush()
    await add_rows(session, BulkItem, rows)


async def bulk_waits(session: AsyncSession) -> bool:
    """Whether some article of a bulk act waits."""
    return (
        await session.exec(select(BulkItem.number).where(col(BulkItem.answer).is_(None)).limit(1))
    ).first() is not None


async def take_bulk(session: AsyncSession, limit: int) -> Sequence[tuple[BulkItem, BulkJob]]:
    """Waiting articles of bulk acts, held; those another process holds are left to it."""
    query = select(BulkItem, BulkJob).join(BulkJob, col(BulkJob.id) == BulkItem.job_id)
    query = query.where(col(BulkItem.answer).is_(None)).order_by(col(BulkItem.job_id), col(BulkItem.number))
    return (await session.exec(query.limit(limit).with_for_update(of=BulkItem, skip_locked=True))).all()


async def find_bulk(session: AsyncSession, job_id: UUID) -> BulkJob | None:
    """One bulk act."""
    return await session.get(BulkJob, job_id)


async def bulk_items(session: AsyncSession, job_id: UUID) -> Sequence[BulkItem]:
    """The articles of a bulk act in the order they were given."""
    query = select(BulkItem).where(BulkItem.job_id == job_id).order_by(col(BulkItem.number))
    return (await session.exec(query)).all()
