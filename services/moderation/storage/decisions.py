"""The append-only chain of decision records."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.records import GENESIS, Record, seal
from services.moderation.storage.tables import ChainHead, Decision
from shared.events import VerdictReason


async def append(session: AsyncSession, records: Sequence[Record]) -> list[Record]:
    """Give the records their positions, seal each with the hash before it, and write them.

    Locks the chain's head until the transaction ends: positions follow the order of commits. Take it last.
    """
    head = (await session.execute(select(ChainHead.position, ChainHead.hash).with_for_update())).one()  # type: ignore[call-overload]  # SQLModel types columns as plain values
    position, previous = int(head.position), str(head.hash)
    rows, placed = [], []
    for record in records:
        position += 1
        numbered = replace(record, position=position)
        sealed = seal(numbered, previous)
        rows.append(_row(numbered, previous, sealed))
        placed.append(numbered)
        previous = sealed
    connection = await session.connection()
    await connection.execute(insert(Decision), rows)
    await connection.execute(update(ChainHead).values(position=position, hash=previous))
    return placed


def _row(record: Record, previous: str, sealed: str) -> dict[str, object]:
    row = {name: getattr(record, name) for name in Record.__slots__}
    row["id"] = row.pop("decision_id")
    row["reasons"] = [reason.model_dump(mode="json") for reason in record.reasons]
    return {**row, "previous_hash": previous, "hash": sealed}


def as_record(row: Decision) -> Record:
    """A stored row as the record it keeps."""
    values = {name: getattr(row, name) for name in Record.__slots__ if name not in {"decision_id", "reasons"}}
    return Record(decision_id=row.id, reasons=tuple(VerdictReason(**reason) for reason in row.reasons), **values)


async def of_comment(session: AsyncSession, comment_id: UUID) -> list[Decision]:
    """All decisions on a comment, the first first."""
    query = select(Decision).where(col(Decision.comment_id) == comment_id).order_by(col(Decision.sequence))
    return list((await session.execute(query)).scalars().all())


async def get(session: AsyncSession, decision_id: UUID) -> Decision | None:
    """One decision."""
    return (await session.execute(select(Decision).where(col(Decision.id) == decision_id))).scalar_one_or_none()


async def several(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Decision]:
    """Several decisions, by their ids."""
    rows = await session.execute(select(Decision).where(col(Decision.id).in_(list(ids))))
    return {row.id: row for row in rows.scalars()}


async def after(session: AsyncSession, position: int, most: int) -> list[Decision]:
    """The records after a position, in order."""
    query = select(Decision).where(col(Decision.position) > position).order_by(col(Decision.position)).limit(most)
    return list((await session.execute(query)).scalars().all())


async def first_broken(session: AsyncSession, batch: int = 2000) -> int | None:
    """Walk the whole chain; the first position that does not fit, or None when all is as it was written."""
    position, previous = 0, GENESIS
    while rows := await after(session, position, batch):
        for row in rows:
            fits = row.position == position + 1 and row.previous_hash == previous
            if not fits or seal(as_record(row), previous) != row.hash:
                return int(row.position)
            position, previous = row.position, row.hash
        session.expunge_all()
    head = (await session.execute(text("SELECT position, hash FROM chain_head"))).one()
    return None if (head.position, head.hash) == (position, previous) else position + 1


async def count(session: AsyncSession) -> int:
    """How many decisions were ever taken."""
    return int((await session.execute(select(func.count()).select_from(Decision))).scalar_one())


async def reasons_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The reasons of several decisions."""
    rows = await session.execute(select(col(Decision.id), col(Decision.reasons)).where(col(Decision.id).in_(list(ids))))
    return dict(rows.all())
