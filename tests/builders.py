"""What several tests build: facts, a served application, and a delivery as the runtime would make it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from shared.events import ArticleIngested, CommentSubmitted, Event
from shared.runtime import Database, Handlers, new_id, utc_now
from shared.runtime.envelope import Cause, seal
from shared.runtime.handlers import Parts, handle


def an_article(**given: Any) -> ArticleIngested:
    """A story as ingest tells it; every field may be given."""
    text = "The first span of the lagoon viaduct is in place, the builders said on Monday."
    base: dict[str, Any] = {
        "article_id": uuid4(),
        "revision": 1,
        "source_id": uuid4(),
        "source_name": "The Lagoon Post",
        "guid": str(uuid4()),
        "source_url": f"https://outlet.example/{uuid4()}",
        "headline": "First span in place",
        "body_html": f"<p>{text}</p>",
        "body_text": text,
        "language": "en",
        "outlet": "The Lagoon Post",
        "byline": "Tomas Hale",
        "published_at": utc_now(),
        "ingested_at": utc_now(),
    }
    return ArticleIngested(**{**base, **given})


def a_comment(**given: Any) -> CommentSubmitted:
    """A comment as a reader submits it."""
    base: dict[str, Any] = {
        "comment_id": uuid4(),
        "article_id": uuid4(),
        "author_id": "reader-1",
        "author_name": "Lan",
        "text": "Thank you for the maps in this story.",
        "submitted_at": utc_now(),
    }
    return CommentSubmitted(**{**base, **given})


@asynccontextmanager
async def serving(app: FastAPI, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """The application with its lifespan running (relay, consumers, clock), and a client on it."""
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver", **options) as client:
            yield client


async def deliver(
    events: Handlers, database: Database, *facts: Event, parts: Sequence[object] = (), times: int = 2
) -> list[Event]:
    """Hand facts to a service's handlers as the runtime would, each twice under new ids; answers what was told."""
    provided = Parts()
    provided.add(database, *parts)
    told: list[Event] = []
    for fact in facts:
        handler = events.registry[fact.stream_name()]
        for _ in range(times):
            envelope = seal(fact, fact.teller, Cause.fresh())
            async with database.transaction() as tx:
                await handle(handler, [envelope], tx, provided)
                told += tx.told
    return told


__all__ = ["a_comment", "an_article", "deliver", "new_id", "serving"]
