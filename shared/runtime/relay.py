"""The relay carries facts from the outbox to Redis: in order, without gaps, and again after Redis forgot.

A fact's position in its stream is given here, once, and is its Redis entry id (`<position>-0`). What Redis already has
is not written down anywhere else: the stream's own last id is the cursor. So a relay that died, a Redis that lost its
tail and a Redis that came back empty are one case: send what comes after the stream's last id.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
import structlog

from shared.runtime.crashpoints import boundary, crashpoint
from shared.runtime.database import Database
from shared.runtime.envelope import with_position
from shared.runtime.log import Entry, read_log
from shared.runtime.outbox import Words
from shared.runtime.redis import Redis
from shared.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)

BEFORE_NUMBERING = boundary("relay.before_numbering")
BEFORE_XADD = boundary("relay.before_xadd")
AFTER_XADD = boundary("relay.after_xadd")

_LOCK = 8_274_002
_MOST_FRESH = 2000  # events held at hand between their commit and their way to Redis
_IDLE = 1.0  # seconds between looks at a quiet outbox: the net below LISTEN/NOTIFY

_OURS = "INSERT INTO streams (stream) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"
_HEADS = "SELECT stream, position FROM streams"
# Facts are numbered in the order in which they were told among those that are due: whole rows of `waiting`, until there
# are enough. Only the holder of the lock numbers, on the very connection that holds it: a relay that lost its lock has
# lost its pen with it, so one statement is enough.
_NUMBER = """
    WITH picked AS (
        SELECT id, sum(cardinality(events)) OVER (ORDER BY id) - cardinality(events) AS earlier
        FROM (SELECT id, events FROM waiting JOIN streams USING (stream)
              WHERE due_at <= now() ORDER BY id LIMIT $1) AS oldest
    ), due AS (
        DELETE FROM waiting WHERE id IN (SELECT id FROM picked WHERE earlier < $1) RETURNING id, stream, events
    ), numbered AS (
        INSERT INTO positions (stream, position, event_id)
        SELECT stream, streams.position + row_number() OVER (PARTITION BY stream ORDER BY id, n), told.event_id
        FROM due JOIN streams USING (stream) CROSS JOIN unnest(events) WITH ORDINALITY AS told (event_id, n)
        RETURNING stream, position, event_id
    ), moved AS (
        UPDATE streams SET position = tops.position
        FROM (SELECT stream, max(position) AS position FROM numbered GROUP BY stream) AS tops
        WHERE streams.stream = tops.stream
    )
    SELECT * FROM numbered ORDER BY stream, position
"""
_WORDS = "SELECT event_id, type, subject, event FROM outbox WHERE event_id = ANY($1::uuid[])"
# Of the streams told here: what a newer replica tells waits until one that knows it holds the lock.
_NEXT_DUE = "SELECT extract(epoch FROM min(due_at) - now())::float8 FROM waiting JOIN streams USING (stream)"

# Appends only where the stream ends exactly at the expected position, and answers where it ends now. Atomic, so that
# a Redis that lost its tail between two calls is noticed before anything is appended behind the hole.
_APPEND = """
local top = 0
if redis.call('EXISTS', KEYS[1]) == 1 then
    local info = redis.call('XINFO', 'STREAM', KEYS[1])
    for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' then top = tonumber(string.match(info[i + 1], '^(%d+)')) end
    end
end
if top ~= tonumber(ARGV[1]) then return top end
for i = 2, #ARGV, 4 do
    redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'id', ARGV[i + 1], 'type', ARGV[i + 2], 'event', ARGV[i + 3])
    top = tonumber(ARGV[i])
