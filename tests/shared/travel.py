"""Two small services on the real runtime: one tells articles, the other writes down what it heard, without any guard.

The effect has no unique constraint on purpose: a repetition must show.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events import ArticleEnriched, ArticleIngested
from shared.runtime import Database, Handlers, Service, ServiceSettings, utc_now
from tests.builders import an_article

STREAM = ArticleIngested.stream_name()
Hear = Callable[[ArticleIngested, AsyncSession], Awaitable[None]]


def settings(database_url: str, redis_url: str, **given: Any) -> ServiceSettings:
    """Settings under which waits are short."""
    quick: dict[str, Any] = {
        "poll_ms": 50,
        "claim_after": 2.0,
        "retry_waits": [0.05, 0.05, 0.05, 0.05],
        "retry_lease": 2.0,
    }
    return ServiceSettings(database_url=database_url, redis_url=redis_url, **{**quick, **given})


async def write_down(article: ArticleIngested, session: AsyncSession) -> None:
    """The effect: one row a time it is heard."""
    await session.execute(text("INSERT INTO effects VALUES (:headline)"), {"headline": article.headline})


def hearer(made: ServiceSettings, hear: Hear = write_down) -> Service:
    """A service that hears articles one by one."""
    events = Handlers("enrichment")

    @events.on(ArticleIngested)
    async def hear_article(article: ArticleIngested, session: AsyncSession) -> None:
        await hear(article, session)

    service = Service("enrichment", made)
    service.join(handlers=events)
    return service


def enriched(article: ArticleIngested) -> ArticleEnriched:
    """What enrichment might answer."""
    return ArticleEnriched(
        article_id=article.article_id,
        of="ingested",
        revision=article.revision,
        enricher="travel",
        language="en",
        language_score=1.0,
        enriched_at=utc_now(),
    )


def teller(made: ServiceSettings) -> Service:
    """A service that only tells."""
    service = Service("ingest", made)
    service.join(handlers=Handlers("ingest"))
    return service


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    """The services with relay, consumers and clock going."""
    for each in services:
        await prepare(each.database)
        await each.start()
    try:
        yield
    finally:
        for each in reversed(services):
            await each.stop()


async def prepare(database: Database) -> None:
    """The table of effects, where it is missing."""
    async with database.transaction() as tx:
        await tx.session.execute(text("CREATE TABLE IF NOT EXISTS effects (headline text)"))


async def tell(service: Service, *headlines: str) -> None:
    """Tell one article a headline, in one transaction."""
    async with service.database.transaction() as tx:
        tx.tell(*[an_article(headline=headline) for headline in headlines])


async def effects(service: Service) -> list[str]:
    """What was written down, sorted."""
    async with service.database.reading() as session:
        return sorted((await session.execute(text("SELECT headline FROM effects"))).scalars())


async def failures(service: Service) -> list[Any]:
    """The messages set aside."""
    async with service.database.reading() as session:
        return list((await session.execute(text("SELECT * FROM failed_events ORDER BY created_at"))).all())


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 60.0) -> None:
    """Wait for a fact; TimeoutError names it when it does not come."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                if await true():
                    return
            except OSError:
                pass  # the server is down: that is the test's own doing
            await asyncio.sleep(0.02)


async def heard(service: Service, *headlines: str) -> None:
    """Wait until exactly these were written down."""
    wanted = sorted(headlines)

    async def all_there() -> bool:
        return await effects(service) == wanted

    try:
        await until(all_there)
    except TimeoutError:
        raise AssertionError(f"wanted {wanted}, got {await effects(service)}; {await failures(service)}") from None
