"""The limit: the same stages by hand on bare redis-py and asyncpg, in the same batches, with inbox and outbox rows.

What the runtime gives beyond this (schemas checked on reading, one failing message isolated, retries, dead letters,
claims, refilling an emptied Redis, tracing, health) is what its distance from this line pays for.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvloop
from redis import asyncio as aioredis

from benchmarks.pipeline import stages
from shared.runtime.moments import new_id

BATCH = 200
_INBOX = (
    "INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS new (id)"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_HEAD = (
    "INSERT INTO streams (stream, position) VALUES ($1, $2)"
    " ON CONFLICT (stream) DO UPDATE SET position = streams.position + $2 RETURNING position"
)
_OUTBOX = (
    "INSERT INTO outbox (stream, position, event_id, type, subject, event)"
    " SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[])"
)

Told = tuple[str, str, str]  # type, subject, data as JSON


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
        rows = []
        for position, (kind, subject, data) in enumerate(told, top - len(told) + 1):
            event_id = new_id()
            about = {"id": str(event_id), "type": kind, "subject": subject, "position": position}
            head = orjson.dumps({"specversion": "1.0", **about})
            rows.append((position, event_id, kind, subject, f'{head.decode()[:-1]},"data":{data}}}'))
        await self.database.execute(_OUTBOX, stream, *map(list, zip(*rows, strict=True)))
        return [(position, event_id, kind, event) for position, event_id, kind, _, event in rows]

    async def append(self, stream: str, rows: Sequence[tuple[int, UUID, str, str]]) -> None:
        """XADD with explicit ids, in one pipeline."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for position, event_id, kind, event in rows:
                pipe.xadd(stream, {"id": str(event_id), "type": kind, "event": event}, id=f"{position}-0")
            await pipe.execute()

    async def consume(self, stream: str, into: str, stage: Any) -> None:
        """Read, do, commit, append, acknowledge, for ever."""
        await self.redis.xgroup_create(stream, self.name, id="0", mkstream=True)
        while True:
            answer: Any = await self.redis.xreadgroup(self.name, "one", {stream: ">"}, count=BATCH, block=1000)
            for _, entries in answer or []:
                found = {UUID(fields["id"]): orjson.loads(fields["event"])["data"] for _, fields in entries}
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
        texts = {"headline": one.headline, "body_html": one.body, "body_text": one.body}
        data = {"article_id": str(one.id), "revision": 1, **texts}
        return "newsroom.article.ingested.v1", str(one.id), orjson.dumps(data).decode()

    async def enrich(self, found: list[dict[str, Any]]) -> list[Told]:
        """Enrichment: the fixed answer."""
        await self.database.execute(stages.ENRICH_MANY, [UUID(one["article_id"]) for one in found], stages.TAGS)
        kind = "newsroom.article.enriched.v1"
        ids = [one["article_id"] for one in found]
        return [(kind, one, f'{{"article_id":"{one}","tags":{stages.TAGS}}}') for one in ids]

    async def keep(self, found: list[dict[str, Any]]) -> list[Told]:
        """Publishing: a draft for each."""
        ids, headlines = [UUID(one["article_id"]) for one in found], [one["headline"] for one in found]
        columns = ids, headlines, [one["body_html"] for one in found]
        return self._published([row for row in await self.database.fetch(stages.KEEP_MANY, *columns) if row["tags"]])

    async def complete(self, found: list[dict[str, Any]]) -> list[Told]:
        """Publishing: the tags for each."""
        columns = [UUID(one["article_id"]) for one in found], [json.dumps(one["tags"]) for one in found]
        return self._published([row for row in await self.database.fetch(stages.TAG_MANY, *columns) if row["headline"]])

    @staticmethod
    def _published(rows: list[Any]) -> list[Told]:
        told = []
        for row in rows:
            subject = str(row["article_id"])
            data = stages.publication(subject, row["headline"], row["body"], row["tags"])
            told.append(("newsroom.article.published.v1", subject, data))
        return told


async def main(stage: str, redis_url: str, host: str) -> None:
    """Be the process of one stage: ingest, enrichment or publishing."""

    async def worker() -> Stages:
        link = await asyncpg.connect(user="postgres", host=host, database=f"newsroom_{stage}")
        return Stages(aioredis.from_url(redis_url, decode_responses=True), link, stage)

    one = await worker()
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
