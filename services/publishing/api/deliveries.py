"""What was delivered to a subscription, attempt by attempt; one of it or a range sent once more."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.publishing.api.shapes import Body
from services.publishing.api.subscribed import AskCourier, AskHub, own_subscription, subscribers
from services.publishing.outlets.wanted import wanted_of
from services.publishing.storage import deliveries, subscriptions
from services.publishing.storage.deliveries import Delivery
from services.publishing.use_cases import subscribing
from shared.runtime import DoorRouter, Page, Problem, Reading, Tx, Who, decode_cursor, encode_cursor, link_next, utc_now

router = DoorRouter(prefix="/v1/subscriptions/{id}", tags=["subscriptions"])


class DeliveryView(BaseModel):
    """One entry on its way: its attempts, newest last."""

    id: UUID
    position: int
    event_id: str
    type: str
    article_id: str
    origin: str
    state: str
    attempts: int
    due_at: datetime
    delivered_at: datetime | None
    log: list[dict[str, Any]]


class Resend(Body):
    """Positions to deliver once more, whatever came of them before."""

    first: int = Field(ge=1, le=2**62, examples=[40])
    last: int = Field(ge=1, le=2**62)


class Queued(BaseModel):
    """How many deliveries were put on their way."""

    queued: int


@router.get(
    "/deliveries",
    dependencies=subscribers,
    operation_id="listDeliveries",
    summary="The delivery log, newest first",
)
async def list_deliveries(
    request: Request,
    response: Response,
    id: UUID,  # noqa: A002  # the path's own word
    session: Reading,
    who: Who,
    state: Literal["waiting", "delivered", "exhausted", "cancelled"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[DeliveryView]:
    """Every attempt with its status, time and error."""
    row = await own_subscription(session, id, who)
    place = decode_cursor(cursor, datetime, UUID) if cursor else None
    found = await deliveries.list_deliveries(session, row.id, state=state, after=place, limit=limit + 1)
    shown = found[:limit]
    following = encode_cursor(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    link_next(response, request, following)
    return Page(items=[DeliveryView.model_validate(d, from_attributes=True) for d in shown], next=following)


@router.post(
    "/deliveries/{delivery_id}/resend",
    status_code=202,
    dependencies=subscribers,
    operation_id="resendDelivery",
    summary="Try one delivery again, whatever came of it",
)
async def resend_delivery(
    id: UUID,  # noqa: A002  # the path's own word
    delivery_id: UUID,
    tx: Tx,
    who: Who,
    courier: AskCourier,
) -> DeliveryView:
    """The webhook-id and body are the same as before."""
    row = await own_subscription(tx.session, id, who)
    known: Delivery | None = await deliveries.find_delivery(tx.session, delivery_id)
    if known is None or known.subscription_id != row.id:
        detail = f"{delivery_id} is not one of {id}."
        raise Problem(404, "no-such-delivery", "There is no such delivery.", detail=detail)
    now = utc_now()
    subscribing.retry_now(known, now)
    tx.session.add(known)
    await subscriptions.wake_lanes(tx.session, [row.id], now)
    courier.wake_soon()
    return DeliveryView.model_validate(known, from_attributes=True)


@router.post(
    "/resend",
    status_code=202,
    dependencies=subscribers,
    operation_id="resendRange",
    summary="Deliver a range of positions once more (at most 1,000; use a replay for more)",
)
async def resend_range(
    id: UUID,  # noqa: A002  # the path's own word
    body: Resend,
    tx: Tx,
    who: Who,
    hub: AskHub,
    courier: AskCourier,
) -> Queued:
    """The subscription's filter holds."""
    row = await own_subscription(tx.session, id, who)
    if not 0 <= body.last - body.first < 1000:
        detail = f"first {body.first} to last {body.last}: give 1 to 1,000 positions, or start a replay."
        raise Problem(422, "bad-range", "This is no usable range.", detail=detail)
    wanted = wanted_of(row.filters)
    frames = [f for f in await hub.read(body.first - 1, 1000) if f.position <= body.last and wanted.takes(f.facts)]
    now = utc_now()
    await deliveries.add_deliveries(tx.session, subscribing.once_more(row, frames, now))
    await subscriptions.wake_lanes(tx.session, [row.id], now)
    courier.wake_soon()
    return Queued(queued=len(frames))
