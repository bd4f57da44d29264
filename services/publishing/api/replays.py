"""A part of the log sent again to one subscription: counted first, then at a rate, paused, resumed, called off."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.publishing.api.filters import EventFilters, position_ahead
from services.publishing.api.shapes import Body
from services.publishing.api.subscribed import AskCourier, AskHub, own_subscription
from services.publishing.outlets.hub import STREAM
from services.publishing.outlets.wanted import stored, wanted_of
from services.publishing.storage import deliveries, outlets, replays
from services.publishing.storage.replays import Replay
from services.publishing.use_cases import subscribing
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, Tx, Who, allow, utc_now
from shared.runtime.log import head

router = DoorRouter(prefix="/v1/subscriptions/{id}/replays", tags=["subscriptions"])
subscribers = [allow(Role.READER, Role.OPERATOR)]


class StartReplay(Body):
    """What to send again: from a position or a time; narrowed by the subscription's filter unless it has its own."""

    after: int | None = Field(
        default=None, ge=0, le=2**62, examples=[42], description="Send what comes after this position."
    )
    since: AwareDatetime | None = Field(default=None, description="Send what was told from this moment on.")
    upto: int | None = Field(
        default=None, ge=1, le=2**62, description="The last position; the end of the log where missing."
    )
    filters: EventFilters | None = None
    rate: int = Field(default=100, ge=1, le=5000, description="Entries a second.")
    count_only: bool = Field(default=False, description="Answer how many it would be, and send nothing.")


class ReplayView(BaseModel):
    """How far a replay is. `id` is None where it was only counted."""

    id: UUID | None
    state: str
    first_position: int
    last_position: int
    next_position: int
    rate: int
    total: int
    sent: int
    created_at: datetime | None = None
    done_at: datetime | None = None


@router.post(
    "", status_code=202, dependencies=subscribers, operation_id="startReplay", summary="Send a part of the log again"
)
async def start_replay(
    id: UUID,  # noqa: A002  # the path's own word
    body: StartReplay,
    tx: Tx,
    who: Who,
    hub: AskHub,
    courier: AskCourier,
) -> ReplayView:
    """Nobody else is sent anything."""
    row = await own_subscription(tx.session, id, who)
    await hub.ready()
    if body.after is not None and body.after > (end := await head(tx.session, STREAM)):
        raise position_ahead(body.after, end)
    first = await outlets.first_since(tx.session, body.since) if body.since else (body.after or 0) + 1
    last = min(body.upto or hub.head, hub.head)
    filters = stored(body.filters.wanted()) if body.filters else row.filters
    total = await subscribing.count(hub, wanted_of(filters), first, last) if first <= last else 0
    replay = subscribing.a_replay(row, filters, (first, last), body.rate, total, who.id, utc_now())
    if body.count_only:
        return _view(replay, counted=True)
    tx.session.add(replay)
    courier.wake_soon()
    return _view(replay)


@router.get("", dependencies=subscribers, operation_id="listReplays", summary="A subscription's replays, newest first")
async def list_replays(id: UUID, session: Reading, who: Who) -> list[ReplayView]:  # noqa: A002  # the path's own word
    """With their progress."""
    row = await own_subscription(session, id, who)
    return [_view(replay) for replay in await replays.list_replays(session, row.id)]


@router.post(
    "/{replay_id}/{verb}",
    dependencies=subscribers,
    operation_id="steerReplay",
    summary="Pause, resume or call off a replay",
)
async def steer_replay(
    id: UUID,  # noqa: A002  # the path's own word
    replay_id: UUID,
    verb: Literal["pause", "resume", "cancel"],
    tx: Tx,
    who: Who,
) -> ReplayView:
    """A replay that is called off takes back what it queued and was not sent."""
    row = await own_subscription(tx.session, id, who)
    replay = await replays.find_replay(tx.session, replay_id)
    if replay is None or replay.subscription_id != row.id:
        raise Problem(404, "no-such-replay", "There is no such replay.", detail=f"{replay_id} is not one of {id}.")
    if replay.state in {"done", "cancelled"}:
        raise Problem(409, "replay-over", "This replay is over.", detail=f"It is {replay.state}; start another.")
    replay.state = {"pause": "paused", "resume": "running", "cancel": "cancelled"}[verb]
    if verb == "cancel":
        await deliveries.cancel_waiting(tx.session, row.id, run=replay.run)
    tx.session.add(replay)
    return _view(replay)


def _view(replay: Replay, *, counted: bool = False) -> ReplayView:
    shown = {name: getattr(replay, name) for name in ReplayView.model_fields}
    return ReplayView.model_validate(shown | ({"id": None, "state": "counted"} if counted else {}))
