"""Who subscribes, and what is on its way to whom: subscriptions, their deliveries, and replays to one of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Index, Text, delete, func, or_, text, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Json, Table, json_list, json_object, maybe_moment, moment

COURIERS = 8_274_051  # the advisory locks that say which couriers live
_LIVING = """
    SELECT CAST(objid AS text) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND classid = :lock AND objsubid = 2 AND datname = current_database()
"""
_ADDED = {
    "id": "uuid",
    "subscription_id": "uuid",
    "position": "bigint",
    "run": "bigint",
    "event_id": "text",
    "type": "text",
    "article_id": "text",
    "origin": "text",
    "body": "text",
    "due_at": "timestamptz",
    "created_at": "timestamptz",
}
# One statement whatever the number: rows as VALUES would be compiled anew for each number of them.
_ADD = text(f"""
    INSERT INTO deliveries ({", ".join(_ADDED)}, state, attempts, log)
    SELECT {", ".join(_ADDED)}, 'waiting', 0, '[]'
    FROM unnest({", ".join(f"CAST(:all_{name} AS {kind}[])" for name, kind in _ADDED.items())})
        AS added ({", ".join(_ADDED)})
    ON CONFLICT (subscription_id, position, run) DO NOTHING
""")  # noqa: S608  # its parts are the constants above
_NOTED = text("""
    UPDATE deliveries SET state = became, attempts = attempts + 1, log = log || line, due_at = coalesce(due, due_at),
        delivered_at = CASE WHEN became = 'delivered' THEN CAST(:at AS timestamptz) END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS jsonb[]), CAST(:states AS text[]), CAST(:dues AS timestamptz[]))
        AS tried (key, line, became, due)
    WHERE id = key AND state = 'waiting' RETURNING id
""")


class Tried(NamedTuple):
    """What an attempt made of its delivery: a line (JSON) for its log, its state, and when it is due again."""

    line: str
    state: str
    due: datetime | None = None


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


class Delivery(Table, table=True):
    """One entry on its way to one subscription. `state`: waiting, delivered, exhausted or cancelled.

    `origin` is live, replay, resend or test; `run` keeps repetitions of one position apart (0 for live). A test carries
    its own `body`; every other body is the entry itself, read from the log.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_once", "subscription_id", "position", "run", unique=True),
        Index(
            "ix_deliveries_waiting", "subscription_id", "run", "position", postgresql_where=text("state = 'waiting'")
        ),
        Index("ix_deliveries_due", "subscription_id", "due_at", "position", postgresql_where=text("state = 'waiting'")),
        Index("ix_deliveries_article", "article_id"),
        Index("ix_deliveries_done", "created_at", postgresql_where=text("state <> 'waiting'")),
    )

    id: UUID = Field(primary_key=True)
    subscription_id: UUID
    position: int = Field(sa_type=BigInteger)
    run: int = Field(default=0, sa_type=BigInteger)
    event_id: str
    type: str
    article_id: str
    origin: str = "live"
    body: str | None = Field(default=None, sa_type=Text)
    state: str = "waiting"
    attempts: int = 0
    due_at: datetime = moment()
    log: list[Json] = json_list()
    delivered_at: datetime | None = maybe_moment()
    created_at: datetime = moment()


class Replay(Table, table=True):
    """A part of the log sent again to one subscription, at `rate` entries a second at most.

    `state`: running, paused, done or cancelled. `next_position` is where it goes on; `sent` of `total` are queued.
    """

    __tablename__ = "replays"

    id: UUID = Field(primary_key=True)
    subscription_id: UUID = Field(index=True)
    run: int = Field(sa_type=BigInteger)
    first_position: int = Field(sa_type=BigInteger)
    last_position: int = Field(sa_type=BigInteger)
    next_position: int = Field(sa_type=BigInteger)
    filters: Json = json_object()
    rate: int = 100
    total: int = 0
    sent: int = 0
    state: str = "running"
    created_by: str
    created_at: datetime = moment()
    due_at: datetime = moment(index=True)
    done_at: datetime | None = maybe_moment()


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


