"""The desk's articles: the head of each, its state, its newest content and where it came from."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import Content
from services.publishing.storage.base import Json, Table, columns_of, json_list, json_object, maybe_moment, moment

#: What full-text search over the desk reads. A tsvector holds at most 1 MB: the body is cut long before that.
WORDS = (
    "to_tsvector('simple'::regconfig, (((((headline::text || ' '::text)"
    " || COALESCE(content ->> 'summary'::text, ''::text)) || ' '::text)"
    " || COALESCE(content ->> 'byline'::text, ''::text)) || ' '::text)"
    " || left(COALESCE(content ->> 'body_html'::text, ''::text), 200000))"
)
TAGS = "(content -> 'tags_chosen'::text)"
_NEWEST = (text("updated_at DESC"), text("id DESC"))


class Article(Table, table=True):
    """The head of an article: its state, its newest content and where it came from.

    `revision` counts the desk's saves and acts; `machine` counts what changed without one (enrichment, source news), so
    that `"<revision>.<machine>"` is a strong ETag. `taken_revision` is the source revision the words stand on, and
    `source_revision` the newest one known: where they differ the source's change is on offer. `headline` to
    `embargoed_until` repeat the content for filters.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_list", *_NEWEST),
        Index("ix_articles_state", "state", *_NEWEST),
        Index("ix_articles_words", text(WORDS), postgresql_using="gin"),
        Index("ix_articles_tags", text(TAGS), postgresql_using="gin"),
        Index("ix_articles_held", *_NEWEST, postgresql_where=text("(content ->> 'held'::text) IS NOT NULL")),
        Index("ix_articles_offered", *_NEWEST, postgresql_where=text("source_revision > taken_revision")),
        Index("ix_articles_embargoed", *_NEWEST, postgresql_where=text("embargoed_until IS NOT NULL")),
        Index("ix_articles_follows", "follows", postgresql_where=text("follows IS NOT NULL")),
        Index("ix_articles_translation_of", "translation_of", postgresql_where=text("translation_of IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    state: str = "draft"
    state_before: str | None = None  # where a spiked article comes back to
    revision: int = 1
    words_of: int = 1  # the revision whose words the head has
    machine: int = 0
    slug: str = Field(unique=True)
    content: Json = json_object()
    headline: str
    language: str
    outlet: str | None = None
    wire: str | None = None
    section: str | None = None
    desk: str | None = None
    embargoed_until: datetime | None = maybe_moment()
    follows: UUID | None = None
    translation_of: UUID | None = None
    source_id: UUID | None = None
    source_name: str | None = None
    trust: str = "review"
    source_revision: int = 0
    taken_revision: int = 0
    touched: bool = False  # a person changed it
    withdrawn: str | None = None  # why the source took it back
    waiting_for: str | None = None  # why it did not leave on its own
    public_revision: int | None = None  # the act that made the words public; None while nobody sees them
    public_words: int | None = None  # the revision whose words they are
    first_published_at: datetime | None = maybe_moment()
    corrections: list[Json] = json_list()
    created_by: str
    created_at: datetime = moment()
    updated_at: datetime = moment()
    lock_by: str | None = None
    lock_name: str | None = None
    lock_until: datetime | None = maybe_moment()


async def find_article(session: AsyncSession, article_id: UUID) -> Article | None:
    """The head of an article, unlocked."""
    return await session.get(Article, article_id)


async def lock_article(session: AsyncSession, article_id: UUID) -> Article | None:
    """The head of an article, held until the transaction ends. Whoever touches its other rows locks it first."""
    return (await lock_articles(session, [article_id])).get(article_id)


async def lock_articles(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Article]:
    """The heads of articles, held until the transaction ends; locked in id order: no ring of waits."""
    query = select(Article).where(col(Article.id).in_(list(ids))).order_by(col(Article.id)).with_for_update()
    rows = await session.exec(query.execution_options(populate_existing=True))
    return {article.id: article for article in rows.all()}


async def hold_articles(session: AsyncSession, ids: Iterable[UUID]) -> None:
    """Keep articles from being let out or taken off until the transaction ends; others may hold them so as well."""
    query = select(Article.id).where(col(Article.id).in_(list(ids))).order_by(col(Article.id))
    await session.exec(query.with_for_update(read=True))


async def add_articles(session: AsyncSession, rows: Sequence[Article]) -> set[UUID]:
    """Insert new heads in one statement; the ids of those that were not there yet."""
    if not rows:
        return set()
    table = columns_of(Article)
    put = pg_insert(table).on_conflict_do_nothing().returning(table.c.id)
    return set((await session.execute(put, [row.model_dump() for row in rows])).scalars())


def set_content(head: Article, content: Content) -> None:
    """Give a head its content, and the columns that repeat it for filters."""
    head.content = content.model_dump(mode="json")
    head.headline, head.language = content.headline, content.language
    head.outlet, head.wire, head.section = content.outlet, content.wire, content.section
    head.embargoed_until, head.follows, head.translation_of = (
        content.embargoed_until,
        content.follows,
        content.translation_of,
    )
