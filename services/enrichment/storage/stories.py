"""Rows of stories: begin them, count articles in and out, join two into one, take some articles out of one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Uuid, any_, bindparam, func, insert, select, text, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage.tables import Article, Story

_articles = Article.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_stories = Story.__table__  # type: ignore[attr-defined]  # as above
_IDS, _INTS, _MOMENTS = ARRAY(Uuid()), ARRAY(Integer), ARRAY(DateTime(timezone=True))

_GROW = text("""
    UPDATE stories SET size = stories.size + d.size, latest_number = GREATEST(latest_number, d.latest),
        first_at = LEAST(first_at, d.first), latest_at = GREATEST(latest_at, d.last)
    FROM unnest(:ids, :sizes, :latest, :firsts, :lasts) AS d(id, size, latest, first, last)
    WHERE stories.id = d.id
""").bindparams(
    bindparam("ids", type_=_IDS), bindparam("sizes", type_=_INTS), bindparam("latest", type_=_INTS),
    bindparam("firsts", type_=_MOMENTS), bindparam("lasts", type_=_MOMENTS),
)  # fmt: skip
_PUT = text("""
    UPDATE articles SET story_id = put.story_id FROM unnest(:numbers, :ids) AS put(number, story_id)
    WHERE articles.number = put.number
""").bindparams(bindparam("numbers", type_=_INTS), bindparam("ids", type_=_IDS))
#: A story's label is the headline of its first article that is still there: never that of one which was killed.
_SETTLE = text("""
    UPDATE stories SET size = now.size, first_number = coalesce(now.first, first_number),
        latest_number = coalesce(now.latest, latest_number), label = coalesce(now.label, '')
    FROM (
        SELECT count(*) AS size, min(a.number) AS first, max(a.number) AS latest,
            (array_agg(left(t.headline, 300) ORDER BY a.number) FILTER (WHERE t.headline IS NOT NULL))[1] AS label
        FROM articles a LEFT JOIN texts t ON t.number = a.number WHERE a.story_id = :id
    ) AS now
    WHERE id = :id
""").bindparams(bindparam("id", type_=Uuid()))


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story as it stands. `arranged`: a person merged or split it, so that no machine does."""

    id: UUID
    label: str
    language: str
    size: int
    first_number: int
    latest_number: int
    first_at: datetime
    latest_at: datetime
    merged_into: UUID | None = None
    arranged: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """By how many articles a story grew, up to which number, over which time."""

    size: int
    latest_number: int
    first_at: datetime
    latest_at: datetime


_COLUMNS = [_stories.c[name] for name in StoryRow.__dataclass_fields__]
_BY_IDS = select(*_COLUMNS).where(_stories.c.id == any_(bindparam("ids", type_=_IDS)))


async def by_ids(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, StoryRow]:
    """These stories, as far as there are such."""
    if not ids:
        return {}
    rows = await session.execute(_BY_IDS, {"ids": list(ids)})
    return {row[0]: StoryRow(*row) for row in rows}


async def by_id(session: AsyncSession, story_id: UUID) -> StoryRow | None:
    """One story, None when there is none; a story that was merged answers as the one it is part of."""
    found = (await by_ids(session, [story_id])).get(story_id)
    return await by_id(session, found.merged_into) if found and found.merged_into else found


async def begin(session: AsyncSession, rows: Sequence[StoryRow]) -> None:
    """Enter new stories."""
    if rows:
        values: list[dict[str, Any]] = [{n: getattr(r, n) for n in StoryRow.__dataclass_fields__} for r in rows]
        await session.execute(insert(_stories), values)


async def grow(session: AsyncSession, growth: Mapping[UUID, Growth]) -> None:
    """Count articles into stories (or, below zero, out of them)."""
    if growth:
        ids = sorted(growth)
        grown = [growth[i] for i in ids]
        given = {
            "ids": ids, "sizes": [g.size for g in grown], "latest": [g.latest_number for g in grown],
            "firsts": [g.first_at for g in grown], "lasts": [g.latest_at for g in grown],
        }  # fmt: skip
        await session.execute(_GROW, given)


async def put(session: AsyncSession, places: Mapping[int, UUID]) -> None:
    """Put articles (by number) into stories."""
    if places:
        await session.execute(_PUT, {"numbers": list(places), "ids": list(places.values())})


async def members(session: AsyncSession, story_id: UUID, limit: int = 200) -> list[int]:
    """The numbers of a story's articles, newest first."""
    asked = (
        select(_articles.c.number)
        .where(_articles.c.story_id == story_id, _articles.c.state.in_(["draft", "published"]))
        .order_by(_articles.c.number.desc())
        .limit(limit)
    )
    return [r.number for r in await session.execute(asked)]


async def merge(session: AsyncSession, gone: UUID, into: UUID) -> None:
    """Make one story part of another: its articles move, its address leads there."""
    await session.execute(update(_articles).where(_articles.c.story_id == gone).values(story_id=into))
    led = (_stories.c.id == gone) | (_stories.c.merged_into == gone)
    was = select(func.min(_stories.c.first_at), func.max(_stories.c.latest_at)).where(_stories.c.id.in_([gone, into]))
    first_at, latest_at = (await session.execute(was)).one()
    await session.execute(update(_stories).where(led).values(merged_into=into, size=0))
    dates = {"first_at": first_at, "latest_at": latest_at}
    await session.execute(update(_stories).where(_stories.c.id == into).values(**dates))
    await settle(session, into)


async def settle(session: AsyncSession, story_id: UUID) -> None:
    """Count a story's articles again, and label it by the first of them that is still there."""
    await session.execute(_SETTLE, {"id": story_id})


async def arrange(session: AsyncSession, ids: Collection[UUID]) -> None:
    """A person arranged these stories: machines leave them as they are."""
    await session.execute(update(_stories).where(_stories.c.id.in_(list(ids))).values(arranged=True))
