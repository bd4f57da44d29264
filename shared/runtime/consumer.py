"""Reads one stream for one service: batches, one transaction each, acknowledged after the commit.

The rules and what was measured stand in docs/decisions; in short: groups begin at 0 and are made again whenever Redis
lost them; the inbox makes repetition harmless; a guilty message is taken out of the way into `failed_events`; what a
dead consumer left is claimed and counts as an attempt; an outage pauses and counts as none.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from redis import exceptions as redis_errors
from sqlalchemy import text

from shared.runtime.crashpoints import boundary, crashpoint
from shared.runtime.database import Database, Transaction
from shared.runtime.envelope import Envelope, MalformedEvent, open_envelope
from shared.runtime.handlers import Handler, Parts, cause_of, handle
from shared.runtime.moments import utc_now
from shared.runtime.outages import is_outage
from shared.runtime.redis import Redis
from shared.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)
BEFORE_XACK = boundary("consumer.before_xack")
AFTER_XACK = boundary("consumer.after_xack")

_INBOX = text("""
    INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS uuid[]))
    ON CONFLICT DO NOTHING RETURNING event_id
""")
_FAIL = text("""
    INSERT INTO failed_events (consumer, event_id, stream, entry_id, type, subject, event,
                               error, story, attempts, dead, due_at)
    VALUES (:consumer, :event_id, :stream, :entry_id, :type, :subject, :event, :error, CAST(:story AS jsonb), :attempts,
            :dead, now() + make_interval(secs => :wait))
    ON CONFLICT (consumer, event_id) DO NOTHING
""")


@dataclass(frozen=True)
class Message:
    """One entry of a stream, read or not."""

    entry_id: str
    type: str
    event: str
    envelope: Envelope[Any] | None
    error: str | None = None

    @property
    def id(self) -> UUID:
        """The event's id; for what is no event, one made of its text, the same at each delivery."""
        return self.envelope.id if self.envelope else uuid5(NAMESPACE_URL, f"{self.entry_id} {self.event}")


def read(entry_id: bytes, fields: dict[bytes, bytes] | None) -> Message:
    """An entry as a message; what cannot be read carries its error instead of an envelope."""
    fields = fields or {}
    kind = fields.get(b"type", b"").decode(errors="replace")
    event = fields.get(b"event", b"").decode(errors="replace")
    try:
        return Message(entry_id.decode(), kind, event, open_envelope(kind, event))
    except MalformedEvent as error:
        return Message(entry_id.decode(), kind, event, None, str(error))


