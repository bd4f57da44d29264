"""Webhook subscriptions: made, listed, changed, paused and resumed, given new secrets, ended."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from services.publishing.api.filters import position_ahead
from services.publishing.api.subscribed import (
    AddSubscription,
    AskCourier,
    AskHub,
    ChangeSubscription,
    SecretRotated,
    SubscriptionMade,
    SubscriptionView,
    own_subscription,
    shown,
    subscribers,
    view,
)
from services.publishing.outlets import signatures
from services.publishing.outlets.hub import STREAM
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
_ROTATION = timedelta(hours=24)


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
    now, end = utc_now(), await head(tx.session, STREAM)
    if body.start is not None and body.start > end:
        raise position_ahead(body.start, end)
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
        routed=end if body.start is None else body.start,
        created_at=now,
        updated_at=now,
    )
    tx.session.add(row)
    return SubscriptionMade(**view(row, end, 0).model_dump(), secret=row.secret)


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
    page = found[:limit]
    waiting = await deliveries.count_waiting(session, [row.id for row in page])
    following = encode_cursor(page[-1].id) if len(found) > limit else None
    link_next(response, request, following)
    return Page(items=[view(row, hub.head, waiting.get(row.id, 0)) for row in page], next=following)


@router.get("/{id}", dependencies=subscribers, operation_id="getSubscription", summary="One subscription")
async def get_subscription(id: UUID, session: Reading, who: Who, hub: AskHub) -> SubscriptionView:  # noqa: A002
    """How it is doing."""
    return await shown(session, await own_subscription(session, id, who), hub)


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
    return await shown(tx.session, row, hub)


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
    return await shown(tx.session, row, hub)


async def _reachable(client: SafeClient, url: str) -> None:
    try:
        await client.check(url)
    except OutboundRefused as refused:
        raise Problem(422, "closed-address", "This address may not be reached.", detail=f"url: {refused}") from refused
