"""The one MetaData of publishing's database, and the column types its tables share."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, MetaData, insert
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Json = dict[str, Any]

#: Where a page ended: the moment and the id of its last row. Lists run newest first.
Keyset = tuple[datetime, Any]


class Table(SQLModel):
    """Base of every table here."""

    metadata = MetaData()


async def add_rows(session: AsyncSession, kind: type[Table], rows: Sequence[Json]) -> None:
    """Insert rows that name every column of theirs. As parameters, not as `values`, whose text is put together anew."""
    await session.execute(insert(columns_of(kind)), rows)


def columns_of(kind: type[Table]) -> SqlTable:
    """The table itself. An insert into it with rows as parameters is cut where they are more than a statement takes."""
    return kind.metadata.tables[str(kind.__tablename__)]


def moment(*, index: bool = False, primary_key: bool = False) -> Any:
    """A required instant with time zone."""
    kind: Any = DateTime(timezone=True)
    return Field(sa_type=kind, index=index, primary_key=primary_key)


def maybe_moment(*, index: bool = False) -> Any:
    """An instant with time zone that may be missing."""
    kind: Any = DateTime(timezone=True)
    return Field(default=None, sa_type=kind, index=index)


def json_object() -> Any:
    """A JSONB object, empty by default."""
    return Field(default_factory=dict, sa_type=JSONB)


def json_list() -> Any:
    """A JSONB list, empty by default."""
    return Field(default_factory=list, sa_type=JSONB)


def maybe_json() -> Any:
    """A JSONB value that may be missing (SQL NULL)."""
    kind: Any = JSONB(none_as_null=True)
    return Field(default=None, sa_type=kind)
