"""Stories: the articles about one course of events; an editor makes two into one, and one into two."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.enrichment.api.views import CardView, card_view, sees_everything
from services.enrichment.storage.stories import StoryRow
from services.enrichment.use_cases.answers import cards, story_of
from services.enrichment.use_cases.arranging import merge_stories, split_story
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, Tx, Who, allow, utc_now

router = DoorRouter(tags=["stories"])


class StoryView(BaseModel):
    """A story with its articles, newest first. `story_id` differs from the one asked where two were merged."""

    story_id: UUID
    label: str
    language: str
    first_at: datetime
    latest_at: datetime
    articles: list[CardView]


class MergeStory(BaseModel):
    """The story that this one becomes part of."""

    into: UUID


class SplitStory(BaseModel):
    """The articles that tell another story."""

    articles: list[UUID] = Field(min_length=1, max_length=200)


class Arranged(BaseModel):
    """A story as a person arranged it; no machine merges or splits it again. Its articles are told again."""

    story_id: UUID
    label: str
    articles: int


@router.get("/v1/stories/{story_id}", dependencies=[allow(Role.PUBLIC)])
async def story(story_id: UUID, session: Reading, who: Who) -> StoryView:
    """One story: for readers its published articles, for editors all."""
    found = await story_of(session, story_id, sees_everything(who))
    if found is None:
        raise Problem(404, "no-such-story", "No such story.", detail=f"No published story has the id {story_id}.")
    row, members = found
    shown = await cards(session, members)
    listed = [card_view(shown[k.number]) for k in members if k.number in shown]
    label = row.label if sees_everything(who) else listed[-1].headline
    return StoryView(
        story_id=row.id, label=label, language=row.language, first_at=row.first_at, latest_at=row.latest_at,
        articles=listed,
    )  # fmt: skip


@router.post("/v1/stories/{story_id}/merge", dependencies=[allow(Role.EDITOR)])
async def merge(story_id: UUID, body: MergeStory, tx: Tx) -> Arranged:
    """Make a story part of another; its address leads there from now on."""
    return _arranged(await merge_stories(tx.session, story_id, body.into, utc_now()))


@router.post("/v1/stories/{story_id}/split", dependencies=[allow(Role.EDITOR)])
async def split(story_id: UUID, body: SplitStory, tx: Tx) -> Arranged:
    """Begin a new story with some articles of this one."""
    return _arranged(await split_story(tx.session, story_id, body.articles, utc_now()))


def _arranged(made: StoryRow | str) -> Arranged:
    if isinstance(made, str):
        raise Problem(409, "story-conflict", "The story cannot be arranged so.", detail=made)
    return Arranged(story_id=made.id, label=made.label, articles=made.size)
