"""Who subscribes, and which of their lanes are due: leased by one process at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Index, delete, func, or_, text, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Json, Table, json_object, maybe_moment, moment

COURIERS = 8_274_051  # the advisory locks that say which couriers live

_LIVING = """
    SELECT CAST(objid AS text) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND classid = :lock AND objsubid = 2 AND datname = current_database()
"""


class Subscription(Table, table=True):
    """A webhook that gets every wanted entry of the log.

    `routed` is the last position that was looked at and turned into deliveries. `state`: active, paused (by a person or
    after five days of failures; nothing is lost, the backlog flows when it is resumed) or disabled (the endpoint said
    410 Gone). `due_at` is when its lane has something to do: the moment of its next attempt, None where nothing waits.
    `leased_by` is the number of the process that is delivering now (see outlets/presence.py).
    """

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),)

    id: UUID = Field(primary_key=True)
    name: str
    owner: str = Field(index=True)
    url: str
    filters: Json = json_object()
    payload: str = "full"
    ordering: str = "ordered"
    state: str = "active"
    notice: str | None = None
    secret: str
    old_secret: str | None = None
    old_secret_until: datetime | None = maybe_moment()
    private_key: str
    routed: int = Field(default=0, sa_type=BigInteger)
    acked: int = Field(default=0, sa_type=BigInteger)
    acked_at: datetime | None = maybe_moment()
    failing_since: datetime | None = maybe_moment()
    last_success_at: datetime | None = maybe_moment()
    due_at: datetime | None = maybe_moment()
    lease_until: datetime | None = maybe_moment()
    leased_by: str | None = None
    created_at: datetime = moment()
    updated_at: datetime = moment()


async def find_subscription(session: AsyncSession, key: UUID, *, lock: bool = False) -> Subscription | None:
    """One subscription, locked for change where asked."""
    return await session.get(Subscription, key, with_for_update=lock or None)


async def list_subscriptions(
    session: AsyncSession, owner: str | None = None, *, after: UUID | None = None, limit: int = 100
) -> Sequence[Subscription]:
    """Subscriptions by id (oldest first), all or one owner's."""
    query = select(Subscription).order_by(col(Subscription.id)).limit(limit)
    if owner is not None:
        query = query.where(Subscription.owner == owner)
    if after is not None:
        query = query.where(col(Subscription.id) > after)
    return (await session.exec(query)).all()


async def unrouted(session: AsyncSession, head: int, limit: int = 200) -> Sequence[UUID]:
    """Active subscriptions that have not looked at the log up to `head`."""
    query = select(Subscription.id).where(Subscription.state == "active", Subscription.routed < head)
    return (await session.exec(query.order_by(col(Subscription.routed)).limit(limit))).all()


async def take_unrouted(session: AsyncSession, keys: Iterable[UUID], head: int) -> Sequence[Subscription]:
    """Those of them that still have not, locked against other replicas; one that is locked now is left for later."""
    query = select(Subscription).where(col(Subscription.id).in_(list(keys)), Subscription.state == "active")
    query = query.where(Subscription.routed < head).order_by(col(Subscription.routed))
    return (await session.exec(query.with_for_update(skip_locked=True))).all()


def wake_lane(row: Subscription, now: datetime) -> None:
    """Something new is due. An ordered lane that waits for a retry goes on waiting: the new stands behind it."""
    if row.due_at is None or row.ordering == "parallel":
        row.due_at = now


async def wake_lanes(session: AsyncSession, keys: Iterable[UUID], now: datetime) -> None:
    """Let these lanes look again, whatever they wait for."""
    query = update(Subscription).where(col(Subscription.id).in_(list(keys)))
    await session.execute(query.values(due_at=now))


async def take_lanes(
    session: AsyncSession, by: str, now: datetime, lease: timedelta, limit: int, failing: int
) -> list[Subscription]:
    """Lease subscriptions that are due and that nobody living delivers to; of those that fail at most `failing`."""
    query = select(Subscription).where(Subscription.state == "active", col(Subscription.due_at) <= now, _free(now))
    query = query.order_by(col(Subscription.failing_since).is_not(None), col(Subscription.due_at)).limit(limit)
    found = (await session.exec(query.with_for_update(skip_locked=True))).all()
    well = [row for row in found if row.failing_since is None]
    taken = [*well, *[row for row in found if row.failing_since is not None][: max(0, failing)]]
    for row in taken:
        row.lease_until, row.leased_by = now + lease, by
    return taken


async def soonest_due(session: AsyncSession, now: datetime) -> datetime | None:
    """When the next lane is due that nobody living delivers to."""
    query = select(func.min(Subscription.due_at)).where(Subscription.state == "active", _free(now))
    return (await session.exec(query)).one()


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(
        col(Subscription.lease_until).is_(None),
        col(Subscription.lease_until) < now,
        text("leased_by NOT IN (" + _LIVING + ")").bindparams(lock=COURIERS),
    )


async def delete_subscription(session: AsyncSession, key: UUID) -> None:
    """Forget a subscription."""
    await session.execute(delete(Subscription).where(col(Subscription.id) == key))
