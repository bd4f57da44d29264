"""What changed on the desk, for those who look at it live; kept for a day."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, insert, text
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Table, moment


class DeskChange(Table, table=True):
    """One line of the desk's live view."""

    __tablename__ = "desk_changes"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    article_id: UUID | None = None
    what: str
    revision: int | None = None
    by_name: str | None = None
    at: datetime = moment(index=True)


class BulkJob(Table, table=True):
    """A bulk act on many articles: each id with its own answer in `answers`."""

    __tablename__ = "bulk_jobs"

    id: UUID = Field(primary_key=True)
    verb: str
    by_id: str
    by_name: str
    started_at: datetime = moment()


async def note_changes(
    session: AsyncSession, changes: Sequence[tuple[UUID, str, int | None]], by_name: str, at: datetime
) -> None:
    """Tell open desks, at commit, that these articles changed: (article, what, revision)."""
    if not changes:
        return
    rows = [
        {"article_id": article_id, "what": what, "revision": revision, "by_name": by_name, "at": at}
        for article_id, what, revision in changes
    ]
    await session.exec(insert(DeskChange).values(rows))
    await session.execute(text("SELECT pg_notify('desk', '')"))
