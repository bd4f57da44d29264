"""Taking in what enrichment understood: tags and related stories, for drafts and for what is public."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import Content
from services.publishing.settings import Settings
from services.publishing.storage import articles, desk, enrichments, outgoing
from services.publishing.storage.enrichments import Enrichment
from services.publishing.use_cases.leaving import HOUSE, let_go
from services.publishing.use_cases.release import Leaving, refresh
from shared.events import ArticleEnriched, Publication


async def take_understanding(
    session: AsyncSession, batch: Sequence[ArticleEnriched], settings: Settings, now: datetime
) -> list[Publication]:
    """Keep what enrichment understood; let go what only waited for it; show it on what is public already."""
    newest = {fact.article_id: fact for fact in sorted(batch, key=lambda fact: fact.enriched_at)}
    heads = await articles.lock_articles(session, newest)
    rows = [_enrichment(fact) for fact in newest.values()]
    changed = await enrichments.keep_enrichments(session, rows)
    dues = await outgoing.due_of(session, changed)
    leaving = []
    for key in (key for key in newest if key in changed and key in heads):
        heads[key].machine += 1
        due = dues.get(key)
        if due and due.waits_for == "enrichment" and newest[key].revision >= heads[key].taken_revision:
            leaving.append(Leaving(heads[key], Content.model_validate(heads[key].content), due))
    told = await let_go(session, leaving, settings.public_url, now)
    gone_out = {one.article.id for one in leaving}
    known = {key: newest[key] for key in changed - gone_out}
    await refresh(session, [heads[key] for key in known if key in heads], known, settings.public_url, now)
    await desk.note_changes(session, [(key, "enriched", None) for key in changed & heads.keys()], HOUSE.name, now)
    return told


def _enrichment(fact: ArticleEnriched) -> Enrichment:
    return Enrichment(
        article_id=fact.article_id,
        of=fact.of,
        revision=fact.revision,
        enriched_at=fact.enriched_at,
        understood=fact.model_dump(mode="json"),
    )
