"""Reading articles again: after a tag changed or the enricher did. What changed is told; what people chose stays."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import Draft
from services.enrichment.storage import articles, rereading
from services.enrichment.storage.articles import Words
from services.enrichment.use_cases.enrich import Heard, enrich_again
from services.enrichment.use_cases.enricher import Enricher
from shared.events import ArticleEnriched


async def reread_waiting(
    session: AsyncSession, enricher: Enricher, now: datetime, limit: int = 50
) -> list[ArticleEnriched]:
    """Take some of the articles that wait, read them again, and tell them."""
    return await reread(session, enricher, await rereading.take(session, limit), now)


async def reread(
    session: AsyncSession, enricher: Enricher, numbers: Sequence[int], now: datetime
) -> list[ArticleEnriched]:
    """Read these articles again."""
    held = await articles.words_of(session, numbers)
    return await enrich_again(session, enricher, [as_heard(w) for w in held], now)


def as_heard(w: Words) -> Heard:
    """A stored article as if it had just been heard."""
    draft = Draft(
        w.article_id, w.headline, w.body, w.declared, w.outlet, w.authors, w.section, w.keywords, w.published_at
    )
    return Heard(draft, "edited" if w.read_from == "edited" else "ingested", w.revision)
