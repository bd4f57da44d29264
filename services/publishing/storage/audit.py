"""The audit: every act of the house, append-only and hash-chained."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from services.publishing.storage.base import Json, Table, maybe_json, moment


class AuditEntry(Table, table=True):
    """Who did what to what, from where, and what it was before and after.

    `hash` is the SHA-256 (hex) of `previous` and the entry's canonical JSON: a changed or missing entry breaks it.
    """

    __tablename__ = "audit"

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime = moment(index=True)
    by_id: str = Field(index=True)
    by_name: str
    act: str
    subject: str = Field(index=True)
    origin: str | None = None
    before: Json | None = maybe_json()
    after: Json | None = maybe_json()
    previous: str
    hash: str
