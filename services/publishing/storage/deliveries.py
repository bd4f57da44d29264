"""What is on its way to whom, and what became of it: the entries of each subscription, one by one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, delete, func, text, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Json, Table, json_list, maybe_moment, moment
from services.publishing.storage.subscriptions import Subscription

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


async def add_deliveries(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Put entries on their way; one that is already (same subscription, position and run) stays as it is."""
    if rows:
        await session.execute(_ADD, {f"all_{name}": [row.get(name) for row in rows] for name in _ADDED})


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


async def count_waiting(session: AsyncSession, keys: Iterable[UUID]) -> dict[UUID, int]:
    """How many deliveries wait for each subscription; those with none are missing."""
    query = select(Delivery.subscription_id, func.count()).where(col(Delivery.subscription_id).in_(list(keys)))
    query = query.where(Delivery.state == "waiting").group_by(col(Delivery.subscription_id))
    return dict((await session.exec(query)).all())


async def first_waiting(session: AsyncSession, subscription_id: UUID) -> int | None:
    """The lowest position that waits for a subscription among its live deliveries."""
    query = select(func.min(Delivery.position)).where(
        Delivery.subscription_id == subscription_id, Delivery.state == "waiting", Delivery.run == 0
    )
    return (await session.exec(query)).one()


async def cancel_waiting(session: AsyncSession, subscription_id: UUID, *, run: int | None = None) -> int:
    """Call off what waits for a subscription, all or one run; how many."""
    query = update(Delivery).where(col(Delivery.subscription_id) == subscription_id, col(Delivery.state) == "waiting")
    if run is not None:
        query = query.where(col(Delivery.run) == run)
    return int((await session.execute(query.values(state="cancelled"))).rowcount)  # type: ignore[attr-defined]  # a CursorResult


async def find_delivery(session: AsyncSession, key: UUID) -> Delivery | None:
    """One delivery."""
    return await session.get(Delivery, key)


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


async def deliveries_of(session: AsyncSession, article_id: str, limit: int = 1000) -> Sequence[Delivery]:
    """Every delivery that told of an article, newest first."""
    query = select(Delivery).where(Delivery.article_id == article_id).order_by(col(Delivery.position).desc())
    return (await session.exec(query.limit(limit))).all()


async def forget_deliveries(session: AsyncSession, before: datetime, most: int = 5000) -> int:
    """Drop the log of deliveries that came to an end before then; how many. Who has what stays in the ledger."""
    old = select(Delivery.id).where(Delivery.state != "waiting", col(Delivery.created_at) < before).limit(most)
    done = await session.execute(delete(Delivery).where(col(Delivery.id).in_(old)))
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE answers a CursorResult
