"""The clock's door: take in what people changed, and read again what waits to be read again."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage import index
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.knowledge import Knowledge
from services.enrichment.use_cases.reread import reread_waiting
from shared.events import ArticleEnriched
from shared.runtime import Clock, Database, Transaction, utc_now

clock = Clock()


@clock.every(seconds=2)
async def take_in_changes(database: Database, knowledge: Knowledge) -> None:
    """Renamed tags and chosen sections count from now on."""
    async with database.reading() as session:
        await knowledge.refresh(session)


@clock.every(seconds=5)
async def settle_index(tx: Transaction, enricher: Enricher) -> bool:
    """Pack what has been in the index for a while; called again at once while there is more."""
    return await index.settle(tx.session, enricher.settings.keep_fresh, 4_096) > 0


@clock.every(seconds=1)
async def read_again(session: AsyncSession, enricher: Enricher, knowledge: Knowledge) -> list[ArticleEnriched]:
    """So many of the articles that wait as the operator allows in a second."""
    await knowledge.refresh(session)
    return await reread_waiting(session, enricher, utc_now(), enricher.settings.reread_rate)