async def add_deliveries(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Put entries on their way; one that is already (same subscription, position and run) stays as it is."""
    if rows:
        await session.execute(_ADD, {f"all_{name}": [row.get(name) for row in rows] for name in _ADDED})


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


async def next_waiting(session: AsyncSession, row: Subscription, limit: int) -> Sequence[Delivery]:
    """What a lane has to do next: in order of run and position, or where it is parallel in order of time."""
    query = select(Delivery).where(Delivery.subscription_id == row.id, Delivery.state == "waiting")
    if row.ordering == "parallel":
        query = query.order_by(col(Delivery.due_at), col(Delivery.position))
    else:
        query = query.order_by(col(Delivery.run), col(Delivery.position))
    return (await session.exec(query.limit(limit))).all()


async def note_attempts(session: AsyncSession, tried: dict[UUID, Tried], at: datetime) -> set[UUID]:
    """These were tried once more. Answers those that were still waiting to be."""
    lines, states, dues = zip(*tried.values(), strict=True)
    facts = {"ids": list(tried), "lines": list(lines), "states": list(states), "dues": list(dues), "at": at}
    return {row.id for row in await session.execute(_NOTED, facts)}


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


async def cancel_waiting(session: AsyncSession, subscription_id: UUID, *, run: int | None = None) -> int:
    """Call off what waits for a subscription, all or one run; how many."""
    query = update(Delivery).where(col(Delivery.subscription_id) == subscription_id, col(Delivery.state) == "waiting")
    if run is not None:
        query = query.where(col(Delivery.run) == run)
    return int((await session.execute(query.values(state="cancelled"))).rowcount)  # type: ignore[attr-defined]  # a CursorResult


async def count_waiting(session: AsyncSession, keys: Iterable[UUID]) -> dict[UUID, int]:
    """How many deliveries wait for each subscription; those with none are missing."""
    query = select(Delivery.subscription_id, func.count()).where(col(Delivery.subscription_id).in_(list(keys)))
    query = query.where(Delivery.state == "waiting").group_by(col(Delivery.subscription_id))
    return dict((await session.exec(query)).all())


async def list_deliveries(
    session: AsyncSession,
    subscription_id: UUID,
    *,
    state: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Delivery]:
    """The delivery log of a subscription, newest first."""
    query = select(Delivery).where(Delivery.subscription_id == subscription_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if after is not None:
        query = query.where(text("(created_at, id) < (:at, :key)").bindparams(at=after[0], key=after[1]))
    query = query.order_by(col(Delivery.created_at).desc(), col(Delivery.id).desc()).limit(limit)
    return (await session.exec(query)).all()


async def find_delivery(session: AsyncSession, key: UUID) -> Delivery | None:
    """One delivery."""
    return await session.get(Delivery, key)


async def deliveries_of(session: AsyncSession, article_id: str, limit: int = 1000) -> Sequence[Delivery]:
    """Every delivery that told of an article, newest first."""
    query = select(Delivery).where(Delivery.article_id == article_id).order_by(col(Delivery.position).desc())
    return (await session.exec(query.limit(limit))).all()


async def forget_deliveries(session: AsyncSession, before: datetime, most: int = 5000) -> int:
    """Drop the log of deliveries that came to an end before then; how many. Who has what stays in the ledger."""
    old = select(Delivery.id).where(Delivery.state != "waiting", col(Delivery.created_at) < before).limit(most)
    done = await session.execute(delete(Delivery).where(col(Delivery.id).in_(old)))
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE answers a CursorResult


async def delete_subscription(session: AsyncSession, key: UUID) -> None:
    """Forget a subscription and what waits for it; its deliveries stay, as proof of who got what."""
    await cancel_waiting(session, key)
    await session.execute(delete(Replay).where(col(Replay.subscription_id) == key))
    await session.execute(delete(Subscription).where(col(Subscription.id) == key))


async def is_replay_due(session: AsyncSession, now: datetime) -> bool:
    """Whether the next second of a running replay has come."""
    query = select(Replay.id).where(Replay.state == "running", col(Replay.due_at) <= now).limit(1)
    return (await session.exec(query)).first() is not None


async def take_replays(session: AsyncSession, now: datetime, limit: int = 20) -> Sequence[Replay]:
    """Running replays whose next second has come, locked against other replicas."""
    query = select(Replay).where(Replay.state == "running", col(Replay.due_at) <= now)
    return (await session.exec(query.limit(limit).with_for_update(skip_locked=True))).all()


async def list_replays(session: AsyncSession, subscription_id: UUID) -> Sequence[Replay]:
    """A subscription's replays, newest first."""
    query = select(Replay).where(Replay.subscription_id == subscription_id).order_by(col(Replay.created_at).desc())
    return (await session.exec(query.limit(100))).all()


async def find_replay(session: AsyncSession, key: UUID) -> Replay | None:
    """One replay, locked for change."""
    return await session.get(Replay, key, with_for_update=True)


async def first_waiting(session: AsyncSession, subscription_id: UUID) -> int | None:
    """The lowest position that waits for a subscription among its live deliveries."""
    query = select(func.min(Delivery.position)).where(
        Delivery.subscription_id == subscription_id, Delivery.state == "waiting", Delivery.run == 0
    )
    return (await session.exec(query)).one()
