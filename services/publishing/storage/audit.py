"""The audit: every act of the house, append-only and hash-chained."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.chain import GENESIS, Act, Link, chain
from services.publishing.storage.base import Json, Table, add_rows, maybe_json, moment

_LOCK = 8_274_101  # one writer of the chain at a time; taken last, held until the commit


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


async def append_audit(session: AsyncSession, acts: Sequence[Act]) -> None:
    """Chain acts to the audit. The last thing a transaction does: from here on it keeps every other writer waiting."""
    if not acts:
        return
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    query = select(AuditEntry.number, AuditEntry.hash).order_by(col(AuditEntry.number).desc()).limit(1)
    last = (await session.exec(query)).first()
    links = chain(Link(last[0], last[1]) if last else GENESIS, acts)
    await add_rows(session, AuditEntry, links)


async def list_audit(
    session: AsyncSession,
    *,
    subject: str | None = None,
    by_id: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """Audit entries, newest first; of one subject or one person where asked."""
    query = select(AuditEntry)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if by_id is not None:
        query = query.where(AuditEntry.by_id == by_id)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return (await session.exec(query.order_by(col(AuditEntry.number).desc()).limit(limit))).all()


async def read_audit(session: AsyncSession, after: int, limit: int = 1000) -> Sequence[AuditEntry]:
    """Audit entries in their order, for verifying the chain."""
    query = select(AuditEntry).where(AuditEntry.number > after).order_by(col(AuditEntry.number)).limit(limit)
    return (await session.exec(query)).all()
