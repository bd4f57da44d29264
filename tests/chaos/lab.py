"""Three small services on the real runtime whose effects add up, so that every repetition and every loss shows.

The four services of the house guard their effects by revision and would hide a repetition; these do not. `ingest` takes
pushes, `enrichment` answers each fact with one, `publishing` takes facts in batches and writes the publications log.
"""

import random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_settings import SettingsConfigDict
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events import ArticleEnriched, ArticleIngested, ArticlePublished, ArticleUpdated, Event, Role
from shared.runtime import DoorRouter, Handlers, Service, ServiceSettings, Tx, allow, utc_now

#: What each lab service needs beside the runtime's own tables. No unique constraint on effects: a repetition must show.
SCHEMA = """
    CREATE TABLE IF NOT EXISTS effects (consumer text NOT NULL, article_id uuid NOT NULL, revision int NOT NULL);
    CREATE TABLE IF NOT EXISTS pushes (mark text NOT NULL, article_id uuid NOT NULL, revision int NOT NULL);
    CREATE TABLE IF NOT EXISTS articles (id uuid PRIMARY KEY, revision int NOT NULL);
"""
NAMES = ("ingest", "enrichment", "publishing")

_EFFECT = text("INSERT INTO effects (consumer, article_id, revision) VALUES (:consumer, :article_id, :revision)")
_PUSH = text("INSERT INTO pushes (mark, article_id, revision) VALUES (:mark, :article_id, :revision)")
_NEXT = text("""
    INSERT INTO articles (id, revision) VALUES (:id, 1)
    ON CONFLICT (id) DO UPDATE SET revision = articles.revision + 1 RETURNING revision
""")
_NEWER = text("""
    INSERT INTO articles (id, revision) VALUES (:id, :revision)
    ON CONFLICT (id) DO UPDATE SET revision = excluded.revision WHERE articles.revision < excluded.revision
    RETURNING (xmax = 0) AS first
""")
_SOURCE = uuid5(NAMESPACE_URL, "lab")


def article_id(guid: str) -> UUID:
    """The id the lab gives the article with this guid."""
    return uuid5(NAMESPACE_URL, guid)


class Push(BaseModel):
    """One article as the driver pushes it; the body's text is the push's mark."""

    guid: str
    url: str
    headline: str
    body_text: str
    source: str | None = None


router = DoorRouter(tags=["lab"])


@router.post("/v1/items", status_code=202, dependencies=[allow(Role.EDITOR)])
async def push_item(body: Push, tx: Tx) -> dict[str, Any]:
    """Take an article: the next revision of its guid, told in the same transaction."""
    article = article_id(body.guid)
    revision = (await tx.session.execute(_NEXT, {"id": article})).scalar_one()
    await tx.session.execute(_PUSH, {"mark": body.body_text, "article_id": article, "revision": revision})
    tx.tell(
        ArticleIngested(
            article_id=article,
            revision=revision,
            source_id=_SOURCE,
            source_name="lab",
            trust="publish",
            guid=body.guid,
            source_url=body.url,
            headline=body.headline,
            body_html=f"<p>{body.body_text}</p>",
            body_text=body.body_text,
            language="en",
            outlet="lab",
            ingested_at=utc_now(),
        )
    )
    return {"article_id": str(article), "revision": revision, "outcome": "new" if revision == 1 else "revised"}


enrichment_events = Handlers("enrichment")
publishing_events = Handlers("publishing")


def _sometimes_fail(share: float) -> None:
    """Real handlers fail, too: by chance, so that another attempt helps."""
    if random.random() < share:
        raise ValueError("this attempt fails, by chance")


@enrichment_events.on(ArticleIngested)
async def enrich_article(article: ArticleIngested, session: AsyncSession) -> ArticleEnriched:
    """One fact in, one out, one effect."""
    _sometimes_fail(0.02)
    found = {"consumer": "enrichment", "article_id": article.article_id, "revision": article.revision}
    await session.execute(_EFFECT, found)
    return ArticleEnriched(
        article_id=article.article_id,
        of="ingested",
        revision=article.revision,
        enricher="lab",
        language="en",
        language_score=1.0,
        enriched_at=utc_now(),
    )


@publishing_events.on(ArticleIngested)
async def publish_articles(articles: list[ArticleIngested], session: AsyncSession) -> list[Event]:
    """A whole batch: an effect for each fact, a publication for each that is newer than what was published."""
    told: list[Event] = []
    for article in articles:
        key = {"article_id": article.article_id, "revision": article.revision}
        await session.execute(_EFFECT, {"consumer": "publishing", **key})
        row = (await session.execute(_NEWER, {"id": article.article_id, "revision": article.revision})).first()
        if row is not None:
            told.append(_publication(article, first=row.first))
    _sometimes_fail(0.02)
    return told


@publishing_events.on(ArticleEnriched)
async def note_tags(article: ArticleEnriched, session: AsyncSession) -> None:
    """An effect for each fact."""
    key = {"article_id": article.article_id, "revision": article.revision}
    await session.execute(_EFFECT, {"consumer": "publishing.enriched", **key})


def _publication(article: ArticleIngested, *, first: bool) -> Event:
    now = utc_now()
    kind = ArticlePublished if first else ArticleUpdated
    return kind(
        article_id=article.article_id,
        revision=article.revision,
        slug=str(article.article_id),
        url=f"http://127.0.0.1/articles/{article.article_id}",
        headline=article.headline,
        body_html=article.body_html,
        language="en",
        outlet="lab",
        source_url=article.source_url or "",
        published_at=now,
        first_published_at=now,
        updated_at=now,
    )


class IngestSettings(ServiceSettings):
    """The lab's ingest."""

    model_config = SettingsConfigDict(env_prefix="INGEST_")


class EnrichmentSettings(ServiceSettings):
    """The lab's enrichment."""

    model_config = SettingsConfigDict(env_prefix="ENRICHMENT_")


class PublishingSettings(ServiceSettings):
    """The lab's publishing."""

    model_config = SettingsConfigDict(env_prefix="PUBLISHING_")


def build_ingest() -> FastAPI:
    """The lab's ingest, ready to be served."""
    return Service("ingest", IngestSettings()).join(routers=[router])


def build_enrichment() -> FastAPI:
    """The lab's enrichment, ready to be served."""
    return Service("enrichment", EnrichmentSettings()).join(handlers=enrichment_events)


def build_publishing() -> FastAPI:
    """The lab's publishing, ready to be served."""
    return Service("publishing", PublishingSettings()).join(handlers=publishing_events)
