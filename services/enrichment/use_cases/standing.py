"""Where an article stands before the world: published, taken off, withdrawn, killed."""

import re

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.search import search_vector
from services.enrichment.storage import articles, stories
from shared.events import ArticleKilled, ArticlePublication, ArticleUnpublished, ArticleWithdrawn

_BLOCK = re.compile(r"</(?:p|div|li|h\d|blockquote|figcaption|tr)>|<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": " "}


async def published(session: AsyncSession, fact: ArticlePublication) -> None:
    """Readers may see this: enter the page as it was published."""
    before = (await articles.standing(session, [fact.article_id])).get(fact.article_id)
    if before and (before.state == "killed" or before.stated > fact.revision):
        return
    values = {"state": "published", "stated": fact.revision}
    if before is None:
        values |= {"language": fact.language, "outlet": fact.outlet}
    number = await articles.state(session, fact.article_id, values)
    text = plain_text(fact.body_html)
    await articles.keep_page(
        session,
        {
            "number": number, "slug": fact.slug, "url": fact.url, "headline": fact.headline, "body": text,
            "outlet": fact.outlet, "language": fact.language.split("-")[0], "section": fact.section,
            "tags": [t.id for t in fact.tags], "published_at": fact.published_at,
            "words": search_vector(fact.headline, text),
        },
    )  # fmt: skip


async def unpublished(session: AsyncSession, fact: ArticleUnpublished) -> None:
    """Readers may not see this for now."""
    before = (await articles.standing(session, [fact.article_id])).get(fact.article_id)
    if before and (before.state == "killed" or before.stated > fact.revision):
        return
    number = await articles.state(session, fact.article_id, {"state": "unpublished", "stated": fact.revision})
    await articles.drop_page(session, number)


async def killed(session: AsyncSession, fact: ArticleKilled) -> None:
    """Nobody may see this again: its words leave the database, its row stays as a tombstone."""
    before = (await articles.standing(session, [fact.article_id])).get(fact.article_id)
    number = await articles.state(session, fact.article_id, {"state": "killed", "stated": fact.revision})
    await articles.forget(session, number)
    if before and before.story_id:
        await stories.settle(session, before.story_id)


async def withdrawn(session: AsyncSession, fact: ArticleWithdrawn) -> None:
    """The source took it back. What is public stays public until the desk says otherwise."""
    before = (await articles.standing(session, [fact.article_id])).get(fact.article_id)
    if before and (before.ingested > fact.revision or before.state in ("killed", "published")):
        return
    await articles.state(session, fact.article_id, {"state": "withdrawn", "ingested": fact.revision})


def plain_text(html: str) -> str:
    """The text of sanitised HTML, a line per block."""
    text = _TAG.sub("", _BLOCK.sub("\n", html))
    for entity, letter in _ENTITIES.items():
        text = text.replace(entity, letter)
    return text.strip()
