"""A consumer reads one stream in batches: one transaction a batch, one message at a time where a batch failed.

Acknowledged only after the commit; a heartbeat keeps a long batch from being taken for abandoned; a guilty message is
found and put aside while the others go on; an outage of the database or of Redis pauses, and counts as no attempt.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.contextvars import bound_contextvars

from shared.runtime import failures, inbox, metrics
from shared.runtime.crashpoints import boundary, crashpoint
from shared.runtime.database import Database
from shared.runtime.envelope import Envelope, MalformedEvent, open_envelope
from shared.runtime.failures import Delivery
from shared.runtime.handlers import Handler, Parts, cause_of, handle
from shared.runtime.outages import is_outage
from shared.runtime.redis import Redis, answers
from shared.runtime.settings import ServiceSettings
from shared.runtime.streams import Subscription

log = structlog.get_logger(__name__)

BEFORE_HANDLING = boundary("consumer.before_handling")
BEFORE_XACK = boundary("consumer.before_xack")
AFTER_XACK = boundary("consumer.after_xack")
AFTER_PUTTING_ASIDE = boundary("consumer.after_putting_aside")

#: How often one batch may look like an outage while database and Redis both answer, before it is the message's fault.
_MOST_FALSE_ALARMS = 3


Also = Callable[[AsyncSession], Awaitable[None]]


class Stopping(Exception):
    """The service is going down: what is not committed stays pending and is done by another."""


@dataclass(frozen=True)
class House:
    """What every consumer of a service shares."""

    group: str
    database: Database
    redis: Redis
    settings: ServiceSettings
    parts: Parts
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def answers(self) -> bool:
        """Whether the database and Redis both answer now: what tells an outage from a message's own fault."""
        try:
            await self.database.ping()
            await answers(self.redis)
        except Exception:  # noqa: BLE001  # whatever says no is an answer
            return False
        return True


