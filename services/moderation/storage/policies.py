"""Queries on policies and word lists."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage.tables import ListVersion, PolicyVersion

_ONE_GOES_LIVE = 8_274_031


class Seat(NamedTuple):
    """A policy that decides (`live`) or is heard without counting (`shadow`)."""

    policy_id: UUID
    name: str
    status: str


#: `trains > 0` is spelled as the index `decisions_teach` is.
_SEATS = """
SELECT p.id, p.name || '@' || p.version, p.status, taught.position
FROM (SELECT coalesce(max(position), 0) AS position FROM decisions WHERE trains > 0) AS taught
LEFT JOIN policies p ON p.status IN ('live', 'shadow') ORDER BY p.status, p.name, p.version
"""


async def seats(session: AsyncSession) -> tuple[tuple[Seat, ...], int]:
    """Who sits, the live one first, and the position of the last decision that teaches."""
    rows = (await session.execute(text(_SEATS))).all()
    return tuple(Seat(*row[:3]) for row in rows if row[0] is not None), int(rows[0][3])


async def live(session: AsyncSession) -> PolicyVersion | None:
    """The policy that decides."""
    return (
        await session.execute(select(PolicyVersion).where(col(PolicyVersion.status) == "live"))
    ).scalar_one_or_none()


async def get(session: AsyncSession, policy_id: UUID) -> PolicyVersion | None:
    """One version of a policy."""
    return (await session.execute(select(PolicyVersion).where(col(PolicyVersion.id) == policy_id))).scalar_one_or_none()


async def every(session: AsyncSession) -> list[PolicyVersion]:
    """All versions, the newest first."""
    query = select(PolicyVersion).order_by(col(PolicyVersion.created_at).desc(), col(PolicyVersion.version).desc())
    return list((await session.execute(query)).scalars().all())


async def next_version(session: AsyncSession, name: str) -> int:
    """The version a new draft under a name gets."""
    query = select(func.coalesce(func.max(col(PolicyVersion.version)), 0)).where(col(PolicyVersion.name) == name)
    return int((await session.execute(query)).scalar_one()) + 1


async def archive_live(session: AsyncSession, now: datetime) -> None:
    """The live policy steps down, if there is one. Two that would go live at once do so one after the other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_GOES_LIVE})
    await session.execute(
        update(PolicyVersion).where(col(PolicyVersion.status) == "live").values(status="archived", changed_at=now)
    )


async def list_version(session: AsyncSession, name: str, version: int) -> ListVersion | None:
    """One version of a word list."""
    query = select(ListVersion).where(col(ListVersion.name) == name, col(ListVersion.version) == version)
    return (await session.execute(query)).scalar_one_or_none()


async def list_versions(session: AsyncSession) -> list[ListVersion]:
    """All versions of all lists."""
    query = select(ListVersion).order_by(col(ListVersion.name), col(ListVersion.version).desc())
    return list((await session.execute(query)).scalars().all())


async def next_list_version(session: AsyncSession, name: str) -> int:
    """The version a new text of a list gets; 0 is the one that ships with the service."""
    query = select(func.coalesce(func.max(col(ListVersion.version)), 0)).where(col(ListVersion.name) == name)
    return int((await session.execute(query)).scalar_one()) + 1
