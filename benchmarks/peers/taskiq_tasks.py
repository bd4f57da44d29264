"""The stages as taskiq tasks on Redis streams, on asyncpg: `taskiq worker benchmarks.peers.taskiq_tasks:enrichment`."""

import os
from typing import Any
from uuid import UUID

import asyncpg
from redis import asyncio as aioredis
from taskiq_redis import RedisStreamBroker

from benchmarks.pipeline import stages

# A group that begins at 0: at the default `$` what is sent before the worker is up would be skipped.
enrichment = RedisStreamBroker(os.environ["BENCH_REDIS"], queue_name="taskiq.enrichment", consumer_id="0")
publishing = RedisStreamBroker(os.environ["BENCH_REDIS"], queue_name="taskiq.publishing", consumer_id="0")
_pools: dict[str, "asyncpg.Pool[asyncpg.Record]"] = {}
_streams = aioredis.from_url(os.environ["BENCH_REDIS"], decode_responses=True)


async def _pool(database: str) -> "asyncpg.Pool[asyncpg.Record]":
    if database not in _pools:
        _pools[database] = await asyncpg.create_pool(
            user="postgres", host=os.environ["BENCH_PG"], database=f"newsroom_{database}", min_size=10, max_size=10
        )
    return _pools[database]


@enrichment.task
async def enrich(article_id: str, headline: str, body: str) -> None:  # noqa: ARG001  # enrichment is handed the text to read
    """Enrichment's stage."""
    pool = await _pool("enrichment")
    await pool.execute(stages.ENRICH_ONE, UUID(article_id), stages.TAGS)
    await tag.kiq(article_id, stages.TAGS)


@publishing.task
async def keep(article_id: str, headline: str, body: str) -> None:
    """Publishing's first half."""
    await _complete(stages.KEEP_ONE, UUID(article_id), headline, body)


@publishing.task
async def tag(article_id: str, tags: str) -> None:
    """Publishing's second half."""
    await _complete(stages.TAG_ONE, UUID(article_id), tags)


async def _complete(statement: str, *values: Any) -> None:
    pool = await _pool("publishing")
    async with pool.acquire() as link, link.transaction():
        row = await link.fetchrow(statement, *values)
        whole = row["headline"] is not None and row["tags"] is not None
        if whole:
            await link.execute(stages.PUBLISH_ONE, values[0])
    if whole:
        text = stages.publication(str(row["article_id"]), row["headline"], row["body"], row["tags"])
        await _streams.xadd("publications", {"event": text})


async def feed() -> None:
    """Ingest: take in what the harness says and send a task for each fact."""
    await enrichment.startup()
    await publishing.startup()
    pool = await _pool("ingest")
    while True:
        said = await _streams.blpop(["bench.go"], timeout=1)
        if said is None:
            continue
        first, count = map(int, str(said[1]).split(":"))
        for start in range(first, first + count, stages.FEED):
            some = stages.articles(start, min(stages.FEED, first + count - start))
            columns = [one.id for one in some], [one.headline for one in some], [one.body for one in some]
            await pool.execute(stages.INGEST_MANY, *columns)
            for one in some:
                await enrich.kiq(str(one.id), one.headline, one.body)
                await keep.kiq(str(one.id), one.headline, one.body)
