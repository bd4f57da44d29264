"""Webhook deliveries, second half: finds the lanes that are due and has them delivered.

A subscription with something due is a lane. A lane is leased with SKIP LOCKED, so that replicas share the work and one
subscription's entries keep their order; lanes run beside each other, so that a bad endpoint delays only itself.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from services.publishing.outlets.background import Background
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.lane import LEASE, Lane, Means
from services.publishing.outlets.presence import Presence
from services.publishing.outlets.sending import Post
from services.publishing.storage import subscriptions
from services.publishing.storage.subscriptions import Subscription
from shared.runtime.database import Database
from shared.runtime.ending import end
from shared.runtime.moments import utc_now

_LANES = 500  # leased by one process at once
_FAILING = 250  # of them at most for endpoints that fail: those hang longest and must not take every lane

_REST = 0.05  # seconds at most between two looks for what is due


class Courier(Background):
    """Delivers until it is left; an async context manager. One per process, any number of processes."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        post: Post,
        *,
        clock: Callable[[], datetime] = utc_now,
        luck: Callable[[], float] = random.random,
    ) -> None:
        self.database, self.clock = database, clock
        self.means = Means(database, hub, post, clock, luck)
        self.presence = Presence(database, self._let_go)
        self._lanes: dict[UUID, asyncio.Task[None]] = {}
        self._ill: set[UUID] = set()
        self._wake = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.presence.__aenter__()
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        await end(self._lanes.values())
        await self.presence.__aexit__(kind, error, trace)

    def wake(self) -> None:
        """Something is due now."""
        self._wake.set()

    def wake_soon(self) -> None:
        """The same once the request that asks for it has committed."""
        asyncio.get_running_loop().call_later(0.05, self.wake)

    async def _turn(self) -> None:
        """Open what is due, then rest as long as that took: what becomes due meanwhile is found together."""
        self._wake.clear()
        began = time.monotonic()
        if (seconds := await self._until_due()) <= 0:
            opened = await self.open_lanes()
            await asyncio.sleep(min(time.monotonic() - began, _REST))
            if opened:
                return
            seconds = _REST  # all of them were locked, or fail and have to wait for others that do
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _until_due(self) -> float:
        if len(self._lanes) >= _LANES:
            return 1.0  # a lane that closes wakes us
        async with self.database.reading() as session:
            soonest = await subscriptions.soonest_due(session, self.clock())
        return 1.0 if soonest is None else min(1.0, (soonest - self.clock()).total_seconds())

    async def open_lanes(self) -> int:
        """Lease what has something due and start delivering it; how many lanes were opened."""
        by, free, failing = await self.presence.held(), _LANES - len(self._lanes), _FAILING - len(self._ill)
        if free <= 0:
            return 0
        async with self.database.transaction(lasting=False) as tx:
            taken = await subscriptions.take_lanes(tx.session, by, self.clock(), LEASE, free, failing)
        for subscription in taken:
            self._open(subscription, by)
        return len(taken)

    def _open(self, subscription: Subscription, by: str) -> None:
        key = subscription.id
        if subscription.failing_since is not None:
            self._ill.add(key)
        task = asyncio.create_task(Lane(self.means, subscription, by).run(), name=f"lane {subscription.name}")
        self._lanes[key] = task
        task.add_done_callback(lambda done: self._closed(key, done))

    def _closed(self, key: UUID, task: "asyncio.Task[None]") -> None:
        if self._lanes.get(key) is task:
            del self._lanes[key]
            self._ill.discard(key)
        self.wake()

    def _let_go(self) -> None:
        """Our sign of life is lost: others take our lanes over, so nothing more is sent from here."""
        for task in self._lanes.values():
            task.cancel()
