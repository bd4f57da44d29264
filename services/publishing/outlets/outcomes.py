"""What came of attempts, written down: each delivery's log, what it means for its subscription, the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.outlets import attempts
from services.publishing.outlets.attempts import Next, Outcome
from services.publishing.storage import deliveries
from services.publishing.storage.deliveries import Delivery, Tried
from services.publishing.storage.receipts import Receipt, book
from services.publishing.storage.subscriptions import Subscription

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Attempt:
    """A delivery that was tried and what came of it."""

    delivery: Delivery
    outcome: Outcome


async def write_down(
    session: AsyncSession, row: Subscription, done: Sequence[Attempt], now: datetime, luck: Callable[[], float]
) -> None:
    """Note attempts and what follows from them. One called off meanwhile is none; `row` must be locked."""
    if not done:
        return
    following = [attempts.decide(one.outcome, one.delivery.attempts + 1, now, luck()) for one in done]
    tried = {one.delivery.id: _tried(one, next_, now) for one, next_ in zip(done, following, strict=True)}
    noted = await deliveries.note_attempts(session, tried, now)
    known = [(one, next_) for one, next_ in zip(done, following, strict=True) if one.delivery.id in noted]
    await _arrived(session, row, [one.delivery for one, _ in known if one.outcome.delivered], now)
    for one, next_ in known:
        if not one.outcome.delivered:
            _failed(row, one.delivery, next_, now)


def _tried(one: Attempt, following: Next, now: datetime) -> Tried:
    line = orjson.dumps(attempts.story(one.delivery.attempts + 1, one.outcome, now)).decode()
    if one.outcome.delivered:
        return Tried(line, "delivered")
    if following.act == "exhausted" or (following.act == "retry" and one.delivery.origin == "test"):
        return Tried(line, "exhausted")  # a test has its answer; nothing real may wait behind it
    return Tried(line, "waiting", following.due)


async def _arrived(session: AsyncSession, row: Subscription, arrived: Sequence[Delivery], now: datetime) -> None:
    if not arrived:
        return
    row.failing_since, row.last_success_at = None, now
    live = [delivery.position for delivery in arrived if delivery.run == 0]
    if live and max(live) > row.acked:
        row.acked, row.acked_at = max(live), now
    receipts = [Receipt(d.article_id, d.position, d.type) for d in arrived if d.origin != "test"]
    await book(session, "webhook", str(row.id), receipts, now)


def _failed(row: Subscription, delivery: Delivery, following: Next, now: datetime) -> None:
    if delivery.origin == "test" and following.act != "disable":
        return
    row.failing_since = row.failing_since or now
    if following.act == "disable":
        row.state, row.notice = "disabled", "The endpoint answered 410 Gone."
    if row.state == "active" and attempts.gives_up(row.failing_since, now):
        row.state = "paused"
        row.notice = f"Paused: no delivery succeeded since {row.failing_since:%Y-%m-%d %H:%M} UTC."
        log.warning("a subscription was paused", subscription=str(row.id), name=row.name)