class Consumer:
    """One group on one stream, served by one handler."""

    def __init__(self, house: House, subscription: Subscription, handler: Handler, name: str) -> None:
        self.house = house
        self.subscription = subscription
        self.handler = handler
        self.name = name  # this process, within the group
        self.in_flight: list[str] = []
        self.beat = time.monotonic()
        self.problem: str | None = None

    def alive(self) -> None:
        """Note a sign of life."""
        self.beat = time.monotonic()

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        """Handle a batch and acknowledge it. Returns only when every message is settled, or raises Stopping."""
        self.in_flight = [d.entry_id for d in deliveries]
        heart = asyncio.create_task(self._keep())
        try:
            await self._settle(deliveries)
            await self.acknowledge(self.in_flight)
        finally:
            heart.cancel()
            self.in_flight = []
            self.beat = time.monotonic()

    async def _settle(self, deliveries: Sequence[Delivery]) -> None:
        opened, broken = _open(deliveries, self.handler)
        if broken:
            await self.through_outages(lambda: self._put_aside_broken(broken))
        if not opened:
            return
        try:
            await self.through_outages(lambda: self.process([e for _, e in opened]))
        except Stopping:
            raise
        except Exception as error:  # noqa: BLE001  # told apart one by one
            if len(opened) > 1:
                log.warning("a batch failed and is done one by one", **self._about(), error=failures.name_of(error))
            for delivery, envelope in opened:
                await self._alone(delivery, envelope)

    async def _alone(self, delivery: Delivery, envelope: Envelope[Any]) -> None:
        try:
            await self.through_outages(lambda: self.process([envelope]))
        except Stopping:
            raise
        except Exception as error:  # noqa: BLE001  # put aside, whatever it was
            reason = error  # `error` is gone when the lambda runs
            await self.through_outages(lambda: self._put_aside(delivery, envelope, reason))

    async def process(self, envelopes: Sequence[Envelope[Any]], also: Also | None = None) -> int:
        """One transaction: inbox, handler, outbox, and what else belongs to it. How many were new."""
        crashpoint(BEFORE_HANDLING)
        started = time.perf_counter()
        async with self.house.database.transaction() as tx:
            fresh_ids = await inbox.accept(tx.session, self.consumer, [e.id for e in envelopes])
            fresh, seen = [], set()
            for each in envelopes:
                if each.id in fresh_ids and each.id not in seen:
                    seen.add(each.id)
                    fresh.append(each)
            heard = [each for each in fresh if isinstance(each.data, self.handler.event)]
            if heard:
                tx.cause = cause_of(fresh[0])
                with bound_contextvars(stream=self.subscription.stream):
                    await handle(self.handler, heard, tx, self.house.parts)
            if also is not None:
                await also(tx.session)
        metrics.handled(self.subscription, len(fresh), len(envelopes) - len(fresh), started)
        return len(fresh)

    @property
    def consumer(self) -> str:
        """The name in the inbox: the group's, the same for all partitions and replicas."""
        return self.subscription.group

    async def _put_aside(self, delivery: Delivery, envelope: Envelope[Any], error: Exception) -> None:
        log.warning(
            "a message failed", **self._about(), error=failures.name_of(error), subject=envelope.subject,
            event_id=str(envelope.id), correlation_id=envelope.correlationid,
        )  # fmt: skip
        waits = self.house.settings.retry_waits
        async with self.house.database.transaction() as tx:
            story, dead = failures.story_of(error), not waits
            wait = waits[0] if waits else 0.0
            await failures.record(tx.session, self.consumer, [delivery], failures.name_of(error), story, wait, dead)
        metrics.failed(self.subscription)
        crashpoint(AFTER_PUTTING_ASIDE)

    async def _put_aside_broken(self, broken: Sequence[tuple[Delivery, str]]) -> None:
        async with self.house.database.transaction() as tx:
            for delivery, reason in broken:
                log.error("an entry is no event", **self._about(), entry=delivery.entry_id, error=reason)
                await failures.record(tx.session, self.consumer, [delivery], reason, reason, 0.0, dead=True)
        metrics.failed(self.subscription, len(broken))

    async def put_aside_abandoned(self, deliveries: Sequence[Delivery], holder: str) -> None:
        """Take over what another consumer left: it counts as an attempt and goes on from `failed_events`."""
        reason = f"abandoned: {holder} held it for more than {self.house.settings.claim_after:g} s"
        async with self.house.database.transaction() as tx:
            await failures.record(tx.session, self.consumer, deliveries, reason, reason, 0.0, dead=False)
        crashpoint(AFTER_PUTTING_ASIDE)
        await self.acknowledge([d.entry_id for d in deliveries])

    async def acknowledge(self, entry_ids: Sequence[str]) -> None:
        """XACK, through outages of Redis. What could not be acknowledged is claimed later and found in the inbox."""

        async def ack() -> None:
            crashpoint(BEFORE_XACK)
            await self.house.redis.xack(self.subscription.stream, self.subscription.group, *entry_ids)
            crashpoint(AFTER_XACK)

        await self.through_outages(ack)

    async def through_outages(self, act: Callable[[], Awaitable[Any]]) -> None:
        """Do it, and again after each outage; an outage uses no attempt. Other errors, and Stopping, are raised."""
        pause, false_alarms = 0.05, 0
        while True:
            try:
                await act()
            except Exception as error:
                if not is_outage(error):
                    raise
                if await self.house.answers():
                    false_alarms += 1
                    if false_alarms >= _MOST_FALSE_ALARMS:
                        raise
                self.problem = f"waiting: {failures.name_of(error)}"
                log.warning("waiting for the database or Redis", **self._about(), error=failures.name_of(error))
            else:
                self.problem = None
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.house.stopping.wait(), pause)
                raise Stopping
            pause = min(pause * 2, 2.0)

    async def _keep(self) -> None:
        """Tell the group that a long batch is still alive, so that nobody claims it."""
        every = self.house.settings.claim_after / 4
        stream, group = self.subscription.stream, self.subscription.group
        while True:
            await asyncio.sleep(every)
            self.beat = time.monotonic()
            with contextlib.suppress(Exception):  # no heartbeat is no harm: the inbox refuses what is done twice
                await self.house.redis.xclaim(stream, group, self.name, 0, [*self.in_flight], justid=True)

    def _about(self) -> dict[str, Any]:
        return {"stream": self.subscription.stream, "handler": self.handler.name}


Opened = list[tuple[Delivery, Envelope[Any]]]


def _open(deliveries: Sequence[Delivery], handler: Handler) -> tuple[Opened, list[tuple[Delivery, str]]]:
    opened: Opened = []
    broken: list[tuple[Delivery, str]] = []
    for each in deliveries:
        try:
            opened.append((each, open_delivery(each, handler)))
        except MalformedEvent as error:
            broken.append((each, name_error(error)))
    return opened, broken


def open_delivery(delivery: Delivery, handler: Handler) -> Envelope[Any]:
    """The envelope of a delivery. Raises MalformedEvent where it is none, or of a type this handler does not know."""
    if not delivery.event:
        raise MalformedEvent("the entry has no field `event`: it was not written by a relay")
    envelope = open_envelope(delivery.type, delivery.event)
    if type(envelope.data).stream_name() != handler.event.stream_name():
        raise MalformedEvent(f"a {delivery.type} does not belong on the stream {delivery.stream}")
    if str(envelope.id) != delivery.id:
        raise MalformedEvent(f"the entry's id {delivery.id!r} is not its event's id {envelope.id}")
    return envelope


def name_error(error: MalformedEvent) -> str:
    """The reason as one line for the story of a dead letter."""
    return f"{type(error).__name__}: {error}"[:2000].replace("\0", "\\0")
