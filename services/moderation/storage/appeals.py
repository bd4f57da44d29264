"""Queries on appeals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage.tables import Appeal


async def open_one(session: AsyncSession, row: dict[str, Any]) -> bool:
    """Keep an appeal; False when one on that comment is open already."""
    new = insert(Appeal).values(**row).on_conflict_do_nothing().returning(col(Appeal.id))
    return (await session.execute(new)).first() is not None


async def get(session: AsyncSession, appeal_id: UUID, *, lock: bool = False) -> Appeal | None:
    """One appeal."""
    query = select(Appeal).where(col(Appeal.id) == appeal_id)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def of_decision(session: AsyncSession, decision_id: UUID) -> Appeal | None:
    """The appeal against a decision, if there was one."""
    return (await session.execute(select(Appeal).where(col(Appeal.decision_id) == decision_id))).scalar_one_or_none()


async def waiting(session: AsyncSession, most: int, after: tuple[datetime, UUID] | None = None) -> Sequence[Appeal]:
    """Open appeals, the nearest deadline first."""
    query = (
        select(Appeal).where(col(Appeal.outcome).is_(None)).order_by(col(Appeal.deadline), col(Appeal.id)).limit(most)
    )
    if after is not None:
        deadline, last = after
        query = query.where(
            (col(Appeal.deadline) > deadline) | ((col(Appeal.deadline) == deadline) & (col(Appeal.id) > last))
        )
    return (await session.execute(query)).scalars().all()


async def count_open(session: AsyncSession) -> int:
    """How many appeals wait for an answer."""
    return int((await session.execute(select(func.count()).where(col(Appeal.outcome).is_(None)))).scalar_one())


async def close(session: AsyncSession, appeal_id: UUID, outcome: str, answer: str, by: str, now: datetime) -> None:
    """Give an appeal its outcome."""
    change = update(Appeal).where(col(Appeal.id) == appeal_id)
    await session.execute(change.values(outcome=outcome, answer=answer, decided_by=by, decided_at=now))
