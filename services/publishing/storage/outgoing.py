"""What is due to leave: publications that wait for their moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.articles import Article
from services.publishing.storage.base import Json, Table, maybe_json, moment


class Due(Table, table=True):
    """A publication that waits for its moment: a schedule, an embargo, the seconds of an undo, an enrichment.

    `revision` is the content that will leave. One an article: the newest replaces the one before.
    """

    __tablename__ = "due"

    article_id: UUID = Field(primary_key=True)
    due_at: datetime = moment(index=True)
    revision: int
    verb: str  # publish, correct or update
    waits_for: str  # schedule, embargo, undo or enrichment
    note: str | None = None
    correction: Json | None = maybe_json()
    by_id: str
    by_name: str
    back_to: str  # the state if it is called off


async def is_due(session: AsyncSession, now: datetime) -> bool:
    """Whether anything is due."""
    return (await session.exec(select(Due.article_id).where(Due.due_at <= now).limit(1))).first() is not None


async def lock_due(session: AsyncSession, now: datetime, limit: int) -> list[Article]:
    """Articles with something due, held; those somebody else holds are left for the next look."""
    query = select(Article).join(Due, col(Due.article_id) == Article.id).where(Due.due_at <= now)
    query = query.order_by(col(Article.id)).limit(limit).with_for_update(of=Article, skip_locked=True)
    return list((await session.exec(query)).all())


async def due_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Due]:
    """What waits to go out, by article. Read it after locking the articles."""
    query = select(Due).where(col(Due.article_id).in_(list(ids))).execution_options(populate_existing=True)
    return {due.article_id: due for due in (await session.exec(query)).all()}


async def put_due(session: AsyncSession, rows: Sequence[Due]) -> None:
    """Let these wait, each in place of what waited for its article before."""
    if not rows:
        return
    put = pg_insert(Due).values([row.model_dump() for row in rows])
    changed = {name: put.excluded[name] for name in Due.model_fields if name != "article_id"}
    await session.exec(put.on_conflict_do_update(index_elements=["article_id"], set_=changed))


async def drop_due(session: AsyncSession, ids: Iterable[UUID]) -> None:
    """Nothing waits for these any more."""
    await session.exec(delete(Due).where(col(Due.article_id).in_(list(ids))))
