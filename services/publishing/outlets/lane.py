"""One subscription being delivered to: its rows become signed requests, the answers its delivery log.

Nothing is sent inside a transaction. What arrived is noted some at a time: a process that dies in between sends those
again, with the same ids and bodies.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Protocol
from uuid import UUID

import orjson
import structlog

from services.publishing.outlets import attempts, signatures
from services.publishing.outlets.attempts import Outcome
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import STREAM, Hub
from services.publishing.storage import subscriptions
from services.publishing.storage.receipts import Receipt, book
from services.publishing.storage.subscriptions import Delivery, Subscription
from shared.runtime.database import Database, Transaction
from shared.runtime.ending import end
from shared.runtime.log import read_log
from shared.runtime.outbound import OutboundError

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)  # renewed whenever something is noted: at the latest one attempt (15 s) after a second
_PAGE = 50
_AT_ONCE = 8  # requests of one parallel subscription
_NOTED_WITHIN = 1.0  # seconds until what arrived is written down
_GATHERED = 0.2  # the same where several are sent at once


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


@dataclass(frozen=True)
class Means:
    """What every lane of a process delivers with. `desk` keeps lanes from taking all connections to the database."""

    database: Database
    hub: Hub
    post: Post
    clock: Callable[[], datetime]
    luck: Callable[[], float]
    desk: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))


@dataclass(frozen=True)
class Attempt:
    """A delivery that was tried and what came of it."""

    delivery: Delivery
    outcome: Outcome


class Lane:
    """Delivers what is due to one subscription, leased under the number `by`, until nothing is or the lease is lost."""

    def __init__(self, means: Means, subscription: Subscription, by: str) -> None:
        self.means, self.subscription, self.by = means, subscription, by
        self.key = subscription.id

    async def run(self) -> None:
        """Deliver; whatever breaks it off, the lane is free again afterwards."""
        try:
            due = await self._first() or await self._take()
            while due:
                bodies = await self._bodies(due)
                if self.subscription.ordering == "parallel":
                    await self._beside(due, bodies)
                else:
                    await self._in_order(due, bodies)
                due = await self._take()
        except Exception as error:  # noqa: BLE001  # another look follows, here or in another process
            log.warning("a lane broke off", subscription=str(self.key), error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(1.0)
        finally:
            with contextlib.suppress(Exception):
                await self._give_back()

    async def _first(self) -> Sequence[Delivery]:
        """Read what is due under the lease with which the lane was opened: as fresh as that, it needs no renewal."""
        async with self.means.desk, self.means.database.reading() as session:
            waiting = await subscriptions.next_waiting(session, self.subscription, _PAGE)
        return _due(waiting, self.means.clock())

    async def _take(self) -> Sequence[Delivery]:
        """Renew the lease and read what is due; where nothing is, note when the lane is due and give it back."""
        now = self.means.clock()
        async with self.means.desk, self.means.database.transaction() as tx:
            row = await self._leased(tx)
            if row is None:
                return ()
            waiting = await subscriptions.next_waiting(tx.session, row, _PAGE)
            due = _due(waiting, now) if row.state == "active" else []
            if due:
                row.lease_until = now + LEASE
            else:
                row.due_at = waiting[0].due_at if waiting else None
                row.lease_until, row.leased_by = None, None
            tx.session.add(row)
            self.subscription = row
            return due

    async def _leased(self, tx: Transaction) -> Subscription | None:
        row = await subscriptions.find_subscription(tx.session, self.key, lock=True)
        return row if row is not None and row.leased_by == self.by else None

    async def _give_back(self) -> None:
        async with self.means.desk, self.means.database.transaction() as tx:
            if (row := await self._leased(tx)) is not None:
                row.lease_until, row.leased_by = None, None
                tx.session.add(row)

    async def _in_order(self, due: Sequence[Delivery], bodies: dict[UUID, bytes]) -> None:
        """Send one by one; what follows a failure waits behind it."""
        done, began = list[Attempt](), time.monotonic()
        try:
            for delivery in due:
                done.append(Attempt(delivery, await self._request(delivery, bodies[delivery.id])))
                if not done[-1].outcome.delivered:
                    return
                if time.monotonic() - began >= _NOTED_WITHIN:
                    noted, done, began = done, [], time.monotonic()
                    if not await self._note(noted):
                        return
        finally:
            await self._note(done)

    async def _beside(self, due: Sequence[Delivery], bodies: dict[UUID, bytes]) -> None:
        """Send several at once; one that hangs holds up none of the others of its page.

        Where none of them arrived, the lane rests a second: an endpoint that fails must not keep the process busy.
        """
        left, running = deque(due), dict[asyncio.Task[Outcome], Delivery]()
        done, began, arrived = list[Attempt](), time.monotonic(), False
        try:
            while left or running:
                while left and len(running) < _AT_ONCE:
                    one = left.popleft()
                    running[asyncio.create_task(self._request(one, bodies[one.id]))] = one
                ended, _ = await asyncio.wait(running, timeout=_GATHERED, return_when=asyncio.FIRST_COMPLETED)
                done += [Attempt(running.pop(task), task.result()) for task in ended]
                arrived |= any(one.outcome.delivered for one in done)
                if time.monotonic() - began >= _GATHERED or not running:
                    noted, done, began = done, [], time.monotonic()
                    if not await self._note(noted):
                        left.clear()
            if not arrived:
                await asyncio.sleep(_NOTED_WITHIN)
        finally:
            await end(running)
            await self._note(done)

    async def _bodies(self, due: Sequence[Delivery]) -> dict[UUID, bytes]:
        """Each delivery's body: the entry as the log has it, so that it is the same at every attempt."""
        positions = [delivery.position for delivery in due if delivery.body is None]
        frames: dict[int, Frame] = {}
        if positions:
            first, last = min(positions), max(positions)
            if last - first < 1000 and last <= self.means.hub.head:
                frames = {f.position: f for f in await self.means.hub.read(first - 1, last - first + 1)}
            else:  # far apart, or routed by a replica that is further than we are
                async with self.means.database.reading() as session:
                    for position in positions:
                        for entry in await read_log(session, STREAM, position - 1, 1):
                            frames[entry.position] = Frame.of(entry)
        thin = self.subscription.payload == "thin"
        return {d.id: d.body.encode() if d.body is not None else _payload(frames[d.position], thin=thin) for d in due}

    async def _request(self, delivery: Delivery, body: bytes) -> Outcome:
        began, now, row = time.monotonic(), self.means.clock(), self.subscription
        secrets = [row.secret]
        if row.old_secret and row.old_secret_until and row.old_secret_until > now:
            secrets.append(row.old_secret)
        keys = signatures.Keys(secrets, row.private_key)
        headers = {
            "content-type": "application/cloudevents+json",
            **signatures.headers(keys, delivery.event_id, int(now.timestamp()), body),
        }
        try:
            answer = await self.means.post(
                row.url, content=body, headers=headers, seconds=attempts.SECONDS, keep=attempts.ANSWER
            )
        except OutboundError as error:
            return Outcome(error=f"{error.code}: {error}", milliseconds=_since(began))
        retry_after = answer.headers.get("retry-after")
        return Outcome(answer.status_code, retry_after=retry_after, milliseconds=_since(began))

    async def _note(self, done: Sequence[Attempt]) -> bool:
        """Write down what came of some attempts and what follows from it; whether the lane may go on."""
        if not done:
            return True
        now = self.means.clock()
        async with self.means.desk, self.means.database.transaction() as tx:
            row = await subscriptions.find_subscription(tx.session, self.key, lock=True)
            if row is None:
                return False
            await self._note_arrived(tx, row, [one for one in done if one.outcome.delivered], now)
            for one in done:
                if not one.outcome.delivered:
                    await self._note_failed(tx, row, one, now)
            ours = row.leased_by == self.by
            if ours:
                row.lease_until = now + LEASE
            tx.session.add(row)
            return ours and row.state == "active"

    async def _note_arrived(self, tx: Transaction, row: Subscription, done: list[Attempt], now: datetime) -> None:
        if not done:
            return
        lines = {
            one.delivery.id: orjson.dumps(attempts.story(one.delivery.attempts + 1, one.outcome, now)).decode()
            for one in done
        }
        arrived = await subscriptions.note_delivered(tx.session, lines, now)
        row.failing_since, row.last_success_at = None, now
        known = [one.delivery for one in done if one.delivery.id in arrived]
        live = [delivery.position for delivery in known if delivery.run == 0]
        if live and max(live) > row.acked:
            row.acked, row.acked_at = max(live), now
        receipts = [Receipt(d.article_id, d.position, d.type) for d in known if d.origin != "test"]
        await book(tx.session, "webhook", str(self.key), receipts, now)

    async def _note_failed(self, tx: Transaction, row: Subscription, one: Attempt, now: datetime) -> None:
        delivery = await subscriptions.find_delivery(tx.session, one.delivery.id)
        if delivery is None or delivery.state != "waiting":
            return
        delivery.attempts += 1
        delivery.log = [*delivery.log, dict(attempts.story(delivery.attempts, one.outcome, now))]
        tx.session.add(delivery)
        what = attempts.decide(one.outcome, delivery.attempts, now, self.means.luck())
        if what.act != "disable" and delivery.origin == "test":
            delivery.state = "exhausted"  # a test has its answer; nothing real may wait behind it
            return
        row.failing_since = row.failing_since or now
        if what.act == "disable":
            row.state, row.notice = "disabled", "The endpoint answered 410 Gone."
        elif what.act == "exhausted":
            delivery.state = "exhausted"
        else:
            delivery.due_at = what.due or now
        if row.state == "active" and attempts.gives_up(row.failing_since, now):
            row.state = "paused"
            row.notice = f"Paused: no delivery succeeded since {row.failing_since:%Y-%m-%d %H:%M} UTC."
            log.warning("a subscription was paused", subscription=str(self.key), name=row.name)


def _due(waiting: Sequence[Delivery], now: datetime) -> list[Delivery]:
    return list(takewhile(lambda one: one.due_at <= now, waiting))


def _payload(frame: Frame, *, thin: bool) -> bytes:
    return frame.thin if thin else frame.event


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
