"""Subscribers of the WebSub hub: who wants which feed pushed where, and for how long."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Index, and_, delete, or_, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Table, maybe_moment, moment


class Follower(Table, table=True):
    """A callback that follows a feed (`topic`, its address). A request waits as `asked` until it is verified.

    `asked` is subscribe or unsubscribe; `until` ends the lease. `push_at` is set while the feed has news for it: the
    content is the feed at the moment it is sent, so that any number of changes need one push. `news_position` is the
    entry of the log with the newest of them, `pushed_position` the one up to which the last push told.
    """

    __tablename__ = "followers"
    __table_args__ = (
        Index("ix_followers_topic", "topic", "callback", unique=True),
        Index("ix_followers_push", "push_at", postgresql_where=text("push_at IS NOT NULL")),
        Index("ix_followers_verify", "verify_at", postgresql_where=text("verify_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    topic: str
    callback: str
    secret: str | None = None
    asked: str | None = None
    asked_secret: str | None = None
    asked_seconds: int = 0
    verify_at: datetime | None = maybe_moment()
    verify_attempts: int = 0
    until: datetime | None = maybe_moment()
    push_at: datetime | None = maybe_moment()
    push_attempts: int = 0
    pushed_position: int = Field(default=0, sa_type=BigInteger)
    news_position: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = moment()


_MARK = text("""
    UPDATE followers SET news_position = told.position, push_at = coalesce(push_at, :now)
    FROM unnest(CAST(:topics AS text[]), CAST(:positions AS bigint[])) AS told (topic, position)
    WHERE followers.topic = told.topic AND news_position < told.position AND until > :now
""")


async def find_follower(session: AsyncSession, topic: str, callback: str) -> Follower | None:
    """The follower of a topic at a callback, locked for change."""
    query = select(Follower).where(Follower.topic == topic, Follower.callback == callback).with_for_update()
    return (await session.exec(query)).one_or_none()


async def mark_news(session: AsyncSession, news: dict[str, int], now: datetime) -> None:
    """The feeds at these addresses have news at these positions: push it to all who follow and were not told of it."""
    await session.execute(_MARK, {"topics": list(news), "positions": list(news.values()), "now": now})


async def list_followers(session: AsyncSession, now: datetime, limit: int = 1000) -> Sequence[Follower]:
    """Who follows which feed now."""
    return (await session.exec(select(Follower).where(col(Follower.until) > now).limit(limit))).all()


async def forget_followers(session: AsyncSession, before: datetime) -> None:
    """Let go of those whose lease ended before then and who did not ask again."""
    over = delete(Follower).where(col(Follower.until) < before, col(Follower.asked).is_(None))
    await session.execute(over)


async def followed_topics(session: AsyncSession, now: datetime) -> set[str]:
    """The addresses of the feeds that somebody follows."""
    return set(await session.exec(select(Follower.topic).where(col(Follower.until) > now).distinct()))


async def is_due(session: AsyncSession, now: datetime) -> bool:
    """Whether a request waits for verification or a feed's news for its push."""
    due = or_(col(Follower.verify_at) <= now, and_(col(Follower.push_at) <= now, col(Follower.until) > now))
    return (await session.exec(select(Follower.id).where(due).limit(1))).first() is not None


async def take_verifications(
    session: AsyncSession, now: datetime, lease: timedelta, limit: int = 20
) -> Sequence[Follower]:
    """Requests that wait for verification, leased against other replicas by moving their time on."""
    query = select(Follower).where(col(Follower.verify_at) <= now).limit(limit).with_for_update(skip_locked=True)
    found = (await session.exec(query)).all()
    for follower in found:
        follower.verify_at = now + lease
        session.add(follower)
    return found


async def take_pushes(session: AsyncSession, now: datetime, lease: timedelta, limit: int = 50) -> Sequence[Follower]:
    """Followers whose feed has news, leased in the same way."""
    query = select(Follower).where(col(Follower.push_at) <= now, col(Follower.until) > now)
    found = (await session.exec(query.limit(limit).with_for_update(skip_locked=True))).all()
    for follower in found:
        follower.push_at = now + lease
        session.add(follower)
    return found
