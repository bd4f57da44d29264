"""What the doors of subscriptions share: what people send, what they see, and whose a subscription is."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.filters import EventFilters
from services.publishing.api.shapes import Body
from services.publishing.outlets import signatures
from services.publishing.outlets.courier import Courier
from services.publishing.outlets.hub import Hub
from services.publishing.storage import deliveries
from services.publishing.storage import subscriptions as rows
from services.publishing.storage.subscriptions import Subscription
from shared.events import Role
from shared.runtime import Problem, Who, allow, part

subscribers = [allow(Role.READER, Role.OPERATOR)]
AskHub = Annotated[Hub, part(Hub)]
AskCourier = Annotated[Courier, part(Courier)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class AddSubscription(Body):
    """A webhook: every wanted entry of the log is POSTed to `url`, signed after Standard Webhooks."""

    name: Name = Field(examples=["the app"])
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


class ChangeSubscription(Body):
    """What to change; what is missing stays."""

    name: Name | None = Field(default=None, examples=["my app"])
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


async def own_subscription(session: AsyncSession, key: UUID, who: Who, *, lock: bool = False) -> Subscription:
    """A subscription of one's own, or any for an operator. Raises Problem 404 otherwise."""
    row = await rows.find_subscription(session, key, lock=lock)
    if row is None or (row.owner != who.id and Role.OPERATOR not in who.roles):
        detail = f"You have none with the id {key}."
        raise Problem(404, "no-such-subscription", "There is no such subscription.", detail=detail)
    return row


async def shown(session: AsyncSession, row: Subscription, hub: Hub) -> SubscriptionView:
    """How a subscription is doing."""
    waiting = await deliveries.count_waiting(session, [row.id])
    return view(row, hub.head, waiting.get(row.id, 0))


def view(row: Subscription, head: int, waiting: int) -> SubscriptionView:
    """The same where it is known how many deliveries wait."""
    shown = {name: getattr(row, name) for name in SubscriptionView.model_fields if hasattr(row, name)}
    lag = max(0, head - row.routed) + waiting
    return SubscriptionView(**shown, public_key=signatures.public_of(row.private_key), lag=lag)
