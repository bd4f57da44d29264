"""Queries on the moderators' queue."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, true
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage.tables import Comment, Decision


class Waiting(NamedTuple):
    """A comment in the queue with the reasons of its last decision and its place."""

    comment: Comment
    reasons: list[dict[str, object]]
    rank: float


def _rank(now: datetime) -> ColumnElement[float]:
    """Risk × reports × waiting: each hour waited adds a tenth, each report's weight as much as the risk itself."""
    hours = func.extract("epoch", literal(now) - col(Comment.queued_at)) / 3600.0
    return (col(Comment.risk) + 0.05) * (1.0 + col(Comment.report_weight)) * (1.0 + 0.1 * func.greatest(hours, 0.0))


async def waiting(
    session: AsyncSession, now: datetime, most: int, after: tuple[float, UUID] | None = None, *, free_only: bool = False
) -> list[Waiting]:
    """The queue, the most urgent first; `after` is the last (rank, id) seen. `now` must stay the same while paging."""
    rank = _rank(now).label("rank")
    query = (
        select(Comment, Decision.reasons, rank)  # type: ignore[call-overload]  # SQLModel types columns as plain values
        .outerjoin(Decision, col(Decision.id) == col(Comment.decision_id))
        .where(col(Comment.queued_at).is_not(None))
        .order_by(rank.desc(), col(Comment.id))
        .limit(most)
    )
    if free_only:
        query = query.where(col(Comment.lease_until).is_(None) | (col(Comment.lease_until) <= now))
    if after is not None:
        query = query.where((_rank(now) < after[0]) | ((_rank(now) == after[0]) & (col(Comment.id) > after[1])))
    return [Waiting(*row) for row in await session.execute(query)]


async def length(session: AsyncSession, now: datetime) -> dict[str, int]:
    """How many wait, and how many of those somebody holds."""
    held = func.count().filter(col(Comment.lease_until) > now)
    query = select(func.count(), held).where(col(Comment.queued_at).is_not(None)).where(true())
    total, leased = (await session.execute(query)).one()
    return {"waiting": int(total), "leased": int(leased)}
