"""Looks after the messages that went astray: claims what a dead consumer left, retries what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from redis.exceptions import ResponseError
from sqlalchemy import Row

from shared.runtime import failures
from shared.runtime.consumer import Consumer, House, Stopping, open_delivery
from shared.runtime.crashpoints import boundary, crashpoint
from shared.runtime.envelope import MalformedEvent
from shared.runtime.failures import Delivery
from shared.runtime.reader import delivery_of

log = structlog.get_logger(__name__)

BEFORE_RETRY = boundary("retry.before")
AFTER_RETRY = boundary("retry.after")

_PAGE = 100


class Claimer:
    """Takes over what a consumer left pending for longer than `claim_after`."""

    def __init__(self, house: House, consumers: Sequence[Consumer]) -> None:
        self.house = house
        self.consumers = consumers

    async def run(self) -> None:
        """Look again and again until cancelled."""
        every = self.house.settings.claim_after / 3
        while True:
            for consumer in self.consumers:
                try:
                    await self.claim(consumer)
                except Stopping:
                    return
                except ResponseError as error:  # NOGROUP: the reader makes the group, and then nothing is pending in it
                    log.debug("nothing to claim", stream=consumer.subscription.stream, error=failures.name_of(error))
                except Exception as error:  # noqa: BLE001  # the next turn tries again; readiness shows the outage itself
                    log.warning("claiming paused", stream=consumer.subscription.stream, error=failures.name_of(error))
            await asyncio.sleep(every)

    async def claim(self, consumer: Consumer) -> int:
        """Claim all that is idle on one stream; how many messages were taken over."""
        stream, group = consumer.subscription.stream, consumer.subscription.group
        idle = int(self.house.settings.claim_after * 1000)
        start, taken = "0-0", 0
        while True:
            oldest = await self.house.redis.xpending_range(stream, group, "-", "+", 1, idle=idle)
            if not oldest:
                return taken
            holder = _text(oldest[0]["consumer"])
            answer: Any = await self.house.redis.xautoclaim(stream, group, consumer.name, idle, start, _PAGE)
            start, entries = answer[0].decode(), answer[1]
            own = set(consumer.in_flight)
            left = [delivery_of(stream, i, f) for i, f in entries if f and i.decode() not in own]
            if left:
                log.info("took over abandoned messages", stream=stream, holder=holder, messages=len(left))
                await consumer.put_aside_abandoned(left, holder)
            taken += len(left)
            if start == "0-0":
                return taken


class Retrier:
    """Runs failed messages again, one at a time, when they are due."""

    def __init__(self, house: House, consumers: Sequence[Consumer]) -> None:
        self.house = house
        self.by_stream = {c.subscription.stream: c for c in consumers}

    async def run(self) -> None:
        """Look for due messages until cancelled."""
        while True:
            try:
                worked = await self.once()
            except Exception as error:  # noqa: BLE001  # an outage, mostly: the lease brings the message back
                log.warning("retrying paused", error=failures.name_of(error))
                worked = False
            if not worked:
                await asyncio.sleep(max(0.02, min(0.5, *self.house.settings.retry_waits, 0.5)))

    async def once(self) -> bool:
        """Retry one due message; whether there was one."""
        settings = self.house.settings
        async with self.house.database.reading() as session:
            if not await failures.is_due(session, self.house.group):
                return False
        async with self.house.database.transaction() as tx:
            row = await failures.take(tx.session, self.house.group, settings.retry_lease, settings.max_attempts)
        if row is None:
            return False
        crashpoint(BEFORE_RETRY)
        if row.dead:
            log.error(
                "a message became a dead letter", consumer=row.consumer, subject=row.subject, event_id=str(row.event_id)
            )
        else:
            await self._attempt(row)
        return True

    async def _attempt(self, row: Row[Any]) -> None:
        try:
            consumer = self.by_stream.get(row.stream)
            if consumer is None:
                raise MalformedEvent(f"nobody here hears {row.stream} any more")  # noqa: TRY301  # written down below
            delivery = Delivery(row.stream, row.entry_id, str(row.event_id), row.type, row.event)
            envelopes = [open_delivery(delivery, consumer.handler)]
            # Through outages, in which no attempt could be given back either: they are not the message's fault.
            await consumer.through_outages(lambda: consumer.process(envelopes, lambda s: failures.done(s, row)))
        except Stopping:
            return  # its lease ends, and another replica takes it
        except Exception as error:  # noqa: BLE001  # written down, whatever it was
            await self._failed(row, error)
        else:
            crashpoint(AFTER_RETRY)

    async def _failed(self, row: Row[Any], error: Exception) -> None:
        waits = self.house.settings.retry_waits
        async with self.house.database.transaction() as tx:
            wait = waits[min(row.attempts, len(waits)) - 1] if waits else 0.0
            await failures.failed(tx.session, row, error, wait, self.house.settings.max_attempts)
        log.warning(
            "a retry failed", consumer=row.consumer, subject=row.subject, event_id=str(row.event_id),
            attempt=row.attempts, dead=row.attempts >= self.house.settings.max_attempts, error=failures.name_of(error),
        )  # fmt: skip


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
