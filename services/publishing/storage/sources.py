"""What sources sent, revision by revision, so that a change can be offered as a diff."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.articles import Article
from services.publishing.storage.base import Json, Table, columns_of, json_list, json_object, moment


class SourceVersion(Table, table=True):
    """One revision of an article as its source sent it, kept so that a change can be offered as a diff."""

    __tablename__ = "source_versions"

    article_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    change: str
    changes: list[str] = json_list()
    content: Json = json_object()
    evidence: Json = json_object()
    received_at: datetime = moment()


async def add_source_versions(session: AsyncSession, rows: Sequence[SourceVersion]) -> set[tuple[UUID, int]]:
    """Keep what sources sent; (article, revision) of those that were not known yet."""
    if not rows:
        return set()
    table = columns_of(SourceVersion)
    put = pg_insert(table).on_conflict_do_nothing().returning(table.c.article_id, table.c.revision)
    added = await session.execute(put, [row.model_dump() for row in rows])
    return {(article_id, revision) for article_id, revision in added}


async def find_source_version(session: AsyncSession, article_id: UUID, revision: int) -> SourceVersion | None:
    """One revision of an article as its source sent it."""
    return await session.get(SourceVersion, (article_id, revision))


async def latest_ingested(session: AsyncSession, limit: int) -> Sequence[tuple[Article, SourceVersion]]:
    """The articles that came in last, each as its source sent it then."""
    newest = col(SourceVersion.revision) == Article.source_revision
    query = select(Article, SourceVersion).join(
        SourceVersion, and_(col(SourceVersion.article_id) == Article.id, newest)
    )
    query = query.where(col(Article.source_id).is_not(None)).order_by(col(Article.id).desc()).limit(limit)
    return (await session.exec(query)).all()
