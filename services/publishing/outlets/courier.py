"""Webhook deliveries, second half: rows become signed requests, answers become the delivery log.

A subscription with something due is a lane. A lane is leased with SKIP LOCKED, so that replicas share the work and one
subscription's entries keep their order; lanes run beside each other, so that a bad endpoint delays only itself. Nothing
is sent inside a transaction.
"""

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

import structlog

from services.publishing.outlets import attempts, signatures
from services.publishing.outlets.attempts import Outcome
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import STREAM, Hub
from services.publishing.storage import subscriptions
from services.publishing.storage.receipts import Receipt, book
from services.publishing.storage.subscriptions import Delivery, Subscription
from shared.runtime.database import Database
from shared.runtime.ending import end
from shared.runtime.log import read_log
from shared.runtime.moments import new_id
from shared.runtime.outbound import OutboundError

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)  # renewed with every attempt, which takes 15 at most
_LANES = 500  # leased by one process at once
_AT_ONCE = 8  # requests of one parallel subscription
_PAGE = 50


class Answer(Protocol):
    """What a receiver said."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Any: ...


class Post(Protocol):
    """Sends one request and follows no redirect. Raises OutboundError."""

    async def __call__(
        self, url: str, *, content: bytes, headers: dict[str, str], seconds: float, keep: int
    ) -> Answer: ...


class Courier:
    """Delivers until it is left; an async context manager. One per process, any number of processes."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        post: Post,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        luck: Callable[[], float] = random.random,
    ) -> None:
        self.database, self.hub, self.post = database, hub, post
        self.clock, self.luck = clock, luck
        self.name = f"{os.uname().nodename}-{os.getpid()}-{new_id().hex[-6:]}"
        self.problem: str | None = None
        self._lanes: dict[UUID, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep(), name="courier")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = [*([self._task] if self._task else []), *self._lanes.values()]
        await end(running)

    def wake(self) -> None:
        """Something is due now."""
        self._wake.set()

    def wake_soon(self) -> None:
        """The same once the request that asks for it has committed."""
        asyncio.get_running_loop().call_later(0.05, self.wake)

    async def _keep(self) -> None:
        while True:
            try:
                await self._deliver()
            except Exception as error:  # noqa: BLE001  # an outage ends with the outage; the courier outlives it
                self.problem = f"{type(error).__name__}: {error}"
                log.warning("the courier pauses", error=self.problem)
                await asyncio.sleep(1.0)

    async def _deliver(self) -> None:
        while True:
            self._wake.clear()
            if await self.open_lanes():
                continue
            seconds = await self._until_due()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)

    async def _until_due(self) -> float:
        async with self.database.reading() as session:
            soonest = await subscriptions.soonest_due(session)
        if soonest is None:
            return 1.0
        return min(1.0, max(0.05, (soonest - self.clock()).total_seconds()))

    async def open_lanes(self) -> int:
        """Lease what has something due and start delivering it; how many lanes were opened."""
        free = _LANES - len(self._lanes)
        if free <= 0:
            return 0
        async with self.database.transaction() as tx:
            taken = await subscriptions.take_lanes(tx.session, self.name, self.clock(), LEASE, free)
        for subscription in taken:
            task = asyncio.create_task(self._lane(subscription), name=f"lane {subscription.name}")
            self._lanes[subscription.id] = task
            task.add_done_callback(lambda _, key=subscription.id: self._closed(key))  # type: ignore[misc]  # bound now
        return len(taken)

    def _closed(self, key: UUID) -> None:
        self._lanes.pop(key, None)
        self.wake()

    async def _lane(self, subscription: Subscription) -> None:
        """Deliver what is due to one subscription until nothing is, then give the lane back."""
        try:
            while subscription.state == "active":
                renewed, due = await self._take(subscription.id)
                if renewed is None or not due:
                    break
                subscription = renewed
                if subscription.ordering == "parallel":
                    await self._send_parallel(subscription, due)
                elif not await self._send_ordered(subscription, due):
                    break
        except Exception as error:  # noqa: BLE001  # the lease ends by itself; another look comes then
            log.warning("a lane broke off", subscription=str(subscription.id), error=f"{type(error).__name__}: {error}")
        finally:
            with contextlib.suppress(Exception):
                await self._give_back(subscription.id)

    async def _take(self, key: UUID) -> tuple[Subscription | None, Sequence[Delivery]]:
        """Renew the lease and read what is due; in an ordered lane nothing overtakes what waits for its time."""
        now = self.clock()
        async with self.database.transaction() as tx:
            subscription = await subscriptions.find_subscription(tx.session, key, lock=True)
            if subscription is None or subscription.leased_by != self.name or subscription.state != "active":
                return None, ()
            subscription.lease_until = now + LEASE
            tx.session.add(subscription)
            if subscription.ordering == "parallel":
                return subscription, await subscriptions.next_due(tx.session, key, now, _PAGE)
            waiting = await subscriptions.next_waiting(tx.session, key, _PAGE)
        due = []
        for delivery in waiting:
            if delivery.due_at > now:
                break
            due.append(delivery)
        return subscription, due

    async def _give_back(self, key: UUID) -> None:
        async with self.database.transaction() as tx:
            subscription = await subscriptions.find_subscription(tx.session, key, lock=True)
            if subscription is not None and subscription.leased_by == self.name:
                subscription.lease_until, subscription.leased_by = None, None
                tx.session.add(subscription)

    async def _send_ordered(self, subscription: Subscription, due: Sequence[Delivery]) -> bool:
        """Send one by one; False when one failed and the rest must wait behind it."""
        bodies = await self._bodies(subscription, due)
        for delivery in due:
            if await self._attempt(subscription, delivery, bodies[delivery.id]) in {"retry", "disable", "pause"}:
                return False
        return True

    async def _send_parallel(self, subscription: Subscription, due: Sequence[Delivery]) -> None:
        bodies = await self._bodies(subscription, due)
        for start in range(0, len(due), _AT_ONCE):
            some = due[start : start + _AT_ONCE]
            await asyncio.gather(*(self._attempt(subscription, one, bodies[one.id]) for one in some))

    async def _bodies(self, subscription: Subscription, due: Sequence[Delivery]) -> dict[UUID, bytes]:
        """Each delivery's body: the entry as the log has it, so that it is the same at every attempt."""
        positions = [delivery.position for delivery in due if delivery.body is None]
        frames: dict[int, Frame] = {}
        if positions:
            first, last = min(positions), max(positions)
            if last - first < 1000:
                frames = {f.position: f for f in await self.hub.read(first - 1, last - first + 1)}
            else:
                async with self.database.reading() as session:
                    for position in positions:
                        for entry in await read_log(session, STREAM, position - 1, 1):
                            frames[entry.position] = Frame.of(entry)
        thin = subscription.payload == "thin"
        return {d.id: d.body.encode() if d.body is not None else _payload(frames[d.position], thin=thin) for d in due}

    async def _attempt(self, subscription: Subscription, delivery: Delivery, body: bytes) -> str:
        outcome = await self._request(subscription, delivery, body)
        return await self._record(subscription.id, delivery, outcome)

    async def _request(self, subscription: Subscription, delivery: Delivery, body: bytes) -> Outcome:
        began = time.monotonic()
        now = self.clock()
        secrets = [subscription.secret]
        if subscription.old_secret and subscription.old_secret_until and subscription.old_secret_until > now:
            secrets.append(subscription.old_secret)
        keys = signatures.Keys(secrets, subscription.private_key)
        headers = {
            "content-type": "application/cloudevents+json",
            **signatures.headers(keys, delivery.event_id, int(now.timestamp()), body),
        }
        try:
            answer = await self.post(
                subscription.url, content=body, headers=headers, seconds=attempts.SECONDS, keep=attempts.ANSWER
            )
        except OutboundError as error:
            return Outcome(error=f"{error.code}: {error}", milliseconds=_since(began))
        retry_after = answer.headers.get("retry-after")
        return Outcome(answer.status_code, retry_after=retry_after, milliseconds=_since(began))

    async def _record(self, key: UUID, sent: Delivery, outcome: Outcome) -> str:
        """Write down what came of an attempt and what follows from it."""
        now = self.clock()
        async with self.database.transaction() as tx:
            subscription = await subscriptions.find_subscription(tx.session, key, lock=True)
            delivery = await subscriptions.find_delivery(tx.session, sent.id)
            if subscription is None or delivery is None or delivery.state != "waiting":
                return "gone"
            delivery.attempts += 1
            delivery.log = [*delivery.log, dict(attempts.story(delivery.attempts, outcome, now))]
            if subscription.leased_by == self.name:
                subscription.lease_until = now + LEASE
            what = attempts.decide(outcome, delivery.attempts, now, self.luck())
            tx.session.add(delivery)
            tx.session.add(subscription)
            if what.act == "delivered":
                delivery.state, delivery.delivered_at = "delivered", now
                subscription.failing_since, subscription.last_success_at = None, now
                if delivery.run == 0 and delivery.position > subscription.acked:
                    subscription.acked, subscription.acked_at = delivery.position, now
                if delivery.origin != "test":
                    receipt = Receipt(delivery.article_id, delivery.position, delivery.type)
                    await book(tx.session, "webhook", str(key), [receipt], now)
                return "delivered"
            subscription.failing_since = subscription.failing_since or now
            if what.act == "disable":
                subscription.state, subscription.notice = "disabled", "The endpoint answered 410 Gone."
                return "disable"
            if what.act == "exhausted":
                delivery.state = "exhausted"
            else:
                delivery.due_at = what.due or now
            if attempts.gives_up(subscription.failing_since, now):
                subscription.state = "paused"
                subscription.notice = (
                    f"Paused: no delivery succeeded since {subscription.failing_since:%Y-%m-%d %H:%M} UTC."
                )
                log.warning("a subscription was paused", subscription=str(key), name=subscription.name)
                return "pause"
            return what.act


def _payload(frame: Frame, *, thin: bool) -> bytes:
    return frame.thin if thin else frame.event


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
