"""What enrichment last understood of each article."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Json, Table, json_object, moment
from shared.events import ArticleEnriched


class Enrichment(Table, table=True):
    """What enrichment last understood of an article: an ArticleEnriched as JSON."""

    __tablename__ = "enrichments"

    article_id: UUID = Field(primary_key=True)
    of: str
    revision: int
    enriched_at: datetime = moment()
    understood: Json = json_object()


async def keep_enrichments(session: AsyncSession, rows: Sequence[Enrichment]) -> set[UUID]:
    """Keep what enrichment understood, the newest by `enriched_at`; answers the articles whose row changed."""
    if not rows:
        return set()
    put = pg_insert(Enrichment).values([row.model_dump() for row in rows])
    changed = {name: put.excluded[name] for name in Enrichment.model_fields if name != "article_id"}
    put = put.on_conflict_do_update(
        index_elements=["article_id"], set_=changed, where=put.excluded.enriched_at > col(Enrichment.enriched_at)
    )
    return set((await session.exec(put.returning(col(Enrichment.article_id)))).scalars())


async def understood_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, ArticleEnriched]:
    """What enrichment last understood of each article; those not enriched yet are missing."""
    query = select(Enrichment).where(col(Enrichment.article_id).in_(list(ids)))
    rows = (await session.exec(query)).all()
    return {row.article_id: ArticleEnriched.model_validate(row.understood) for row in rows}
