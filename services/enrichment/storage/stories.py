"""Rows of stories: begin one, let an article join, look one up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage.tables import Article, Story

_articles = Article.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_stories = Story.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story as it stands."""

    id: UUID
    label: str
    language: str
    size: int
    first_number: int
    latest_number: int
    first_at: datetime
    latest_at: datetime
    merged_into: UUID | None = None


def _row(row: Any) -> StoryRow:
    return StoryRow(**{name: getattr(row, name) for name in StoryRow.__dataclass_fields__})


async def by_id(session: AsyncSession, story_id: UUID) -> StoryRow | None:
    """One story, None when there is none."""
    row = (await session.execute(select(_stories).where(_stories.c.id == story_id))).first()
    return _row(row) if row else None


async def keep(session: AsyncSession, story: StoryRow) -> None:
    """Insert or replace a story."""
    values = {name: getattr(story, name) for name in StoryRow.__dataclass_fields__}
    new = insert(_stories).values(**values)
    await session.execute(new.on_conflict_do_update(index_elements=["id"], set_=values))


async def put(session: AsyncSession, number: int, story_id: UUID | None) -> None:
    """Put an article into a story, or take it out."""
    await session.execute(update(_articles).where(_articles.c.number == number).values(story_id=story_id))


async def members(session: AsyncSession, story_id: UUID, limit: int = 200) -> list[int]:
    """The numbers of a story's articles, newest first."""
    asked = (
        select(_articles.c.number)
        .where(_articles.c.story_id == story_id, _articles.c.state.in_(["draft", "published"]))
        .order_by(_articles.c.number.desc())
        .limit(limit)
    )
    return [r.number for r in await session.execute(asked)]


async def join(session: AsyncSession, story_id: UUID, number: int, at: datetime, latest: bool) -> StoryRow | None:
    """Count one more article into a story; None when the story is gone."""
    table = _stories.c
    values: dict[str, Any] = {
        "size": table.size + 1,
        "first_at": func.least(table.first_at, at),
        "latest_at": func.greatest(table.latest_at, at),
    }
    if latest:
        values["latest_number"] = number
    changed = update(_stories).where(table.id == story_id).values(**values).returning(_stories)
    row = (await session.execute(changed)).first()
    return _row(row) if row else None


async def leave(session: AsyncSession, story_id: UUID) -> None:
    """Count one article out of a story."""
    await session.execute(
        update(_stories).where(_stories.c.id == story_id).values(size=func.greatest(_stories.c.size - 1, 0))
    )
