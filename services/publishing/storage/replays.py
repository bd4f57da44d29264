"""Parts of the log that are sent again to one subscription."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, delete
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Json, Table, json_object, maybe_moment, moment


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


async def forget_replays(session: AsyncSession, subscription_id: UUID) -> None:
    """Drop all replays to a subscription."""
    await session.execute(delete(Replay).where(col(Replay.subscription_id) == subscription_id))
