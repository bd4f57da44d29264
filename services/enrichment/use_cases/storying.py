"""Stories as articles arrive: each is placed in order, stories that turn out to be one are merged, others split."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.relate import Likeness
from services.enrichment.domain.stories import LOOKED_AT, Joined, apart, are_one, join_story, stay_or_move
from services.enrichment.storage import articles, rereading, stories
from services.enrichment.storage.stories import Growth, StoryRow
from shared.runtime import new_id

_COMPARED = 8
_LOOKED_THROUGH = 48


class Shelf:
    """The stories around some articles. `place` decides in memory; `keep` writes it, once the rows of articles are."""

    def __init__(self, rows: dict[UUID, StoryRow], now: datetime) -> None:
        self._rows = rows
        self._sizes = {story: row.size for story, row in rows.items()}
        self._now = now
        self._new: list[UUID] = []
        self._grown: dict[UUID, Growth] = {}
        self._placed: dict[int, UUID] = {}
        self._merges: dict[UUID, UUID] = {}
        self._full: list[UUID] = []

    @classmethod
    async def around(cls, session: AsyncSession, ids: Collection[UUID], now: datetime) -> "Shelf":
        """With these stories on it."""
        return cls(await stories.by_ids(session, ids), now)

    def story_of(self, number: int, before: UUID | None) -> UUID | None:
        """The story an article is in by now."""
        return self._placed.get(number, before)

    def place(self, number: int, draft: Draft, found: Iterable[Likeness], current: UUID | None) -> StoryRow:
        """The story the article is in from now on. One that is read again stays, unless it is like another or none."""
        near = list(found)
        at = draft.published_at or self._now
        held = self._rows.get(current) if current else None
        if held:
            moved = stay_or_move(draft.language, near, self._sizes, held.id, draft.published_at)
            if held.arranged or moved == held.id:
                self._placed[number] = held.id
                return held
            self._grow(held.id, -1, held.latest_number, held.latest_at)
            joined = Joined(moved, 0.0)
        else:
            joined = join_story(draft.language, near, self._sizes, draft.published_at)
        if joined.story_id in self._rows:
            assert joined.story_id is not None  # noqa: S101  # the line above says so, in a way mypy does not follow
            self._merges |= {a: joined.story_id for a in joined.also if self._may_merge(a, joined.story_id)}
            row = self._grow(joined.story_id, 1, number, at)
            if row.size in LOOKED_AT and not row.arranged:
                self._full.append(row.id)
        else:
            row = StoryRow(new_id(), draft.headline[:300], draft.language, 1, number, number, at, at)
            self._rows[row.id] = row
            self._sizes[row.id] = row.size
            self._new.append(row.id)
        self._placed[number] = row.id
        return row

    def _may_merge(self, one: UUID, other: UUID) -> bool:
        rows = self._rows.get(one), self._rows.get(other)
        return all(r is not None and r.size > 1 and not r.arranged for r in rows)

    def _grow(self, story_id: UUID, by: int, number: int, at: datetime) -> StoryRow:
        row = self._rows[story_id]
        grown = self._grown.get(story_id, Growth(0, number, at, at))
        self._grown[story_id] = Growth(
            grown.size + by, max(grown.latest_number, number), min(grown.first_at, at), max(grown.latest_at, at)
        )
        self._rows[story_id] = grew = replace(row, size=row.size + by)
        self._sizes[story_id] = grew.size
        return grew

    async def keep(self, session: AsyncSession) -> None:
        """Write what was decided, then merge and split what calls for it."""
        await stories.begin(session, [_as_begun(self._rows[i], self._grown.pop(i, None)) for i in self._new])
        await stories.grow(session, self._grown)
        for gone, into in self._merges.items():
            await merge_if_one(session, gone, into, self._now)
        for story_id in dict.fromkeys(self._full):
            await split_if_two(session, story_id, self._now)


def _as_begun(row: StoryRow, grown: Growth | None) -> StoryRow:
    if grown is None:
        return row
    return StoryRow(
        row.id, row.label, row.language, row.size, row.first_number, max(row.latest_number, grown.latest_number),
        min(row.first_at, grown.first_at), max(row.latest_at, grown.latest_at),
    )  # fmt: skip


async def merge_if_one(session: AsyncSession, gone: UUID, into: UUID, now: datetime) -> bool:
    """Merge two stories whose articles are alike across; the smaller becomes part of the larger."""
    rows = await stories.by_ids(session, [gone, into])
    if len(rows) < 2 or any(r.merged_into for r in rows.values()):
        return False
    if rows[gone].size > rows[into].size:
        gone, into = into, gone
    language = rows[into].language
    some = await articles.known_articles(session, await stories.members(session, gone, _COMPARED))
    others = await articles.known_articles(session, await stories.members(session, into, _COMPARED))
    if not are_one(language, list(some.values()), list(others.values())):
        return False
    await merge(session, gone, into, now)
    return True


async def merge(session: AsyncSession, gone: UUID, into: UUID, now: datetime) -> None:
    """Make one story part of another, and tell its articles again.

    The list first, then the articles, as the clock does that reads them again: the other way about they would wait for
    each other.
    """
    moved = await stories.members(session, gone)
    await rereading.ask(session, moved, "Its story was merged into another.", now)
    await stories.merge(session, gone, into)


async def split_if_two(session: AsyncSession, story_id: UUID, now: datetime) -> StoryRow | None:
    """Begin a new story with the articles that have become one of their own."""
    numbers = await stories.members(session, story_id, _LOOKED_THROUGH)
    known = await articles.known_articles(session, numbers)
    if not known:
        return None
    language = next(iter(known.values())).language
    leaving = apart(language, [known[n] for n in sorted(known)])
    return await split(session, story_id, leaving, now) if leaving else None


async def split(session: AsyncSession, story_id: UUID, leaving: Collection[int], now: datetime) -> StoryRow:
    """Take articles out of a story into a new one, and tell them again (the list first, as in `merge`)."""
    await rereading.ask(session, sorted(leaving), "Its story was split.", now)
    known = await articles.known_articles(session, leaving)
    dates = [k.published_at or now for k in known.values()]
    language = next(iter(known.values())).language
    made = StoryRow(new_id(), "", language, 0, min(leaving), max(leaving), min(dates), max(dates))
    await stories.begin(session, [made])
    await stories.put(session, dict.fromkeys(leaving, made.id))
    await stories.settle(session, made.id)
    await stories.settle(session, story_id)
    return (await stories.by_ids(session, [made.id]))[made.id]