class Consumer:
    """One service's reading of one stream."""

    def __init__(
        self,
        stream: str,
        handler: Handler,
        group: str,
        database: Database,
        redis: Redis,
        parts: Parts,
        settings: ServiceSettings,
    ) -> None:
        self.stream, self.handler, self.group = stream, handler, group
        self.database, self.redis, self.parts, self.settings = database, redis, parts, settings
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.beat = time.monotonic()
        self.problem: str | None = None
        self.stopping = False
        self.busy = False

    async def run(self) -> None:
        """Read until told to stop, through outages of both sides."""
        pause = 0.1
        ready = False
        while not self.stopping:
            try:
                if not ready:
                    await self._make_group()
                    ready = True
                await self._turn()
                pause, self.problem, self.beat = 0.1, None, time.monotonic()
            except redis_errors.ResponseError as error:
                ready = False
                self.problem = f"{type(error).__name__}: {error}"
                await asyncio.sleep(0.05 if "NOGROUP" in str(error) else 1.0)
            except Exception as error:  # noqa: BLE001  # whatever it was: a consumer that stopped is a queue stuck without a sign
                ready = False
                self.problem = f"{type(error).__name__}: {error}"
                log.warning("a consumer pauses", stream=self.stream, error=self.problem, seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _make_group(self) -> None:
        try:
            await self.redis.xgroup_create(self.stream, self.group, id="0", mkstream=True)
        except redis_errors.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _turn(self) -> None:
        found: Any = await self.redis.xreadgroup(
            self.group, self.name, {self.stream: ">"}, count=self.settings.batch_size, block=self.settings.poll_ms
        )
        for _, entries in found or []:
            await self.take([read(entry_id, fields) for entry_id, fields in entries])

    async def take(self, messages: Sequence[Message]) -> None:
        """Let the handler hear these, whatever it takes; acknowledge them once what they caused is committed."""
        self.busy = True
        heart = asyncio.create_task(self._hold(messages))
        try:
            pause = 0.1
            while not await self._try(messages):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            crashpoint(BEFORE_XACK)
            await self.redis.xack(self.stream, self.group, *[m.entry_id for m in messages])
            crashpoint(AFTER_XACK)
        finally:
            heart.cancel()
            self.busy = False

    async def _try(self, messages: Sequence[Message]) -> bool:
        good = [m for m in messages if m.envelope is not None]
        try:
            for bad in messages:
                if bad.envelope is None:
                    await self._fail(bad, bad.error or "unreadable", attempts=self.settings.max_attempts)
            if good:
                await self._hear(good)
        except Exception as error:  # noqa: BLE001  # told apart below
            if is_outage(error):
                self.problem = f"{type(error).__name__}: {error}"
                return False
            return await self._one_by_one(good)
        return True

    async def _one_by_one(self, messages: Sequence[Message]) -> bool:
        for message in messages:
            try:
                await self._hear([message])
            except Exception as error:  # noqa: BLE001  # told apart below
                if is_outage(error):
                    return False
                await self._fail(message, _words(error), attempts=1)
        return True

    async def _hear(self, messages: Sequence[Message]) -> None:
        async with self.database.transaction() as tx:
            fresh = await claim(tx, self.group, messages)
            heard = [m.envelope for m in fresh if m.envelope and isinstance(m.envelope.data, self.handler.event)]
            if heard:
                tx.cause = cause_of(heard[0])
                await handle(self.handler, heard, tx, self.parts)

    async def _fail(self, message: Message, error: str, attempts: int) -> None:
        waits = self.settings.retry_waits
        dead = attempts >= self.settings.max_attempts
        import orjson

        story = orjson.dumps([{"at": utc_now(), "attempt": attempts, "error": error[:2000]}]).decode()
        async with self.database.transaction() as tx:
            await tx.session.execute(_FAIL, {
                "consumer": self.group, "event_id": message.id, "stream": self.stream, "entry_id": message.entry_id,
                "type": message.type, "subject": message.envelope.subject if message.envelope else "", "event": message.event,
                "error": error[:2000], "story": story, "attempts": attempts, "dead": dead,
                "wait": 0.0 if dead else waits[min(attempts, len(waits)) - 1],
            })  # fmt: skip
        log.warning(
            "a fact was not taken in",
            stream=self.stream,
            id=str(message.id),
            dead=dead,
            error=error.rsplit("\n", maxsplit=1)[-1],
        )

    async def _hold(self, messages: Sequence[Message]) -> None:
        """Keep a long batch ours: without this, another consumer would take it for abandoned."""
        ids: list[Any] = [m.entry_id for m in messages]
        while True:
            await asyncio.sleep(self.settings.claim_after / 3)
            with contextlib.suppress(redis_errors.RedisError):
                await self.redis.xclaim(self.stream, self.group, self.name, 0, ids, justid=True)

    async def claim_abandoned(self) -> None:
        """Take over what a dead consumer left; every delivery counts, so a killer of processes ends as a dead letter."""
        idle = int(self.settings.claim_after * 1000)
        rows: Any = await self.redis.xpending_range(self.stream, self.group, "-", "+", 100, idle=idle)
        if not rows:
            return
        counts = {row["message_id"]: int(row["times_delivered"]) for row in rows}
        claimed: Any = await self.redis.xclaim(self.stream, self.group, self.name, idle, [*counts])
        for entry_id, fields in claimed:
            if fields is None:  # trimmed away: nothing left to do
                await self.redis.xack(self.stream, self.group, entry_id)
                continue
            message = read(entry_id, fields)
            if counts.get(entry_id, 1) >= self.settings.max_attempts and message.envelope:
                error = f"{counts[entry_id]} consumers died or were cut off while they worked on it"
                await self._fail(message, error, attempts=self.settings.max_attempts)
                await self.redis.xack(self.stream, self.group, entry_id)
            else:
                await self.take([message])


async def claim(tx: Transaction, group: str, messages: Sequence[Message]) -> list[Message]:
    """Enter these into the inbox; those that were there already are left out."""
    ids = list(dict.fromkeys(m.id for m in messages))
    fresh = set((await tx.session.execute(_INBOX, {"consumer": group, "ids": ids})).scalars())
    taken = []
    for message in messages:
        if message.id in fresh:
            fresh.discard(message.id)
            taken.append(message)
    return taken


def _words(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, limit=-6))


