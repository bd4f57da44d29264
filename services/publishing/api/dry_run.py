"""Which of the newest entries a filter would have taken, and why: tried before anything is sent."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from services.publishing.api.filters import EventFilters
from services.publishing.api.shapes import Body
from services.publishing.api.subscribed import AskHub, own_subscription, subscribers
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.wanted import Wanted, wanted_of
from shared.runtime import DoorRouter, Reading, Who

router = DoorRouter(prefix="/v1/subscriptions", tags=["subscriptions"])


class DryRun(Body):
    """A filter to try on what was already told."""

    filters: EventFilters = EventFilters()
    last: int = Field(
        default=100, ge=1, le=5000, examples=[100], description="How many of the newest entries to look at."
    )


class Looked(BaseModel):
    """One entry and whether it would have been delivered."""

    position: int
    type: str
    article_id: str
    headline: str | None
    taken: bool
    why: str


class DryRunView(BaseModel):
    """What the filter would have taken, newest first."""

    looked_at: int
    taken: int
    items: list[Looked]


@router.post(
    "/dry-run",
    dependencies=subscribers,
    operation_id="dryRunFilter",
    summary="Which of the last entries a filter would have taken, and why",
)
async def dry_run(body: DryRun, hub: AskHub) -> DryRunView:
    """Nothing is stored or sent."""
    return await _dry_run(hub, body.filters.wanted(), body.last)


@router.get(
    "/{id}/dry-run",
    dependencies=subscribers,
    operation_id="dryRunSubscription",
    summary="Which of the last entries this subscription would have got, and why",
)
async def dry_run_subscription(
    id: UUID,  # noqa: A002  # the path's own word
    session: Reading,
    who: Who,
    hub: AskHub,
    last: Annotated[int, Query(ge=1, le=5000)] = 100,
) -> DryRunView:
    """Nothing is sent."""
    row = await own_subscription(session, id, who)
    return await _dry_run(hub, wanted_of(row.filters), last)


async def _dry_run(hub: Hub, wanted: Wanted, last: int) -> DryRunView:
    await hub.ready()
    frames = list(await hub.read(max(0, hub.head - last), last))
    items = [_looked(frame, wanted.refusal(frame.facts)) for frame in reversed(frames)]
    return DryRunView(looked_at=len(items), taken=sum(1 for item in items if item.taken), items=items)


def _looked(frame: Frame, refusal: str | None) -> Looked:
    return Looked(
        position=frame.position,
        type=frame.type,
        article_id=frame.facts.article_id,
        headline=orjson.loads(frame.event)["data"].get("headline"),
        taken=refusal is None,
        why=refusal or "everything fits",
    )
