"""The limit: the same stages by hand on bare redis-py and asyncpg, in the same batches, with inbox and outbox rows.

The same rows and the same texts: every fact has the fields and the envelope that the runtime gives it, so both move the
same bytes. What was committed and not sent when a process died is sent when it starts again. What the runtime gives
beyond this (schemas checked on reading, one failing message isolated, retries, dead letters, claims, refilling an
emptied Redis while running, more than one process a service) is what its distance from this line pays for.
"""

import asyncio
import json
import secrets
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvloop
from redis import asyncio as aioredis

from benchmarks.pipeline import stages
from benchmarks.pipeline.ours import enriched, ingested, published
from shared.runtime.moments import new_id, utc_now

BATCH = 200
_INBOX = (
    "INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS new (id)"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_HEAD = (
    "INSERT INTO streams (stream, position) VALUES ($1, $2)"
    " ON CONFLICT (stream) DO UPDATE SET position = streams.position + $2 RETURNING position"
)
_POSITIONS = "INSERT INTO positions (stream, position, event_id) SELECT $1, * FROM unnest($2::bigint[], $3::uuid[])"
_UNSENT = (
    "SELECT position, event_id, type, event FROM positions JOIN outbox USING (stream, event_id)"
    " WHERE stream = $1 AND position > $2 ORDER BY position"
)

Told = tuple[str, dict[str, Any], dict[str, Any]]  # type, data, the envelope of what caused it

_ONE = stages.articles(0, 1)[0]
#: All fields of each fact, as the runtime tells them.
_INGESTED = ingested(_ONE).model_dump(mode="json")
_ENRICHED = enriched(_ONE.id, 1, json.loads(stages.TAGS)).model_dump(mode="json")
_PUBLISHED = published(_ONE.id, _ONE.headline, _ONE.body, json.loads(stages.TAGS)).model_dump(mode="json")


class Worker:
    """One process: a batch, the stage, inbox and outbox in one transaction; then it appends and acknowledges."""

    def __init__(self, redis: "aioredis.Redis", database: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
        self.redis = redis
        self.database = database
        self.name = name

    async def tell(self, stream: str, told: Sequence[Told]) -> list[tuple[int, UUID, str, str]]:
        """Write told facts with their positions, inside the open transaction."""
        if not told:
            return []
        top = await self.database.fetchval(_HEAD, stream, len(told))
        places, rows = [], []
        for position, (kind, data, cause) in enumerate(told, top - len(told) + 1):
            event_id, subject = new_id(), data["article_id"]
            event = {
                "position": position,
                "specversion": "1.0",
                "id": event_id,
                "source": f"/newsroom/{self.name}",
                "type": kind,
                "subject": subject,
                "time": utc_now(),
                "datacontenttype": "application/json",
                **self.traced(cause),
                "data": data,
            }
            places.append(position)
            rows.append((event_id, stream, kind, subject, orjson.dumps(event).decode()))
        columns = ("event_id", "stream", "type", "subject", "event")
        await self.database.copy_records_to_table("outbox", records=rows, columns=columns)
        await self.database.execute(_POSITIONS, stream, places, [row[0] for row in rows])
        pairs = zip(places, rows, strict=True)
        return [(position, event_id, kind, event) for position, (event_id, _, kind, _, event) in pairs]

    @staticmethod
    def traced(cause: dict[str, Any]) -> dict[str, str]:
        """The ids that tie a fact to what caused it."""
        if not cause:
            trace = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
            return {"correlationid": str(new_id()), "traceparent": trace}
        trace = f"{cause['traceparent'][:36]}{secrets.token_hex(8)}-01"
        return {"correlationid": cause["correlationid"], "causationid": cause["id"], "traceparent": trace}

    async def append(self, stream: str, rows: Sequence[tuple[int, UUID, str, str]]) -> None:
        """XADD with explicit ids, in one pipeline."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for position, event_id, kind, event in rows:
                pipe.xadd(stream, {"id": str(event_id), "type": kind, "event": event}, id=f"{position}-0")
            await pipe.execute()

    async def resend(self, stream: str) -> None:
        """Send what was committed and did not reach Redis before this process died."""
        top: Any = "0-0"
        if await self.redis.exists(stream):
            top = (await self.redis.xinfo_stream(stream))["last-generated-id"]
        await self.append(stream, await self.database.fetch(_UNSENT, stream, int(top.split("-")[0])))

    async def consume(self, stream: str, into: str, stage: Any) -> None:
        """Read, do, commit, append, acknowledge, for ever."""
        await self.redis.xgroup_create(stream, self.name, id="0", mkstream=True)
        while True:
            answer: Any = await self.redis.xreadgroup(self.name, "one", {stream: ">"}, count=BATCH, block=1000)
            for _, entries in answer or []:
                found = {UUID(fields["id"]): orjson.loads(fields["event"]) for _, fields in entries}
                async with self.database.transaction():
                    fresh = await self.database.fetch(_INBOX, f"{self.name}:{stream}", list(found))
                    told = await stage([found[row["event_id"]] for row in fresh])
                    rows = await self.tell(into, told)
                if rows:
                    await self.append(into, rows)
                await self.redis.xack(stream, self.name, *(entry_id for entry_id, _ in entries))


class Stages(Worker):
    """The three stages."""

    async def feed(self) -> None:
        """Ingest: take in what the harness says, a feed's worth to a transaction."""
        while True:
            said = await self.redis.blpop(["bench.go"], timeout=1)
            if said is None:
                continue
            first, count = map(int, str(said[1]).split(":"))
            for start in range(first, first + count, stages.FEED):
                some = stages.articles(start, min(stages.FEED, first + count - start))
                columns = [one.id for one in some], [one.headline for one in some], [one.body for one in some]
                async with self.database.transaction():
                    await self.database.execute(stages.INGEST_MANY, *columns)
                    rows = await self.tell("article.ingested", [self._ingested(one) for one in some])
                await self.append("article.ingested", rows)

    @staticmethod
    def _ingested(one: stages.Article) -> Told:
        key = str(one.id)
        texts = {"headline": one.headline, "body_html": one.body, "body_text": one.body}
        data = {**_INGESTED, "article_id": key, "guid": key, **texts, "ingested_at": utc_now()}
        return "newsroom.article.ingested.v1", data, {}

    async def enrich(self, found: list[dict[str, Any]]) -> list[Told]:
        """Enrichment: the fixed answer."""
        ids = [one["data"]["article_id"] for one in found]
        await self.database.execute(stages.ENRICH_MANY, list(map(UUID, ids)), stages.TAGS)
        now = utc_now()
        answers = [{**_ENRICHED, "article_id": key, "enriched_at": now} for key in ids]
        return [("newsroom.article.enriched.v1", *pair) for pair in zip(answers, found, strict=True)]

    async def keep(self, found: list[dict[str, Any]]) -> list[Told]:
        """Publishing: a draft for each."""
        by_id = {UUID(one["data"]["article_id"]): one for one in found}
        headlines = [one["data"]["headline"] for one in by_id.values()]
        columns = list(by_id), headlines, [one["data"]["body_html"] for one in by_id.values()]
        rows = await self.database.fetch(stages.KEEP_MANY, *columns)
        return [self._published(row, by_id[row["article_id"]]) for row in rows if row["tags"]]

    async def complete(self, found: list[dict[str, Any]]) -> list[Told]:
        """Publishing: the tags for each."""
        by_id = {UUID(one["data"]["article_id"]): one for one in found}
        columns = list(by_id), [json.dumps(one["data"]["tags"]) for one in by_id.values()]
        rows = await self.database.fetch(stages.TAG_MANY, *columns)
        return [self._published(row, by_id[row["article_id"]]) for row in rows if row["headline"]]

    @staticmethod
    def _published(row: Any, cause: dict[str, Any]) -> Told:
        key, now = str(row["article_id"]), utc_now()
        named = {"article_id": key, "slug": key, "url": f"http://127.0.0.1/articles/{key}"}
        texts = {"headline": row["headline"], "body_html": row["body"], "tags": json.loads(row["tags"])}
        data = {**_PUBLISHED, **named, **texts, "published_at": now, "first_published_at": now, "updated_at": now}
        return "newsroom.article.published.v1", data, cause


async def main(stage: str, redis_url: str, host: str) -> None:
    """Be the process of one stage: ingest, enrichment or publishing."""

    async def worker() -> Stages:
        link = await asyncpg.connect(user="postgres", host=host, database=f"newsroom_{stage}")
        return Stages(aioredis.from_url(redis_url, decode_responses=True), link, stage)

    one = await worker()
    await one.resend({"ingest": "article.ingested", "enrichment": "article.enriched"}.get(stage, "publications"))
    if stage == "ingest":
        await one.feed()
    elif stage == "enrichment":
        await one.consume("article.ingested", "article.enriched", one.enrich)
    else:
        two = await worker()
        lock = asyncio.Lock()  # positions of one log are given and appended by one hand at a time
        for each in (one, two):
            _one_hand(each, lock)
        await asyncio.gather(
            one.consume("article.ingested", "publications", one.keep),
            two.consume("article.enriched", "publications", two.complete),
        )


def _one_hand(worker: Stages, lock: asyncio.Lock) -> None:
    """The row lock on the stream's head orders the numbers; this orders the XADDs that follow the commits."""
    append, tell = worker.append, worker.tell

    async def locked_tell(stream: str, told: Sequence[Told]) -> list[tuple[int, UUID, str, str]]:
        if told:
            await lock.acquire()
        return await tell(stream, told)

    async def locked_append(stream: str, rows: Sequence[tuple[int, UUID, str, str]]) -> None:
        try:
            await append(stream, rows)
        finally:
            lock.release()

    worker.tell, worker.append = locked_tell, locked_append  # type: ignore[method-assign]  # wrapped for this process


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:4]))