end
return top
"""


class RedisIsAhead(RuntimeError):
    """A stream holds entries that the database never numbered: they belong to another database, or it was restored."""


class Relay:
    """One active relay per service, however many replicas run: the others wait for its advisory lock."""

    def __init__(self, database: Database, redis: Redis, settings: ServiceSettings, streams: Sequence[str]) -> None:
        self.database = database
        self.redis = redis
        self.streams = list(streams)
        self.batch = settings.relay_batch
        self.problem: str | None = None
        self.beat = time.monotonic()
        self.leading = False
        self._tops: dict[str, int] = {}
        self._heads: dict[str, int] = {}
        self._lost = False
        self._looked = 0.0
        self._due: float | None = None  # when the next fact that waits for its time is due
        self._due_asked = 0.0
        self._wake = asyncio.Event()
        self._append = redis.register_script(_APPEND)
        self._fresh: dict[UUID, Words] = {}  # told by this process a moment ago: need not be read back
        self._link: asyncpg.Connection[asyncpg.Record] | None = None
        self._hand = asyncio.Lock()  # one statement at a time on the connection

    def wake(self, told: Mapping[UUID, Words] | None = None, later: bool = True) -> None:
        """Look at the outbox now; `told` was just committed to it, and with `later` what is not due yet."""
        if later:
            self._due_asked = 0.0
        if len(self._fresh) > _MOST_FRESH:  # what was numbered before it was handed over stays behind here
            self._fresh.clear()
        if told:
            self._fresh.update(told)
        self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled, through outages of both sides."""
        pause = 0.1
        while True:
            try:
                async with self._lead():
                    pause = 0.1
                    await self._relay()
            except Exception as error:  # noqa: BLE001  # whatever it was: a relay that stopped would be a queue stuck without a sign
                self.problem = f"{type(error).__name__}: {error}"
                log.warning("the relay pauses", error=self.problem, seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    @contextlib.asynccontextmanager
    async def _lead(self):  # type: ignore[no-untyped-def]  # an async context manager of nothing
        """Hold the lock and listen, on a connection of its own that dies with us."""
        url = self.database.url.set(drivername="postgresql")
        connection = await asyncpg.connect(
            url.render_as_string(hide_password=False),
            timeout=5,
            command_timeout=5,
            # A frozen relay must lose its lock: the heartbeat below keeps a healthy one well under this.
            server_settings={
                "idle_session_timeout": "15000",
                "application_name": f"{self.database.service}-relay",
            },
        )
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                self.problem, self.beat = None, time.monotonic()
                await asyncio.sleep(0.5)
            self._link = connection
            await connection.add_listener("outbox", lambda *_: self.wake())
            await self._begin()
            self.leading = True
            self.database.wake_relay = self.wake
            heart = asyncio.create_task(self._hold(connection))
            try:
                yield
            finally:
                heart.cancel()
        finally:
            self.leading = False
            self.database.wake_relay = None
            self._link = None
            self._fresh.clear()
            connection.terminate()

    async def _ask(self, statement: str, *values: object) -> list[asyncpg.Record]:
        async with self._hand:
            if self._link is None:
                raise ConnectionError("the relay has lost its lock")
            rows: list[asyncpg.Record] = await self._link.fetch(statement, *values)
            return rows

    async def _hold(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        try:
            while True:
                await asyncio.sleep(2)
                await self._ask("SELECT 1")
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
            self._lost = True
            self.wake()

    async def _begin(self) -> None:
        self._lost = False
        self._tops.clear()
        await self._ask(_OURS, self.streams)
        self._heads = {row["stream"]: row["position"] for row in await self._ask(_HEADS)}

    async def _relay(self) -> None:
        while not self._lost:
            self._wake.clear()
            sent = await self.once()
            self.problem, self.beat = None, time.monotonic()
            if sent < self.batch:  # nothing more was due; what was told meanwhile has woken us again
                await self._rest()

    async def _rest(self) -> None:
        now = time.monotonic()
        if now - self._due_asked > _IDLE or (self._due is not None and self._due <= now):
            [row] = await self._ask(_NEXT_DUE)
            self._due, self._due_asked = None if row[0] is None else now + row[0], now
        wait = _IDLE if self._due is None else min(max(self._due - now, 0.0), _IDLE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), wait)

    async def once(self) -> int:
        """Number what is due and bring every stream up to its head; how many facts were numbered."""
        numbered = await self._number()
        looked = time.monotonic() - self._looked < _IDLE
        streams = list(numbered) if looked else sorted({*self.streams, *numbered})
        # Each to the node of a cluster that holds it; one that is away does not keep the others waiting.
        sent = await asyncio.gather(*(self._send(s, numbered.get(s, [])) for s in streams), return_exceptions=True)
        for error in sent:
            if error is not None:
                raise error
        if not looked:  # every stream, told or not, is compared with Redis once in a while: Redis may have been emptied
            self._looked = time.monotonic()
        return sum(map(len, numbered.values()))

    async def _number(self) -> dict[str, list[Entry]]:
        crashpoint(BEFORE_NUMBERING)
        rows = await self._ask(_NUMBER, self.batch)
        words = await self._words([row["event_id"] for row in rows])
        numbered: dict[str, list[Entry]] = {}
        for row in rows:
            key: UUID = row["event_id"]
            entry = Entry(row["position"], *words[key], str(key))
            numbered.setdefault(row["stream"], []).append(entry)
            self._heads[row["stream"]] = entry.position
        return numbered

    async def _words(self, keys: Sequence[UUID]) -> dict[UUID, Words]:
        """What these facts say: what this process told a moment ago is at hand, the rest is read."""
        found = {key: self._fresh.pop(key) for key in keys if key in self._fresh}
        unknown = [key for key in keys if key not in found]
        read = await self._ask(_WORDS, unknown) if unknown else []
        return {**found, **{row["event_id"]: (row["type"], row["subject"], row["event"]) for row in read}}

    async def _send(self, stream: str, entries: list[Entry]) -> None:
        head = self._heads.get(stream, 0)
        expected = self._tops.get(stream, entries[0].position - 1 if entries else head)
        top = await self._add(stream, expected, entries)
        while top < head:  # Redis is behind: it restarted, or a former relay died before it sent
            async with self.database.reading() as session:
                missing = await read_log(session, stream, after=top, limit=self.batch)
            if not missing:
                break  # nothing kept above: the rest was deleted as too old
            log.info("refilling a stream", stream=stream, after=top, upto=missing[-1].position, head=head)
            top = await self._add(stream, top, missing)
        if top > head:
            raise RedisIsAhead(
                f"{stream} in Redis ends at {top}, but this database gave only {head} positions: "
                f"it was restored from a backup, or this Redis serves another database. Check REDIS_URL; if the "
                f"database is right, delete the stream (redis-cli DEL {stream}): it is refilled from the database"
            )
        self._tops[stream] = top

    async def _add(self, stream: str, expected: int, entries: Sequence[Entry]) -> int:
        words: list[str | int] = [expected]
        for e in entries:
            words += [e.position, e.event_id, e.type, with_position(e.event, e.position)]
        crashpoint(BEFORE_XADD)
        top = int(await self._append(keys=[stream], args=words))
        crashpoint(AFTER_XADD)
        return top
