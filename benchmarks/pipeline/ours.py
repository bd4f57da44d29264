"""The stages on `shared/runtime`, one process each: `uvicorn --factory benchmarks.pipeline.ours:build_enrichment`."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid5

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_settings import SettingsConfigDict
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.pipeline import stages
from shared.events import ArticleEnriched, ArticleIngested, ArticlePublished, Event, Role, Tag
from shared.runtime import Clock, Database, DoorRouter, Handlers, Service, ServiceSettings, Tx, allow, utc_now
from shared.runtime.redis import connect

_SOURCE = uuid5(UUID(int=0), "bench")


def _named(statement: str) -> Any:
    """The statement with SQLAlchemy's names in place of $1, $2, $3, and casts it cannot mistake for names."""
    for number, name in ((1, ":a"), (2, ":b"), (3, ":c")):
        for kind in ("uuid[]", "text[]"):
            statement = statement.replace(f"${number}::{kind}", f"CAST({name} AS {kind})")
        statement = statement.replace(f"${number}", name)
    return text(statement)


INGEST, ENRICH, KEEP, TAG = map(_named, (stages.INGEST_MANY, stages.ENRICH_MANY, stages.KEEP_MANY, stages.TAG_MANY))


def ingested(article: stages.Article) -> ArticleIngested:
    """The fact that an article came in."""
    return ArticleIngested(
        article_id=article.id,
        revision=1,
        source_id=_SOURCE,
        source_name="bench",
        trust="publish",
        guid=str(article.id),
        headline=article.headline,
        body_html=article.body,
        body_text=article.body,
        language="en",
        ingested_at=utc_now(),
    )


async def take_in(session: AsyncSession, some: list[stages.Article]) -> list[Event]:
    """Ingest's stage."""
    columns = {"a": [one.id for one in some], "b": [one.headline for one in some], "c": [one.body for one in some]}
    await session.execute(INGEST, columns)
    return [ingested(one) for one in some]


class Push(BaseModel):
    """One pushed article."""

    number: int


router = DoorRouter(tags=["bench"])
clock = Clock()


@router.post("/v1/items", status_code=202, dependencies=[allow(Role.PUBLIC)])
async def push_item(body: Push, tx: Tx) -> dict[str, str]:
    """One article, one transaction: the latency line."""
    some = stages.articles(body.number, 1)
    tx.tell(*await take_in(tx.session, some))
    return {"article_id": str(some[0].id)}


enrichment_events = Handlers("enrichment")
publishing_events = Handlers("publishing")


@enrichment_events.on(ArticleIngested)
async def enrich_articles(found: list[ArticleIngested], session: AsyncSession) -> list[Event]:
    """The fixed answer."""
    await session.execute(ENRICH, {"a": [one.article_id for one in found], "b": stages.TAGS})
    tags = json.loads(stages.TAGS)
    return [enriched(one.article_id, one.revision, tags) for one in found]


def enriched(article_id: UUID, revision: int, tags: list[dict[str, Any]]) -> ArticleEnriched:
    """The fact that an article was read."""
    return ArticleEnriched(
        article_id=article_id,
        of="ingested",
        revision=revision,
        enricher="fixed",
        language="en",
        language_score=1.0,
        tags=[Tag(**tag) for tag in tags],
        enriched_at=utc_now(),
    )


slow_events = Handlers("enrichment")


@slow_events.on(ArticleIngested)
async def think(_article: ArticleIngested) -> None:
    """A handler that takes ten milliseconds and little of the processor."""
    await asyncio.sleep(0.01)


@publishing_events.on(ArticleIngested)
async def keep_drafts(found: list[ArticleIngested], session: AsyncSession) -> list[Event]:
    """A draft for each; published where the tags were here first."""
    rows = {one.article_id: one for one in found}
    headlines, bodies = [one.headline for one in rows.values()], [one.body_html for one in rows.values()]
    drafts = await session.execute(KEEP, {"a": list(rows), "b": headlines, "c": bodies})
    return [published(r.article_id, r.headline, r.body, json.loads(r.tags)) for r in drafts.all() if r.tags is not None]


@publishing_events.on(ArticleEnriched)
async def complete_drafts(found: list[ArticleEnriched], session: AsyncSession) -> list[Event]:
    """The tags for each; published where the draft was here first."""
    rows = {one.article_id: json.dumps([{"id": tag.id, "name": tag.name} for tag in one.tags]) for one in found}
    answer = await session.execute(TAG, {"a": list(rows), "b": list(rows.values())})
    whole = (row for row in answer.all() if row.headline is not None)
    return [published(r.article_id, r.headline, r.body, json.loads(r.tags)) for r in whole]


def published(article_id: UUID, headline: str, body: str, tags: list[dict[str, Any]]) -> ArticlePublished:
    """The fact that an article went out."""
    now = utc_now()
    return ArticlePublished(
        article_id=article_id,
        revision=1,
        slug=str(article_id),
        url=f"http://127.0.0.1/articles/{article_id}",
        headline=headline,
        body_html=body,
        language="en",
        outlet="bench",
        source_url="http://127.0.0.1/",
        published_at=now,
        first_published_at=now,
        updated_at=now,
        tags=[Tag(**tag) for tag in tags],
    )


class IngestSettings(ServiceSettings):
    """The bench's ingest."""

    model_config = SettingsConfigDict(env_prefix="INGEST_")


class EnrichmentSettings(ServiceSettings):
    """The bench's enrichment."""

    model_config = SettingsConfigDict(env_prefix="ENRICHMENT_")


class PublishingSettings(ServiceSettings):
    """The bench's publishing."""

    model_config = SettingsConfigDict(env_prefix="PUBLISHING_")


class Go:
    """Waits for the harness to say which articles to take in: `first:count` on the list `bench.go`."""

    def __init__(self, redis_url: str) -> None:
        self.redis: Any = connect(redis_url)  # redis-py types BLPOP's answer too widely to be of use

    async def wait(self) -> range:
        """The numbers to take in; none when nobody said anything for a second."""
        said = await self.redis.blpop(["bench.go"], timeout=1)
        if said is None:
            return range(0)
        first, count = map(int, said[1].decode().split(":"))
        return range(first, first + count)


@clock.every(seconds=0.01)
async def feed(database: Database, go: Go) -> None:
    """Take in what the harness says, 100 articles to a transaction."""
    numbers = await go.wait()
    for start in numbers[:: stages.FEED]:
        async with database.transaction() as tx:
            tx.tell(*await take_in(tx.session, stages.articles(start, min(stages.FEED, numbers.stop - start))))


def build_ingest() -> FastAPI:
    """The bench's ingest, ready to be served."""
    settings = IngestSettings()
    service = Service("ingest", settings)
    service.provide(Go(settings.redis_url))
    return service.join(routers=[router], clock=clock)


def build_enrichment() -> FastAPI:
    """The bench's enrichment, ready to be served."""
    return Service("enrichment", EnrichmentSettings()).join(handlers=enrichment_events)


def build_slow_enrichment() -> FastAPI:
    """An enrichment that takes 10 ms for each fact."""
    return Service("enrichment", EnrichmentSettings()).join(handlers=slow_events)


def build_publishing() -> FastAPI:
    """The bench's publishing, ready to be served."""
    return Service("publishing", PublishingSettings()).join(handlers=publishing_events)
