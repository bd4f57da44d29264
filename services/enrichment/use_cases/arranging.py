"""What editors do about stories: two become one, one becomes two. It stays so: no machine undoes it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage import articles, stories
from services.enrichment.storage.stories import StoryRow
from services.enrichment.use_cases.storying import merge, split


async def merge_stories(session: AsyncSession, gone: UUID, into: UUID, now: datetime) -> StoryRow | str:
    """Make one story part of another; a string says why not."""
    held = await stories.by_ids(session, [gone, into])
    missing = next((i for i in (gone, into) if i not in held), None)
    if missing:
        return f"There is no story {missing}."
    if gone == into:
        return "A story cannot be merged into itself."
    merged = next((r for r in held.values() if r.merged_into), None)
    if merged:
        return f"The story {merged.id} was already merged into {merged.merged_into}."
    await merge(session, gone, into, now)
    return await _arranged(session, into)


async def split_story(session: AsyncSession, story_id: UUID, ids: Sequence[UUID], now: datetime) -> StoryRow | str:
    """Begin a new story with these articles; a string says why not."""
    members = set(await stories.members(session, story_id, 100_000))
    if not members:
        return f"There is no story {story_id} with articles in it."
    numbers = await articles.numbers_of(session, ids)
    stranger = next((i for i in ids if numbers.get(i) not in members), None)
    if stranger:
        return f"The article {stranger} is not in this story."
    if members <= set(numbers.values()):
        return "A story cannot lose all its articles: at least one must stay."
    made = await split(session, story_id, list(numbers.values()), now)
    await _arranged(session, story_id)
    return await _arranged(session, made.id)


async def _arranged(session: AsyncSession, story_id: UUID) -> StoryRow:
    await stories.arrange(session, [story_id])
    return (await stories.by_ids(session, [story_id]))[story_id]
