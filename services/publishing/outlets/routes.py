"""Webhook deliveries, first half: entries of the log become rows, one for each subscription that wants them."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.publishing.outlets.background import Background
from services.publishing.outlets.courier import Courier
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.wanted import wanted_of
from services.publishing.storage import deliveries, replays, subscriptions
from services.publishing.storage.replays import Replay
from services.publishing.storage.subscriptions import Subscription
from shared.runtime.database import Database
from shared.runtime.moments import new_id, utc_now

_PAGE = 200
_ROWS = 500  # deliveries written in one go, about
_ROUND = 0.02  # seconds between two looks at the log
_BLINK = 0.002  # seconds after which one that was locked is first looked at again
_REPLAYS = 1.0  # seconds between two looks at replays


class Routes(Background):
    """Follows the hub and puts entries on their way; an async context manager. Replicas share it by SKIP LOCKED."""

    def __init__(
        self, database: Database, hub: Hub, courier: Courier, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.database, self.hub, self.courier, self.clock = database, hub, courier, clock
        self._looked = 0.0
        self._rest = _ROUND

    async def _ready(self) -> None:
        await self.hub.ready()

    async def _turn(self) -> None:
        seen, began = self.hub.head, time.monotonic()
        more = await self.route()
        if time.monotonic() - self._looked >= _REPLAYS:
            self._looked = time.monotonic()
            await self.replay()
        # What is told within a round is routed together. Where more waits (a lane had it locked for a moment, or there
        # is much to do), this rests as long as it worked.
        worked = min(time.monotonic() - began, 10 * _ROUND)
        await asyncio.sleep(max(self._rest if more else _ROUND, worked))
        self._rest = min(2 * self._rest, _ROUND) if more else _BLINK
        if not more:
            await self.hub.wait(seen, _REPLAYS)

    async def route(self) -> bool:
        """Turn the next part of the log into deliveries; whether more waits."""
        head, now = self.hub.head, self.clock()
        async with self.database.reading() as session:
            waiting = await subscriptions.unrouted(session, head)
        if not waiting:
            return False
        rows, done = list[dict[str, Any]](), 0
        async with self.database.transaction(lasting=False) as tx:
            for subscription in await subscriptions.take_unrouted(tx.session, waiting, head):
                found = await self._next_for(subscription)
                if found:
                    subscriptions.wake_lane(subscription, now)
                    rows += found
                done += subscription.routed >= head
                tx.session.add(subscription)
                if len(rows) >= _ROWS:
                    break  # the others' turn comes: the first to be taken is who is furthest behind
            await deliveries.add_deliveries(tx.session, rows)
        if rows:
            self.courier.wake()
        return done < len(waiting)

    async def _next_for(self, subscription: Subscription) -> list[dict[str, Any]]:
        frames = await self.hub.read(subscription.routed, _PAGE)
        if not frames:
            return []
        wanted = wanted_of(subscription.filters)
        subscription.routed = frames[-1].position
        # The delivery log is read by moment, so each has its own.
        return [delivery(subscription.id, frame, self.clock()) for frame in frames if wanted.takes(frame.facts)]

    async def replay(self) -> None:
        """Put the next second's worth of each running replay on its way."""
        now, lanes = self.clock(), set[UUID]()
        async with self.database.reading() as session:
            if not await replays.is_replay_due(session, now):
                return
        async with self.database.transaction(lasting=False) as tx:
            for replay in await replays.take_replays(tx.session, now):
                rows = await self._next_of(replay, now)
                await deliveries.add_deliveries(tx.session, rows)
                if rows:
                    lanes.add(replay.subscription_id)
                replay.sent += len(rows)
                if replay.next_position > replay.last_position:
                    replay.state, replay.done_at = "done", now
                tx.session.add(replay)
            if lanes:
                await subscriptions.wake_lanes(tx.session, lanes, now)
        if lanes:
            self.courier.wake()

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
        "due_at": now,
        "created_at": now,
    }