_DUE = text("""
    UPDATE failed_events SET attempts = attempts + 1, due_at = now() + make_interval(secs => :lease)
    WHERE (consumer, event_id) = (
        SELECT consumer, event_id FROM failed_events WHERE NOT dead AND due_at <= now() AND consumer = :consumer
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING event_id, stream, entry_id, type, subject, event, attempts
""")
_GONE = text("DELETE FROM failed_events WHERE consumer = :consumer AND event_id = :id")
_AGAIN = text("""
    UPDATE failed_events SET error = :error, story = story || CAST(:story AS jsonb), dead = :dead,
        due_at = now() + make_interval(secs => :wait)
    WHERE consumer = :consumer AND event_id = :id
""")


class Retries:
    """Hands failed facts to their handler again when they are due."""

    def __init__(
        self, consumers: dict[str, Consumer], group: str, database: Database, settings: ServiceSettings
    ) -> None:
        self.consumers, self.group, self.database, self.settings = consumers, group, database, settings

    async def once(self) -> bool:
        """Try one that is due; False when none is."""
        async with self.database.transaction() as tx:
            row = (
                await tx.session.execute(_DUE, {"consumer": self.group, "lease": self.settings.retry_lease})
            ).one_or_none()
        if row is None:
            return False
        consumer = self.consumers.get(row.stream)
        message = read(row.entry_id.encode(), {b"type": row.type.encode(), b"event": row.event.encode()})
        try:
            if consumer is None or message.envelope is None:
                raise MalformedEvent(message.error or f"nobody here hears {row.stream} any more")
            async with self.database.transaction() as tx:
                fresh = await claim(tx, self.group, [message])
                if fresh:
                    tx.cause = cause_of(message.envelope)
                    await handle(consumer.handler, [message.envelope], tx, consumer.parts)
                await tx.session.execute(_GONE, {"consumer": self.group, "id": row.event_id})
        except Exception as error:  # noqa: BLE001  # written down, whatever it was
            await self._again(row, error)
        return True

    async def _again(self, row: Any, error: Exception) -> None:
        import orjson

        outage = is_outage(error)
        dead = not outage and row.attempts >= self.settings.max_attempts
        waits = self.settings.retry_waits
        words = _words(error)[:2000]
        story = orjson.dumps([{"at": utc_now(), "attempt": row.attempts, "error": words}]).decode()
        async with self.database.transaction() as tx:
            if outage:
                await tx.session.execute(
                    text("UPDATE failed_events SET attempts = attempts - 1 WHERE consumer = :c AND event_id = :i"),
                    {"c": self.group, "i": row.event_id},
                )
            await tx.session.execute(_AGAIN, {
                "consumer": self.group, "id": row.event_id, "error": words, "story": story, "dead": dead,
                "wait": 0.0 if dead else waits[min(row.attempts, len(waits)) - 1],
            })  # fmt: skip
