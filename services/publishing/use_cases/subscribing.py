"""Acts on a subscription: switched off and on, its secret rotated, a test sent, a part of the log sent again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.outlets import signatures
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.routes import delivery
from services.publishing.outlets.wanted import Wanted
from services.publishing.storage import deliveries, replays, subscriptions
from services.publishing.storage.deliveries import Delivery
from services.publishing.storage.replays import Replay
from services.publishing.storage.subscriptions import Subscription
from shared.runtime import new_id

TEST = "newsroom.subscription.test.v1"


def switch(row: Subscription, *, on: bool, now: datetime) -> None:
    """Pause or resume. Resuming forgives the failures so far and clears the notice."""
    row.state = "active" if on else "paused"
    row.notice = None if on else "Paused by a person."
    row.failing_since = None if on else row.failing_since
    row.updated_at = now


async def end(session: AsyncSession, key: UUID) -> None:
    """Call off what waits for a subscription and forget it; its deliveries stay, as proof of who got what."""
    await deliveries.cancel_waiting(session, key)
    await replays.forget_replays(session, key)
    await subscriptions.delete_subscription(session, key)


def rotate(row: Subscription, now: datetime, both: timedelta) -> str:
    """Give a new secret; for `both` the old one signs beside it."""
    row.old_secret, row.old_secret_until = row.secret, now + both
    row.secret = signatures.new_secret()
    row.updated_at = now
    return row.secret


def a_test(row: Subscription, now: datetime) -> dict[str, Any]:
    """A delivery of an event that tells nothing, to see whether the endpoint takes it."""
    event_id = new_id()
    event = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": "/newsroom/publishing",
        "type": TEST,
        "subject": str(row.id),
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": {"subscription_id": str(row.id), "name": row.name, "message": "This is a test; nothing was published."},
    }
    # Tests stand before everything that waits: their run is negative, and no two are the same.
    frame = {"position": 0, "run": -int(now.timestamp() * 1000), "event_id": str(event_id), "type": TEST}
    return {
        "id": new_id(),
        "subscription_id": row.id,
        **frame,
        "article_id": "",
        "origin": "test",
        "body": orjson.dumps(event).decode(),
        "due_at": now,
        "created_at": now,
    }


def once_more(row: Subscription, frames: Sequence[Frame], now: datetime) -> list[dict[str, Any]]:
    """Deliveries of entries that were delivered, or given up, before; the same ids and bodies."""
    run = int(now.timestamp() * 1000)
    return [delivery(row.id, frame, now, run=run, origin="resend") for frame in frames]


def retry_now(known: Delivery, now: datetime) -> None:
    """Try a delivery again from the start of its schedule."""
    known.state, known.attempts, known.due_at, known.delivered_at = "waiting", 0, now, None


async def count(hub: Hub, wanted: Wanted, first: int, last: int) -> int:
    """How many entries from `first` to `last` are wanted."""
    if wanted.everything:
        return max(0, last - first + 1)
    found, after = 0, first - 1
    while after < last:
        frames = await hub.read(after, 500)
        found += sum(1 for frame in frames if frame.position <= last and wanted.takes(frame.facts))
        after = frames[-1].position if frames else last
    return found


def a_replay(
    row: Subscription, filters: dict[str, Any], span: tuple[int, int], rate: int, total: int, by: str, now: datetime
) -> Replay:
    """A replay of the log from the first to the last position of `span`, at `rate` entries a second."""
    return Replay(
        id=new_id(),
        subscription_id=row.id,
        run=int(now.timestamp() * 1000),
        first_position=span[0],
        last_position=span[1],
        next_position=span[0],
        filters=filters,
        rate=rate,
        total=total,
        created_by=by,
        created_at=now,
        due_at=now,
    )
