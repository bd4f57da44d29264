"""One subscription being delivered to: its rows are sent page by page, and what came of them is noted.

Nothing is sent inside a transaction. What arrived is noted some at a time: a process that dies in between sends those
again, with the same ids and bodies.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

import structlog

from services.publishing.outlets.attempts import Outcome
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.outcomes import Attempt, write_down
from services.publishing.outlets.sending import Post, bodies_of, send
from services.publishing.storage import deliveries, subscriptions
from services.publishing.storage.deliveries import Delivery
from services.publishing.storage.subscriptions import Subscription
from shared.runtime.database import Database, Transaction
from shared.runtime.ending import end

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)  # renewed whenever something is noted: at the latest one attempt (15 s) after a second
_PAGE = 100
_AT_ONCE = 8  # requests of one parallel subscription
_WARILY = 2  # the same, and the page, while an endpoint fails: it must not keep the process or the connections busy
_NOTED_WITHIN = 1.0  # seconds until what arrived is written down
_GATHERED = 0.2  # the same where several are sent at once


@dataclass(frozen=True)
class Means:
    """What every lane of a process delivers with. `desk` keeps lanes from taking all connections to the database."""

    database: Database
    hub: Hub
    post: Post
    clock: Callable[[], datetime]
    luck: Callable[[], float]
    desk: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))


class Lane:
    """Delivers what is due to one subscription, leased under the number `by`, until nothing is or the lease is lost."""

    def __init__(self, means: Means, subscription: Subscription, by: str) -> None:
        self.means, self.subscription, self.by = means, subscription, by
        self._done: list[Attempt] = []  # sent and not yet noted
        self._held = True

    async def run(self) -> None:
        """Deliver; whatever breaks it off, the lane is free again afterwards."""
        try:
            due = await self._first() or await self._go_on()
            while due:
                thin = self.subscription.payload == "thin"
                bodies = await bodies_of(self.means.database, self.means.hub, due, thin=thin)
                await (self._beside if self.subscription.ordering == "parallel" else self._in_order)(due, bodies)
                due = await self._go_on()
        except Exception as error:  # noqa: BLE001  # another look follows, here or in another process
            subscription = str(self.subscription.id)
            log.warning("a lane broke off", subscription=subscription, error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(1.0)
        finally:
            if self._held:
                with contextlib.suppress(Exception):
                    await self._leave()

    async def _first(self) -> Sequence[Delivery]:
        """Read what is due under the lease with which the lane was opened: as fresh as that, it needs no renewal."""
        async with self.means.desk, self.means.database.reading() as session:
            waiting = await deliveries.next_waiting(session, self.subscription, self._page)
        return _due(waiting, self.means.clock())

    async def _go_on(self) -> Sequence[Delivery]:
        """Note what was sent and read what is due; where nothing is, note when the lane is due and give it back."""
        due = list[Delivery]()
        async with self._noting() as tx:
            row = self.subscription
            if self._held:
                with tx.session.no_autoflush:  # what follows is written with what was noted
                    waiting = await deliveries.next_waiting(tx.session, row, self._page)
                due = _due(waiting, self.means.clock()) if row.state == "active" else []
                if not due:
                    row.due_at = waiting[0].due_at if waiting else None
                    row.lease_until, row.leased_by = None, None
        self._held = bool(due)
        return due

    async def _note(self) -> bool:
        """Note what was sent so far; whether the lane may go on."""
        async with self._noting():
            pass
        return self._held and self.subscription.state == "active"

    async def _leave(self) -> None:
        async with self._noting():
            if self._held:
                self.subscription.lease_until, self.subscription.leased_by = None, None

    @contextlib.asynccontextmanager
    async def _noting(self) -> AsyncIterator[Transaction]:
        """A transaction: the row locked, what was sent written down, the lease renewed where it is still ours."""
        now, done = self.means.clock(), self._done[:]
        lasting = any(one.outcome.delivered for one in done)  # the ledger never forgets who has a copy
        async with self.means.desk, self.means.database.transaction(lasting=lasting) as tx:
            row = await subscriptions.find_subscription(tx.session, self.subscription.id, lock=True)
            self._held = row is not None and row.leased_by == self.by
            if row is not None:
                self.subscription = row
                await write_down(tx.session, row, done, now, self.means.luck)
            if self._held:
                self.subscription.lease_until = now + LEASE
            yield tx
        del self._done[: len(done)]

    @property
    def _page(self) -> int:
        return _PAGE if self._well else _WARILY

    @property
    def _well(self) -> bool:
        return self.subscription.failing_since is None

    async def _in_order(self, due: Sequence[Delivery], bodies: dict[UUID, bytes]) -> None:
        """Send one by one; what follows a failure waits behind it."""
        noted = time.monotonic()
        for delivery in due:
            outcome = await self._send(delivery, bodies[delivery.id])
            self._done.append(Attempt(delivery, outcome))
            if not outcome.delivered:
                return
            if time.monotonic() - noted >= _NOTED_WITHIN and delivery is not due[-1]:
                noted = time.monotonic()
                if not await self._note():
                    return

    async def _beside(self, due: Sequence[Delivery], bodies: dict[UUID, bytes]) -> None:
        """Send several at once; one that hangs holds up none of the others of its page.

        Where none of them arrived, the lane rests a second: an endpoint that fails must not keep the process busy.
        """
        left, running = deque(due), dict[asyncio.Task[Outcome], Delivery]()
        most, noted, arrived = _AT_ONCE if self._well else _WARILY, time.monotonic(), False
        try:
            while left or running:
                while left and len(running) < most:
                    one = left.popleft()
                    running[asyncio.create_task(self._send(one, bodies[one.id]))] = one
                ended, _ = await asyncio.wait(running, timeout=_GATHERED, return_when=asyncio.FIRST_COMPLETED)
                some = [Attempt(running.pop(task), task.result()) for task in ended]
                self._done += some
                arrived |= any(one.outcome.delivered for one in some)
                if self._done and (left or running) and time.monotonic() - noted >= _GATHERED:
                    noted = time.monotonic()
                    if not await self._note():
                        left.clear()
            if not arrived and await self._note():
                await asyncio.sleep(_NOTED_WITHIN)
        finally:
            await end(running)

    async def _send(self, delivery: Delivery, body: bytes) -> Outcome:
        return await send(self.means.post, self.subscription, delivery, body, self.means.clock())


def _due(waiting: Sequence[Delivery], now: datetime) -> list[Delivery]:
    return list(takewhile(lambda one: one.due_at <= now, waiting))
