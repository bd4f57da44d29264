"""People who sign in at the desk, and their sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Table, json_list, maybe_moment, moment


class User(Table, table=True):
    """A person of the house. `password` is an argon2id hash."""

    __tablename__ = "users"

    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    display_name: str
    password: str
    roles: list[str] = json_list()
    disabled_at: datetime | None = maybe_moment()
    created_at: datetime = moment()


class DeskSession(Table, table=True):
    """A signed-in browser. `secret_sha256` and `csrf` are what its cookie and its forms must show."""

    __tablename__ = "desk_sessions"

    secret_sha256: str = Field(primary_key=True)
    user_id: UUID = Field(index=True)
    csrf: str
    created_at: datetime = moment()
    expires_at: datetime = moment(index=True)


async def find_user(session: AsyncSession, user_id: UUID) -> User | None:
    """One person, held for this transaction."""
    return await session.get(User, user_id, with_for_update=True)


async def user_named(session: AsyncSession, name: str) -> User | None:
    """The person who signs in by this name."""
    return (await session.exec(select(User).where(User.name == name))).one_or_none()


async def list_users(session: AsyncSession) -> Sequence[User]:
    """All people, by name."""
    return (await session.exec(select(User).order_by(col(User.name)))).all()


async def signed_in(session: AsyncSession, secret_sha256: str, now: datetime) -> tuple[DeskSession, User] | None:
    """The session of this secret and whose it is, unless it ended or the person was switched off."""
    query = select(DeskSession, User).join(User, col(User.id) == DeskSession.user_id)
    query = query.where(DeskSession.secret_sha256 == secret_sha256, DeskSession.expires_at > now)
    return (await session.exec(query.where(col(User.disabled_at).is_(None)))).one_or_none()


async def end_session(session: AsyncSession, secret_sha256: str) -> None:
    """Sign one browser out."""
    await session.exec(delete(DeskSession).where(col(DeskSession.secret_sha256) == secret_sha256))


async def end_sessions_of(session: AsyncSession, user_id: UUID) -> None:
    """Sign a person out everywhere."""
    await session.exec(delete(DeskSession).where(col(DeskSession.user_id) == user_id))


async def forget_sessions(session: AsyncSession, now: datetime) -> None:
    """Drop sessions that ended."""
    await session.exec(delete(DeskSession).where(col(DeskSession.expires_at) <= now))
