"""Every save and every act, immutable; and the unsaved words of whoever is typing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, tuple_
from sqlalchemy.orm import aliased, defer
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import Content
from services.publishing.storage.base import Json, Table, add_rows, json_object, maybe_json, moment


class Revision(Table, table=True):
    """Who made an article what it was, when, why and from which base.

    `act` is `ingest`, `create`, `save`, `restore_words`, `take`, `withdrawn` or a verb. `content` is None where an act
    changed no word: then the content is that of `words_of`.
    """

    __tablename__ = "revisions"

    article_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    base: int | None = None
    words_of: int
    act: str
    state: str
    by_id: str
    by_name: str
    note: str | None = None
    content: Json | None = maybe_json()
    made_at: datetime = moment()


class Autosave(Table, table=True):
    """What somebody typed and has not saved: one an article and person; never public, never anybody else's."""

    __tablename__ = "autosaves"

    article_id: UUID = Field(primary_key=True)
    by_id: str = Field(primary_key=True)
    base: int
    changes: Json = json_object()
    kept_at: datetime = moment()


_CONTENT: Any = Revision.content
_WORDLESS = defer(_CONTENT)


async def add_revisions(session: AsyncSession, rows: Sequence[Revision]) -> None:
    """Append revisions in one statement. Two of one article and number cannot be: the second raises IntegrityError."""
    if rows:
        await add_rows(session, Revision, [row.model_dump() for row in rows])


async def find_revision(session: AsyncSession, article_id: UUID, number: int) -> Revision | None:
    """One revision, with or without words of its own."""
    return await session.get(Revision, (article_id, number))


async def content_at(session: AsyncSession, article_id: UUID, number: int) -> Content | None:
    """The content an article had at a revision; None where there is no such revision."""
    return (await contents_at(session, [(article_id, number)])).get(article_id)


async def contents_at(session: AsyncSession, places: Sequence[tuple[UUID, int]]) -> dict[UUID, Content]:
    """The content each article had at the given revision, one an article."""
    if not places:
        return {}
    words = aliased(Revision)
    same = and_(col(words.article_id) == Revision.article_id, col(words.number) == Revision.words_of)
    query = select(words.article_id, words.content).join(Revision, same)
    query = query.where(tuple_(col(Revision.article_id), col(Revision.number)).in_(list(places)))
    return {article_id: Content.model_validate(content) for article_id, content in await session.exec(query)}


async def list_revisions(
    session: AsyncSession, article_id: UUID, *, before: int | None = None, limit: int = 50
) -> Sequence[Revision]:
    """An article's revisions, newest first, without their words."""
    query = select(Revision).where(Revision.article_id == article_id).options(_WORDLESS)
    if before is not None:
        query = query.where(Revision.number < before)
    return (await session.exec(query.order_by(col(Revision.number).desc()).limit(limit))).all()


async def list_autosaves(session: AsyncSession, article_id: UUID, by_id: str | None) -> Sequence[Autosave]:
    """Unsaved words of one article, newest first; of one person where asked."""
    query = select(Autosave).where(Autosave.article_id == article_id)
    if by_id is not None:
        query = query.where(Autosave.by_id == by_id)
    return (await session.exec(query.order_by(col(Autosave.kept_at).desc()))).all()


async def drop_autosave(session: AsyncSession, article_id: UUID, by_id: str) -> None:
    """Forget one person's unsaved words of one article."""
    await session.exec(delete(Autosave).where(col(Autosave.article_id) == article_id, col(Autosave.by_id) == by_id))
