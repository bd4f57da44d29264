"""Stories: the articles about one course of events."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.enrichment.api.views import CardView, card_view, sees_everything
from services.enrichment.use_cases.answers import cards, story_of
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, Who, allow

router = DoorRouter(tags=["stories"])


class StoryView(BaseModel):
    """A story with its articles, newest first. `story_id` differs from the one asked where two were merged."""

    story_id: UUID
    label: str
    language: str
    first_at: datetime
    latest_at: datetime
    articles: list[CardView]


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
