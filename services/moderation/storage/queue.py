"""Queries on the moderators' queue."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, update
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


async def held(session: AsyncSession, who: str, now: datetime) -> list[Waiting]:
    """What a moderator holds, the most urgent first; what only the audit picked comes last."""
    rank = func.coalesce(_rank(now), 0.0).label("rank")
    query = (
        select(Comment, Decision.reasons, rank)  # type: ignore[call-overload]  # SQLModel types columns as plain values
        .outerjoin(Decision, col(Decision.id) == col(Comment.decision_id))
        .where(col(Comment.lease_by) == who, col(Comment.lease_until) > now)
        .order_by(rank.desc(), col(Comment.id))
    )
    return [Waiting(*row) for row in await session.execute(query)]


async def length(session: AsyncSession, now: datetime) -> dict[str, int]:
    """How many wait, and how many of those somebody holds."""
    held = func.count().filter(col(Comment.lease_until) > now)
    query = select(func.count(), held).where(col(Comment.queued_at).is_not(None))
    total, leased = (await session.execute(query)).one()
    return {"waiting": int(total), "leased": int(leased)}


async def claim(
    session: AsyncSession, who: str, now: datetime, until: datetime, ranked: int, unsure: int, audit: int
) -> list[Comment]:
    """Lease comments to a moderator, skipping what others hold: the most urgent, the least certain, and a random audit.

    The audit takes what the machine approved in the last day, so that what leaks is measured and not only what waits.
    """
    free = col(Comment.lease_until).is_(None) | (col(Comment.lease_until) <= now)
    waits = col(Comment.queued_at).is_not(None)
    unsureness = func.abs(func.coalesce(col(Comment.score), 0.5) - 0.5)
    audited = (col(Comment.state) == "approve") & (col(Comment.decided_by) == "machine")
    recent = col(Comment.decided_at) > now - timedelta(days=1)
    picks: list[tuple[ColumnElement[bool], Any, int]] = [
        (waits, (_rank(now).desc(), col(Comment.id)), ranked),
        (waits, (unsureness, col(Comment.id)), unsure),
        (audited & recent & ~waits, (func.random(),), audit),
    ]
    taken: list[Comment] = []
    for condition, order, most in picks:
        if most <= 0:
            continue
        mine = [comment.id for comment in taken]
        query = select(Comment).where(condition, free, col(Comment.id).not_in(mine)).order_by(*order).limit(most)
        taken += (await session.execute(query.with_for_update(skip_locked=True))).scalars().all()
    change = update(Comment).where(col(Comment.id).in_([c.id for c in taken])).values(lease_by=who, lease_until=until)
    await session.execute(change)
    return taken


async def release(session: AsyncSession, who: str, ids: Sequence[UUID]) -> int:
    """Give leases back; only one's own. How many were."""
    change = (
        update(Comment)
        .where(col(Comment.id).in_(list(ids)), col(Comment.lease_by) == who)
        .values(lease_by=None, lease_until=None)
        .returning(col(Comment.id))
    )
    return len((await session.execute(change)).all())


async def counts(session: AsyncSession, now: datetime) -> dict[str, int]:
    """How many comments stand in each state, wait for a person, and are leased: counted, never kept."""
    by_state = await session.execute(select(col(Comment.state), func.count()).group_by(col(Comment.state)))
    states = {f"state_{state}": count for state, count in by_state}
    return {**states, **await length(session, now)}
