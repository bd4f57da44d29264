"""Queries about sources and their schedule."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.ingest.storage.tables import Article, Fetch, Payload, Source


async def add(session: AsyncSession, values: dict[str, Any]) -> Source | None:
    """Add a source; None where its name or address is taken."""
    query = pg_insert(Source).values(values).on_conflict_do_nothing().returning(Source)
    return (await session.execute(query)).scalar_one_or_none()


async def source(session: AsyncSession, source_id: UUID, *, lock: bool = False) -> Source | None:
    """One source, locked when it is going to be changed."""
    query = select(Source).where(col(Source.id) == source_id)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def named(session: AsyncSession, name: str) -> Source | None:
    """The source of that name."""
    return (await session.execute(select(Source).where(col(Source.name) == name))).scalar_one_or_none()


async def at_address(session: AsyncSession, url: str) -> Source | None:
    """The source at that address."""
    return (await session.execute(select(Source).where(col(Source.url) == url))).scalar_one_or_none()


async def listed(session: AsyncSession, after: str | None, limit: int, status: str | None = None) -> list[Source]:
    """Sources by name, from after one name on."""
    query = select(Source).order_by(col(Source.name)).limit(limit)
    if after is not None:
        query = query.where(col(Source.name) > after)
    if status is not None:
        query = query.where(col(Source.status) == status)
    return list((await session.execute(query)).scalars())


async def change(session: AsyncSession, source_id: UUID, values: dict[str, Any]) -> None:
    """Change a source."""
    await session.execute(update(Source).where(col(Source.id) == source_id).values(**values))


async def remove(session: AsyncSession, gone: Source) -> None:
    """Remove a source; its articles and its fetch log stay."""
    await session.delete(gone)


async def take_due(session: AsyncSession, now: datetime, limit: int, lease: timedelta, lane: str) -> list[Source]:
    """Lease up to `limit` due sources of a lane to this process.

    What others are looking at is skipped, what they dropped is taken.
    """
    due = (
        select(col(Source.id))
        .where(
            col(Source.status) == "active",
            col(Source.kind) != "push",
            col(Source.lane) == lane,
            col(Source.next_at) <= now,
            or_(col(Source.leased_until).is_(None), col(Source.leased_until) < now),
        )
        .order_by(col(Source.next_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    query = (
        update(Source)
        .where(col(Source.id).in_(due.scalar_subquery()))
        .values(leased_until=now + lease)
        .returning(Source)
    )
    return list((await session.execute(query)).scalars())


async def hubs_due(session: AsyncSession, now: datetime, limit: int) -> list[Source]:
    """Sources that name a hub and whose subscription is missing or about to end."""
    query = (
        select(Source)
        .where(
            col(Source.status) == "active",
            col(Source.hub).is_not(None),
            or_(col(Source.hub_renew_at).is_(None), col(Source.hub_renew_at) <= now),
            or_(col(Source.hub_state).is_(None), col(Source.hub_state) != "refused"),
        )
        .order_by(col(Source.hub_renew_at).nulls_first())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list((await session.execute(query)).scalars())


async def log_fetch(session: AsyncSession, values: dict[str, Any]) -> None:
    """Write down one attempt."""
    session.add(Fetch(**values))
    await session.flush()


async def fetches(
    session: AsyncSession, before: tuple[datetime, UUID] | None, limit: int, source_id: UUID | None, outcome: str | None
) -> list[Fetch]:
    """The fetch log, newest first."""
    query = select(Fetch).order_by(col(Fetch.at).desc(), col(Fetch.id).desc()).limit(limit)
    if before is not None:
        older = and_(col(Fetch.at) == before[0], col(Fetch.id) < before[1])
        query = query.where(or_(col(Fetch.at) < before[0], older))
    if source_id is not None:
        query = query.where(col(Fetch.source_id) == source_id)
    if outcome is not None:
        query = query.where(col(Fetch.outcome) == outcome)
    return list((await session.execute(query)).scalars())


async def archive(session: AsyncSession, values: dict[str, Any]) -> UUID:
    """Keep a raw document, once per source and content."""
    query = select(col(Payload.id)).where(
        col(Payload.source_id) == values["source_id"], col(Payload.sha256) == values["sha256"]
    )
    known: UUID | None = (await session.execute(query.limit(1))).scalar_one_or_none()
    if known is not None:
        return known
    session.add(Payload(**values))
    await session.flush()
    kept: UUID = values["id"]
    return kept


async def payloads(session: AsyncSession, source_id: UUID | None, after: UUID | None, limit: int) -> list[Payload]:
    """Archived documents in the order they came (their ids grow with time)."""
    query = select(Payload).order_by(col(Payload.id)).limit(limit)
    if source_id is not None:
        query = query.where(col(Payload.source_id) == source_id)
    if after is not None:
        query = query.where(col(Payload.id) > after)
    return list((await session.execute(query)).scalars())


async def count_payloads(session: AsyncSession, source_id: UUID | None) -> tuple[int, int]:
    """How many documents are archived, and their bytes before compression."""
    query = select(func.count(), func.coalesce(func.sum(col(Payload.size)), 0))
    if source_id is not None:
        query = query.where(col(Payload.source_id) == source_id)
    count, size = (await session.execute(query)).one()
    return int(count), int(size)


async def forget_before(session: AsyncSession, moment: datetime, limit: int) -> int:
    """Remove old payloads and log lines, a bounded number at a time; how many went."""
    gone = 0
    for table in (Payload, Fetch):
        old = select(col(table.id)).where(col(table.at) < moment).limit(limit).scalar_subquery()
        gone += len((await session.execute(delete(table).where(col(table.id).in_(old)).returning(col(table.id)))).all())
    return gone


async def story_totals(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many articles each of these sources has given."""
    query = (
        select(col(Article.source_id), func.count())
        .where(col(Article.source_id).in_(ids))
        .group_by(col(Article.source_id))
    )
    return {row[0]: row[1] for row in await session.execute(query)}
