"""What enrichment hears: articles ingested, edited and withdrawn, and everything that was published."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.use_cases.enrich import enrich
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.hearing import edited, ingested
from services.enrichment.use_cases.standing import killed, published, unpublished, withdrawn
from shared.events import (
    ArticleEdited,
    ArticleEnriched,
    ArticleIngested,
    ArticleKilled,
    ArticlePublication,
    ArticleUnpublished,
    ArticleWithdrawn,
    Publication,
)
from shared.runtime import Handlers, utc_now

events = Handlers("enrichment")


@events.on(ArticleIngested)
async def enrich_articles(
    articles: list[ArticleIngested], session: AsyncSession, enricher: Enricher
) -> list[ArticleEnriched]:
    """Enrich a batch of articles in the order they came."""
    return await enrich(session, enricher, [ingested(a) for a in articles], utc_now())


@events.on(ArticleEdited)
async def enrich_edited(
    articles: list[ArticleEdited], session: AsyncSession, enricher: Enricher
) -> list[ArticleEnriched]:
    """Enrich what the desk rewrote, and keep what it chose."""
    return await enrich(session, enricher, [edited(a) for a in articles], utc_now())


@events.on(ArticleWithdrawn)
async def set_aside(article: ArticleWithdrawn, session: AsyncSession) -> None:
    """A withdrawn article is related to nothing any more."""
    await withdrawn(session, article)


@events.on(Publication)
async def follow_publications(fact: Publication, session: AsyncSession) -> None:
    """Know what readers may see, and forget what was killed."""
    match fact:
        case ArticlePublication():
            await published(session, fact)
        case ArticleUnpublished():
            await unpublished(session, fact)
        case ArticleKilled():
            await killed(session, fact)
