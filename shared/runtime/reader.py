"""FastStream reads the streams; this joins its subscribers to our consumers and keeps them alive.

Each rule answers something FastStream 0.7.8 was seen to do (docs/decisions/0002): groups are made at the beginning of
the stream, not at its end; a batch is limited; entries are acknowledged by us; its binary format is not used; a
subscriber that stopped because Redis forgot its group is started again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.redis import StreamSub
from faststream.redis.subscriber.usecases import stream_subscriber

from shared.runtime.consumer import Consumer, House, Stopping
from shared.runtime.ending import end
from shared.runtime.failures import Delivery, name_of
from shared.runtime.redis import Redis, broker, close, mend_routing
from shared.runtime.streams import ensure_groups

log = structlog.get_logger(__name__)

#: FastStream tells of every task that ends and every refused read; what matters of it is told here.
logging.getLogger("faststream").setLevel(logging.CRITICAL)
#: It waits 5 s after a failed read; a Redis that restarts is back in a fraction of that.
vars(stream_subscriber)["CONSUME_ERROR_BACKOFF_SECONDS"] = 0.5  # not exported, so set by its name
_LOOK = 1.0  # seconds between looks at groups and subscribers


def delivery_of(stream: str, entry_id: bytes, fields: Mapping[bytes, bytes]) -> Delivery:
    """A delivery from what the client hands out; undecodable bytes are shown, not lost."""
    texts = {k: v.decode(errors="backslashreplace") for k, v in fields.items()}
    return Delivery(stream, entry_id.decode(), texts.get(b"id", ""), texts.get(b"type", ""), texts.get(b"event", ""))


async def _parse(message: Any) -> StreamMessage[Any]:
    return StreamMessage(raw_message=message, body=b"", message_id="", correlation_id="")


async def _decode(message: StreamMessage[Any]) -> list[Delivery]:
    raw = message.raw_message
    pairs = zip(raw["message_ids"], raw["data"], strict=True)
    return [delivery_of(raw["channel"], entry_id, fields) for entry_id, fields in pairs]


class Reader:
    """All subscriptions of a service, over one FastStream broker."""

    def __init__(self, house: House, consumers: Sequence[Consumer], url: str) -> None:
        self.house = house
        self.consumers = list(consumers)
        self.problems: dict[str, str] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._client: Redis | None = None
        self.broker = broker(url, stop_within=house.settings.stop_within)
        self._subscribers = [self._subscribe(consumer) for consumer in self.consumers]

    def _subscribe(self, consumer: Consumer) -> Any:
        settings = self.house.settings
        subscriber = self.broker.subscriber(
            stream=StreamSub(
                consumer.subscription.stream,
                group=consumer.subscription.group,
                consumer=consumer.name,
                batch=True,
                max_records=settings.batch_size,
                polling_interval=settings.poll_ms,
            ),
            parser=_parse,
            decoder=_decode,
            ack_policy=AckPolicy.MANUAL,
        )

        async def take(deliveries: list[Delivery]) -> None:
            try:
                await consumer.take(deliveries)
            except Stopping:
                return  # it stays pending: whoever comes next claims it

        subscriber(take)
        return subscriber

    def start(self) -> None:
        """Begin to read, as soon as Redis answers."""
        self._keeper = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        """Keep groups and subscribers alive, through outages of Redis."""
        while True:
            try:
                await self._look()
                self.problems.pop("redis", None)
            except Exception as error:  # noqa: BLE001  # whatever it was: a reader that stopped is a queue stuck without a sign
                self.problems["redis"] = name_of(error)
                log.warning("the reader waits for Redis", error=name_of(error))
            await asyncio.sleep(_LOOK)

    async def _look(self) -> None:
        self._client = await self.broker.connect()
        for each in (self.house.redis, self._client):
            await mend_routing(each)
        made = await ensure_groups(self.house.redis, [c.subscription for c in self.consumers])
        if made:
            log.info("consumer groups were made", streams=[each.stream for each in made])
        for consumer, subscriber in zip(self.consumers, self._subscribers, strict=True):
            if _alive(subscriber):
                if not consumer.in_flight:
                    consumer.alive()
                continue
            if subscriber.running or subscriber.tasks:
                log.warning("a subscriber stopped and is started again", stream=consumer.subscription.stream)
                await subscriber.stop()
            await subscriber.start()
            consumer.alive()

    async def stop(self) -> None:
        """Let running batches finish, within `stop_within` seconds; then close."""
        self.house.stopping.set()
        if self._keeper:
            await end([self._keeper])  # first, or it would start again what is stopped
        await self.broker.stop()
        if self._client:
            await close(self._client)


def _alive(subscriber: Any) -> bool:
    return bool(subscriber.running and subscriber.tasks and not any(task.done() for task in subscriber.tasks))
