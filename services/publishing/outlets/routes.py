"""Webhook deliveries, first half: entries of the log become rows, one for each subscription that wants them."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import structlog

from services.publishing.outlets.courier import Courier
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.wanted import wanted_of
from services.publishing.storage import subscriptions
from services.publishing.storage.subscriptions import Replay
from shared.runtime.database import Database
from shared.runtime.ending import end
from shared.runtime.moments import new_id, utc_now

log = structlog.get_logger(__name__)

_PAGE = 200


class Routes:
    """Follows the hub and puts entries on their way; an async context manager. Replicas share it by SKIP LOCKED."""

    def __init__(
        self, database: Database, hub: Hub, courier: Courier, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.database, self.hub, self.courier, self.clock = database, hub, courier, clock
        self.problem: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep(), name="routes")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            await end([self._task])

    async def _keep(self) -> None:
        await self.hub.ready()
        while True:
            try:
                seen = self.hub.head
                more = await self.route()
                more |= await self.replay()
                self.problem = None
                if not more:
                    await self.hub.wait(seen, 1.0)
            except Exception as error:  # noqa: BLE001  # an outage ends with the outage; routing outlives it
                self.problem = f"{type(error).__name__}: {error}"
                log.warning("routing pauses", error=self.problem)
                await asyncio.sleep(1.0)

    async def route(self) -> bool:
        """Turn the next part of the log into deliveries; whether more waits."""
        more, rows = False, list[dict[str, Any]]()
        async with self.database.transaction() as tx:
            for subscription in await subscriptions.take_unrouted(tx.session, self.hub.head):
                frames = await self.hub.read(subscription.routed, _PAGE)
                if not frames:
                    continue
                wanted = wanted_of(subscription.filters)
                rows += [delivery(subscription.id, f, self.clock()) for f in frames if wanted.takes(f.facts)]
                subscription.routed = frames[-1].position
                more |= subscription.routed < self.hub.head
                tx.session.add(subscription)
            await subscriptions.add_deliveries(tx.session, rows)
        if rows:
            self.courier.wake()
        return more

    async def replay(self) -> bool:
        """Put the next second's worth of each running replay on its way; whether one can go on at once."""
        now, sent = self.clock(), 0
        async with self.database.transaction() as tx:
            for replay in await subscriptions.take_replays(tx.session, now):
                rows = await self._next_of(replay, now)
                await subscriptions.add_deliveries(tx.session, rows)
                sent += len(rows)
                replay.sent += len(rows)
                if replay.next_position > replay.last_position:
                    replay.state, replay.done_at = "done", now
                tx.session.add(replay)
        if sent:
            self.courier.wake()
        return False

    async def _next_of(self, replay: Replay, now: datetime) -> list[dict[str, Any]]:
        wanted, rows = wanted_of(replay.filters), list[dict[str, Any]]()
        looked = 0
        while len(rows) < replay.rate and looked < 20 * _PAGE and replay.next_position <= replay.last_position:
            frames = await self.hub.read(replay.next_position - 1, min(_PAGE, replay.rate))
            if not frames:
                replay.next_position = replay.last_position + 1
                break
            for frame in frames:
                if frame.position > replay.last_position or len(rows) >= replay.rate:
                    break
                replay.next_position, looked = frame.position + 1, looked + 1
                if wanted.takes(frame.facts):
                    rows.append(delivery(replay.subscription_id, frame, now, run=replay.run, origin="replay"))
        replay.due_at = now + timedelta(seconds=1)
        return rows


def delivery(
    subscription_id: UUID, frame: Frame, now: datetime, *, run: int = 0, origin: str = "live"
) -> dict[str, Any]:
    """A delivery of one entry, due now."""
    return {
        "id": new_id(),
        "subscription_id": subscription_id,
        "position": frame.position,
        "run": run,
        "event_id": frame.event_id,
        "type": frame.type,
        "article_id": frame.facts.article_id,
        "origin": origin,
        "state": "waiting",
        "attempts": 0,
        "log": [],
        "due_at": now,
        "created_at": now,
    }
