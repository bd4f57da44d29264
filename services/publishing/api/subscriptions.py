"""Webhook subscriptions: made, listed, changed, paused and resumed, given new secrets, ended."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, field_validator

from services.publishing.api.filters import EventFilters
from services.publishing.outlets import signatures
from services.publishing.outlets.courier import Courier
from services.publishing.outlets.hub import STREAM, Hub
from services.publishing.outlets.wanted import stored
from services.publishing.storage import deliveries
from services.publishing.storage import subscriptions as rows
from services.publishing.storage.subscriptions import Subscription
from services.publishing.use_cases import subscribing
from shared.events import Role
from shared.runtime import (
    DoorRouter,
    Page,
    Problem,
    Reading,
    Tx,
    Who,
    allow,
    decode_cursor,
    encode_cursor,
    link_next,
    new_id,
    part,
    utc_now,
)
from shared.runtime.log import head
from shared.runtime.outbound import OutboundRefused, SafeClient

router = DoorRouter(prefix="/v1/subscriptions", tags=["subscriptions"])
subscribers = [allow(Role.READER, Role.OPERATOR)]
AskHub = Annotated[Hub, part(Hub)]
AskCourier = Annotated[Courier, part(Courier)]
_ROTATION = timedelta(hours=24)


class AddSubscription(BaseModel):
    """A webhook: every wanted entry of the log is POSTed to `url`, signed after Standard Webhooks."""

    name: str = Field(min_length=1, max_length=100, examples=["the app"])
    url: str = Field(min_length=1, max_length=2000, examples=["https://app.example/hooks/news"])
    filters: EventFilters = EventFilters()
    payload: Literal["full", "thin"] = "full"
    ordering: Literal["ordered", "parallel"] = Field(
        default="ordered", description="Ordered waits behind what failed; parallel lets the rest go on."
    )
    start: int | None = Field(
        default=None, ge=0, le=2**62, description="Deliver what comes after this position; from now on where missing."
    )
    secret: str | None = Field(default=None, description="Your own `whsec_…`; one is made where missing.")

    @field_validator("secret")
    @classmethod
    def _proper(cls, value: str | None) -> str | None:
        return value if value is None else signatures.check_secret(value)


class ChangeSubscription(BaseModel):
    """What to change; what is missing stays."""

    name: str | None = Field(default=None, min_length=1, max_length=100, examples=["my app"])
    url: str | None = Field(default=None, min_length=1, max_length=2000)
    filters: EventFilters | None = None
    payload: Literal["full", "thin"] | None = None
    ordering: Literal["ordered", "parallel"] | None = None


class SubscriptionView(BaseModel):
    """A subscription and how it is doing. `lag` counts what is not delivered yet."""

    id: UUID
    name: str
    url: str
    filters: dict[str, Any]
    payload: str
    ordering: str
    state: str
    notice: str | None
    public_key: str
    routed: int
    acked: int
    acked_at: datetime | None
    lag: int
    failing_since: datetime | None
    last_success_at: datetime | None
    created_at: datetime


class SubscriptionMade(SubscriptionView):
    """The same with the secret, which is shown this once."""

    secret: str


class SecretRotated(BaseModel):
    """The new secret, shown this once; the old one signs too until then."""

    secret: str
    old_secret_until: datetime


@router.post(
    "",
    status_code=201,
    dependencies=subscribers,
    operation_id="addSubscription",
    summary="Subscribe an endpoint to what is published",
    responses={422: {"description": "The address may not be reached from here, or the filter is unknown."}},
)
async def add_subscription(
    body: AddSubscription, tx: Tx, who: Who, answer: Response, client: Annotated[SafeClient, part(SafeClient)]
) -> SubscriptionMade:
    """The secret is in this answer and nowhere else."""
    answer.headers["Cache-Control"] = "no-store"
    await _reachable(client, body.url)
    now = utc_now()
    end = await head(tx.session, STREAM)
    row = Subscription(
        id=new_id(),
        name=body.name,
        owner=who.id,
        url=body.url,
        filters=stored(body.filters.wanted()),
        payload=body.payload,
        ordering=body.ordering,
        secret=body.secret or signatures.new_secret(),
        private_key=signatures.new_private(),
        routed=end if body.start is None else min(body.start, end),
        created_at=now,
        updated_at=now,
    )
    tx.session.add(row)
    return SubscriptionMade(**_view(row, end, 0).model_dump(), secret=row.secret)


@router.get("", dependencies=subscribers, operation_id="listSubscriptions", summary="Subscriptions, oldest first")
async def list_subscriptions(
    request: Request,
    response: Response,
    session: Reading,
    who: Who,
    hub: AskHub,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[SubscriptionView]:
    """An operator sees all, others their own."""
    owner = None if Role.OPERATOR in who.roles else who.id
    place = decode_cursor(cursor, UUID)[0] if cursor else None
    found = await rows.list_subscriptions(session, owner, after=place, limit=limit + 1)
    shown = found[:limit]
    waiting = await deliveries.count_waiting(session, [row.id for row in shown])
    following = encode_cursor(shown[-1].id) if len(found) > limit else None
    link_next(response, request, following)
    return Page(items=[_view(row, hub.head, waiting.get(row.id, 0)) for row in shown], next=following)


@router.get("/{id}", dependencies=subscribers, operation_id="getSubscription", summary="One subscription")
async def get_subscription(id: UUID, session: Reading, who: Who, hub: AskHub) -> SubscriptionView:  # noqa: A002
    """How it is doing."""
    row = await own_subscription(session, id, who)
    waiting = await deliveries.count_waiting(session, [row.id])
    return _view(row, hub.head, waiting.get(row.id, 0))


@router.patch("/{id}", dependencies=subscribers, operation_id="changeSubscription", summary="Change a subscription")
async def change_subscription(
    id: UUID,  # noqa: A002  # the path's own word
    body: ChangeSubscription,
    tx: Tx,
    who: Who,
    hub: AskHub,
    client: Annotated[SafeClient, part(SafeClient)],
) -> SubscriptionView:
    """A new filter holds for what is told from now on."""
    if body.url is not None:
        await _reachable(client, body.url)
    row = await own_subscription(tx.session, id, who, lock=True)
    changes = body.model_dump(exclude_none=True, exclude={"filters"})
    if body.filters is not None:
        changes["filters"] = stored(body.filters.wanted())
    now = utc_now()
    for name, value in {**changes, "updated_at": now, "due_at": now}.items():  # another ordering, another moment
        setattr(row, name, value)
    tx.session.add(row)
    return _view(row, hub.head, 0)


@router.delete(
    "/{id}", status_code=204, dependencies=subscribers, operation_id="deleteSubscription", summary="End a subscription"
)
async def delete_subscription(id: UUID, tx: Tx, who: Who) -> None:  # noqa: A002  # the path's own word
    """What waits is called off; the proof of what was delivered stays."""
    row = await own_subscription(tx.session, id, who, lock=True)
    await subscribing.end(tx.session, row.id)


@router.post(
    "/{id}/secret",
    dependencies=subscribers,
    operation_id="rotateSecret",
    summary="Give a subscription a new secret; for a day the old one signs too",
)
async def rotate_secret(id: UUID, tx: Tx, who: Who, answer: Response) -> SecretRotated:  # noqa: A002  # the path's word
    """The new secret is in this answer and nowhere else."""
    answer.headers["Cache-Control"] = "no-store"
    row = await own_subscription(tx.session, id, who, lock=True)
    now = utc_now()
    secret = subscribing.rotate(row, now, _ROTATION)
    tx.session.add(row)
    return SecretRotated(secret=secret, old_secret_until=now + _ROTATION)


@router.post(
    "/{id}/{verb}",
    dependencies=subscribers,
    operation_id="steerSubscription",
    summary="Pause or resume a subscription, or send it a test event",
    responses={404: {"description": "No such subscription or verb."}},
)
async def steer(
    id: UUID,  # noqa: A002  # the path's own word
    verb: Literal["pause", "resume", "test"],
    tx: Tx,
    who: Who,
    hub: AskHub,
    courier: AskCourier,
) -> SubscriptionView:
    """A paused subscription loses nothing: its backlog flows when it is resumed."""
    row = await own_subscription(tx.session, id, who, lock=True)
    now = utc_now()
    if verb == "test":
        await deliveries.add_deliveries(tx.session, [subscribing.a_test(row, now)])
    else:
        subscribing.switch(row, on=verb == "resume", now=now)
    row.due_at = now
    tx.session.add(row)
    courier.wake_soon()
    return _view(row, hub.head, 0)


async def own_subscription(session: Any, key: UUID, who: Who, *, lock: bool = False) -> Subscription:
    """A subscription of one's own, or any for an operator. Raises Problem 404 otherwise."""
    row = await rows.find_subscription(session, key, lock=lock)
    if row is None or (row.owner != who.id and Role.OPERATOR not in who.roles):
        detail = f"You have none with the id {key}."
        raise Problem(404, "no-such-subscription", "There is no such subscription.", detail=detail)
    return row


async def _reachable(client: SafeClient, url: str) -> None:
    try:
        await client.check(url)
    except OutboundRefused as refused:
        raise Problem(422, "closed-address", "This address may not be reached.", detail=f"url: {refused}") from refused


def _view(row: Subscription, head: int, waiting: int) -> SubscriptionView:
    shown = {name: getattr(row, name) for name in SubscriptionView.model_fields if hasattr(row, name)}
    lag = max(0, head - row.routed) + waiting
    return SubscriptionView(**shown, public_key=signatures.public_of(row.private_key), lag=lag)
