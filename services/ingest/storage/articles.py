"""Queries about articles, their names and their revisions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, any_, cast, func, insert, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.ingest.storage.tables import Alias, Article, Revision

_CANDIDATES = 5


async def known_names(session: AsyncSession, source_id: UUID, keys: Iterable[str]) -> dict[str, UUID]:
    """The articles of a source by the names they go by."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    query = select(col(Alias.key), col(Alias.article_id)).where(
        col(Alias.source_id) == source_id, col(Alias.key).in_(wanted)
    )
    return {row.key: row.article_id for row in await session.execute(query)}


async def claim_names(session: AsyncSession, source_id: UUID, names: dict[str, UUID]) -> dict[str, UUID]:
    """Give names to articles; returns those really given. A name that another writer took a moment ago stays theirs."""
    if not names:
        return {}
    rows = [
        {"source_id": source_id, "key": key, "article_id": names[key]} for key in sorted(names)
    ]  # one order: no deadlock
    query = pg_insert(Alias).values(rows).on_conflict_do_nothing().returning(col(Alias.key), col(Alias.article_id))
    return {row.key: row.article_id for row in await session.execute(query)}


async def move_names(session: AsyncSession, old: UUID, new: UUID) -> None:
    """Let one article answer to the names of another."""
    await session.execute(update(Alias).where(col(Alias.article_id) == old).values(article_id=new))


async def locked(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Article]:
    """Articles by id, locked against other writers, in one order."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = select(Article).where(col(Article.id).in_(wanted)).order_by(col(Article.id)).with_for_update()
    return {article.id: article for article in (await session.execute(query)).scalars()}


async def lookalikes(session: AsyncSession, source_id: UUID, sketch: Sequence[int], since: datetime) -> list[Article]:
    """Articles of the source whose sketch shares a hash with this one, the most alike first."""
    mine = cast(literal(list(sketch), ARRAY(BigInteger)), ARRAY(BigInteger))
    number = func.unnest(col(Article.sketch)).column_valued("number")
    shared = select(func.count(number)).where(number == any_(mine)).correlate(Article).scalar_subquery()
    query = (
        select(Article)
        .where(
            col(Article.source_id) == source_id, col(Article.sketch).op("&&")(mine), col(Article.ingested_at) >= since
        )
        .order_by(shared.desc(), col(Article.ingested_at).desc())
        .limit(_CANDIDATES)
    )
    return list((await session.execute(query)).scalars())


async def add(session: AsyncSession, articles: list[dict[str, Any]], revisions: list[dict[str, Any]]) -> None:
    """Keep new articles, and revisions of new and known ones."""
    if articles:
        await session.execute(insert(Article), articles)
    if revisions:
        await session.execute(insert(Revision), revisions)


async def rewrite(session: AsyncSession, article_id: UUID, values: dict[str, Any]) -> None:
    """Change what is known of an article."""
    await session.execute(update(Article).where(col(Article.id) == article_id).values(**values))


async def entry_hashes(session: AsyncSession, source_id: UUID, keys: Iterable[str]) -> dict[str, str | None]:
    """For names that are known: the hash of the feed entry that was last followed to its page."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    query = (
        select(col(Alias.key), col(Article.entry_hash))
        .join(Article, col(Article.id) == col(Alias.article_id))
        .where(tuple_(col(Alias.source_id), col(Alias.key)).in_([(source_id, key) for key in wanted]))
    )
    return {row.key: row.entry_hash for row in await session.execute(query)}


async def entry_marks(session: AsyncSession, source_id: UUID, limit: int) -> frozenset[str]:
    """The marks of the feed entries that the newest stories of a source came from."""
    query = (
        select(col(Article.entry_mark))
        .where(
            col(Article.source_id) == source_id,
            col(Article.entry_mark).is_not(None),
            col(Article.withdrawn_at).is_(None),
        )
        .order_by(col(Article.ingested_at).desc())
        .limit(limit)
    )
    return frozenset((await session.execute(query)).scalars())


async def article(session: AsyncSession, article_id: UUID) -> Article | None:
    """One article."""
    return await session.get(Article, article_id)


async def revisions_of(session: AsyncSession, article_id: UUID) -> list[Revision]:
    """All revisions of an article, oldest first."""
    query = select(Revision).where(col(Revision.article_id) == article_id).order_by(col(Revision.revision))
    return list((await session.execute(query)).scalars())


async def latest_story_dates(session: AsyncSession, source_id: UUID, limit: int = 30) -> list[datetime]:
    """When the newest stories of a source came: published where known, else ingested."""
    moment = func.coalesce(col(Article.published_at), col(Article.ingested_at))
    query = (
        select(moment).where(col(Article.source_id) == source_id).order_by(col(Article.ingested_at).desc()).limit(limit)
    )
    return list((await session.execute(query)).scalars())
