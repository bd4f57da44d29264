"""Putting an article into its story, whether it is new there, stays, or moves."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.stories import Joined
from services.enrichment.storage import stories
from services.enrichment.storage.stories import StoryRow
from shared.runtime import new_id


async def place(
    session: AsyncSession, number: int, draft: Draft, joined: Joined, current: UUID | None, now: datetime
) -> StoryRow:
    """The story the article is in from now on. An article that is read again and finds no better story stays."""
    at = draft.published_at or now
    if current is not None and (joined.story_id in (None, current)):
        stays = await stories.by_id(session, current)
        if stays is not None:
            return stays
    if current is not None:
        await stories.leave(session, current)
    found = await stories.join(session, joined.story_id, number, at, latest=True) if joined.story_id else None
    if found is None:
        found = StoryRow(new_id(), draft.headline[:300], draft.language, 1, number, number, at, at)
        await stories.keep(session, found)
    await stories.put(session, number, found.id)
    return found
