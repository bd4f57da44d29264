"""Who reads the log and how far each is; who has an article; and a place to say "I have it"."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.publishing.api.filters import position_ahead
from services.publishing.api.shapes import Body
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.keeper import Keeper, groups_of
from services.publishing.outlets.sse import Listeners
from services.publishing.storage import deliveries, public, receipts, subscriptions, websub
from services.publishing.storage.deliveries import Delivery
from services.publishing.storage.ledger import Recipient
from shared.events import Role
from shared.runtime import DoorRouter, Page, Problem, Reading, Tx, Who, allow, part, utc_now

router = DoorRouter(tags=["consumers"])
AskHub = Annotated[Hub, part(Hub)]


class ConsumerView(BaseModel):
    """One reader: the position up to which it has everything, and how far that is behind."""

    kind: str
    name: str
    id: str | None = None
    position: int
    lag_entries: int
    lag_seconds: float
    state: str
    notice: str | None = None


class Acknowledge(Body):
    """Everything up to this position was taken in."""

    position: int = Field(ge=0, le=2**62, examples=[42])


class Acknowledged(BaseModel):
    """What is noted now."""

    consumer: str
    position: int


class ReceiptView(BaseModel):
    """One reader and an article: what it has, since when, and what is still on its way."""

    kind: str
    consumer: str
    position: int | None
    state: str
    seconds: float | None = Field(description="From the fact being told to its receipt.")
    at: datetime | None
    attempts: int = 0
    next_attempt: datetime | None = None
    kill_acknowledged: datetime | None = None
    says: str


class ReceiptsView(BaseModel):
    """Everyone who ever received an article, and whether each has its newest entry."""

    article_id: UUID
    newest_position: int
    items: list[ReceiptView]


@router.get(
    "/v1/consumers",
    dependencies=[allow(Role.OPERATOR, Role.EDITOR)],
    operation_id="listConsumers",
    summary="Every reader of the log, of every kind, with its position and lag",
)
async def list_consumers(
    session: Reading,
    hub: AskHub,
    keeper: Annotated[Keeper, part(Keeper)],
    listeners: Annotated[Listeners, part(Listeners)],
) -> Page[ConsumerView]:
    """Redis groups and cursors, webhooks, followers of feeds, tokens that pull or listen, open event streams here."""
    await hub.ready()
    found: list[dict[str, Any]] = []
    hooks = await subscriptions.list_subscriptions(session, limit=1000)
    for hook in hooks:
        first = await deliveries.first_waiting(session, hook.id)
        position = hook.routed if first is None else min(hook.routed, first - 1)
        facts = {"id": str(hook.id), "state": hook.state, "notice": hook.notice}
        found.append({"kind": "webhook", "name": hook.name, "position": position, **facts})
    for follower in await websub.list_followers(session, utc_now()):
        told = hub.head if follower.pushed_position >= follower.news_position else follower.pushed_position
        state = "has it" if follower.push_at is None else f"attempt {follower.push_attempts + 1} is due"
        name = f"{follower.callback} ← {follower.topic}"
        found.append({"kind": "hub", "name": name, "id": str(follower.id), "position": told, "state": state})
    groups = await groups_of(keeper.redis)
    for name, position in groups.items():
        kind = "service" if name in keeper.own_groups else "stream"
        found.append({"kind": kind, "name": name, "position": position, "state": "reading"})
    known = [row for row in await receipts.list_consumers(session) if row.name not in groups]
    found += [{"kind": row.kind, "name": row.name, "position": row.acked, "state": "known"} for row in known]
    anonymous = [listener for listener in listeners.open if listener.token is None]
    if anonymous:
        slowest = min(listener.position for listener in anonymous)
        found.append({"kind": "sse", "name": f"{len(anonymous)} anonymous", "position": slowest, "state": "listening"})
    moments = await receipts.told_at(session, {row["position"] + 1 for row in found})
    now = utc_now()
    items = [
        ConsumerView(
            **row,
            lag_entries=max(0, hub.head - row["position"]),
            lag_seconds=_behind(moments.get(row["position"] + 1), now),
        )
        for row in found
    ]
    return Page(items=items, next=None)


@router.post(
    "/v1/consumers/acknowledge",
    dependencies=[allow(Role.READER, Role.OPERATOR)],
    operation_id="acknowledge",
    summary="Say up to which position you have everything",
)
async def acknowledge(body: Acknowledge, tx: Tx, who: Who, hub: AskHub) -> Acknowledged:
    """For readers that nobody can watch: those of the Redis stream without a group, or behind a cache."""
    await hub.ready()
    if body.position > hub.head:
        raise position_ahead(body.position, hub.head)
    await receipts.acknowledge(tx.session, "pull", who.name, body.position, utc_now(), who.id)
    return Acknowledged(consumer=who.name, position=body.position)


@router.delete(
    "/v1/consumers/{kind}/{name}",
    status_code=204,
    dependencies=[allow(Role.OPERATOR)],
    operation_id="removeConsumer",
    summary="List a reader no longer; what it received stays known",
    responses={404: {"description": "There is no such reader."}},
)
async def remove_consumer(kind: Literal["stream", "cursor", "pull", "sse"], name: str, tx: Tx) -> None:
    """A reader that comes back is listed again."""
    if not await receipts.remove_consumer(tx.session, kind, name, utc_now()):
        raise Problem(
            404, "no-such-consumer", "There is no such reader.", detail=f"Nobody called {name} reads by {kind}."
        )


@router.get(
    "/v1/articles/{id}/receipts",
    dependencies=[allow(Role.EDITOR, Role.OPERATOR)],
    operation_id="getReceipts",
    summary="Who has this article, and who does not have its newest entry yet",
    responses={404: {"description": "The article was never public."}},
)
async def get_receipts(id: UUID, session: Reading) -> ReceiptsView:  # noqa: A002  # the path's own word
    """Never forgotten: a story killed after years still names everyone who holds a copy."""
    if await public.find_public(session, id) is None:
        raise Problem(404, "no-such-article", "This article was never public.", detail=f"Nobody ever received {id}.")
    newest = await receipts.newest_of(session, id)
    known = await receipts.recipients_of(session, id)
    sent = await deliveries.deliveries_of(session, str(id))
    names = {row.id: row.name for row in await subscriptions.list_subscriptions(session, limit=1000)}
    told = await receipts.told_at(session, {row.last_position for row in known} | {newest})
    items = [_received(row, newest, told, names) for row in known]
    have = {(row.kind, row.consumer) for row in known if row.last_position >= newest}
    items += [_on_its_way(d, names) for d in _latest(sent) if ("webhook", str(d.subscription_id)) not in have]
    return ReceiptsView(article_id=id, newest_position=newest, items=items)


def _received(row: Recipient, newest: int, told: dict[int, datetime], names: dict[UUID, str]) -> ReceiptView:
    seconds = (row.last_at - told[row.last_position]).total_seconds() if row.last_position in told else None
    name = names.get(UUID(row.consumer), row.consumer) if row.kind == "webhook" else row.consumer
    state = "has it" if row.last_position >= newest else "has an older entry"
    says = f"{name}: {state}" + (f", {max(seconds, 0):.0f} s after it was told" if seconds is not None else "")
    return ReceiptView(
        kind=row.kind,
        consumer=name,
        position=row.last_position,
        state=state,
        seconds=seconds,
        at=row.last_at,
        kill_acknowledged=row.kill_acked_at,
        says=says,
    )


def _on_its_way(delivery: Delivery, names: dict[UUID, str]) -> ReceiptView:
    name = names.get(delivery.subscription_id, str(delivery.subscription_id))
    due = delivery.due_at if delivery.state == "waiting" else None
    says = f"{name}: {delivery.state}"
    if due is not None:
        says = f"{name}: attempt {delivery.attempts + 1} at {due:%H:%M:%S} UTC"
    return ReceiptView(
        kind="webhook",
        consumer=name,
        position=delivery.position,
        state=delivery.state,
        seconds=None,
        at=None,
        attempts=delivery.attempts,
        next_attempt=due,
        says=says,
    )


def _latest(sent: Sequence[Delivery]) -> list[Delivery]:
    newest: dict[UUID, Delivery] = {}
    for delivery in sent:  # newest position first
        newest.setdefault(delivery.subscription_id, delivery)
    return [delivery for delivery in newest.values() if delivery.state != "delivered"]


def _behind(told: datetime | None, now: datetime) -> float:
    return 0.0 if told is None else round(max(0.0, (now - told).total_seconds()), 3)
