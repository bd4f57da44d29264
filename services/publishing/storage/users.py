"""People who sign in at the desk, and their sessions."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

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
