"""Reading articles again (storage/rereading.py says which). What changed is told; what people chose stays."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.known import KnownArticle
from services.enrichment.storage import articles, rereading
from services.enrichment.storage.articles import Words
from services.enrichment.use_cases.enrich import Heard, enrich_again
from services.enrichment.use_cases.enricher import Enricher
from shared.events import ArticleEnriched


async def reread_waiting(
    session: AsyncSession, enricher: Enricher, now: datetime, limit: int = 50
) -> list[ArticleEnriched]:
    """Take some of the articles that wait, read them again, tell them, and count for a reindex what it changed."""
    await rereading.ask_outdated(session, enricher.settings.refresh_rate, now)
    taken = await rereading.take(session, limit)
    before = await articles.known_articles(session, taken.keys())
    told = await reread(session, enricher, list(taken), now)
    reindexes = {r for r in taken.values() if r is not None}
    if reindexes:
        after = {f.article_id: f for f in told}
        for reindex in sorted(reindexes):
            own = [before[n] for n, r in taken.items() if r == reindex and n in before]
            changes = Counter(c for k in own if k.article_id in after for c in changed(k, after[k.article_id]))
            numbers = sum(1 for r in taken.values() if r == reindex)
            await rereading.count_changes(session, reindex, numbers, changes, now)
    return told


def changed(before: KnownArticle, after: ArticleEnriched) -> list[str]:
    """What is different now, in words that are counted: `articles` once, and each kind of change as often as it is."""
    tags = {t.id for t in after.tags}
    found = [
        *["tags added"] * len(tags - before.tags),
        *["tags removed"] * len(before.tags - tags),
        *["section"] * (before.section != (after.section.slug if after.section else None)),
        *["language"] * (before.language != after.language),
        *["story"] * (before.story_id != after.story_id),
    ]
    return ["articles", *found] if found else []


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
