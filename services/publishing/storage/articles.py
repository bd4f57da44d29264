"""The desk's articles: the head of each, what the source sent, what enrichment understood, what is due to leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, and_, bindparam, delete, func, text, tuple_
from sqlalchemy import select as rows  # SQLModel's own takes four columns at most
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import aliased, defer
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import Content
from services.publishing.storage.base import (
    Json,
    Keyset,
    Table,
    json_list,
    json_object,
    maybe_json,
    maybe_moment,
    moment,
)
from shared.events import ArticleEnriched

#: What full-text search over the desk reads. A tsvector holds at most 1 MB: the body is cut long before that.
WORDS = (
    "to_tsvector('simple'::regconfig, (headline::text || ' '::text)"
    " || left(COALESCE(content ->> 'body_html'::text, ''::text), 200000))"
)


class Article(Table, table=True):
    """The head of an article: its state, its newest content and where it came from.

    `revision` counts the desk's saves and acts; `machine` counts what changed without one (enrichment, source news), so
    that `"<revision>.<machine>"` is a strong ETag. `taken_revision` is the source revision the words stand on, and
    `source_revision` the newest one known: where they differ the source's change is on offer. `headline` to
    `embargoed_until` repeat the content for filters.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_list", text("updated_at DESC"), text("id DESC")),
        Index("ix_articles_state", "state", text("updated_at DESC"), text("id DESC")),
        Index("ix_articles_words", text(WORDS), postgresql_using="gin"),
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


_CONTENT: Any = Article.content
_WORDLESS = defer(_CONTENT)


class SourceVersion(Table, table=True):
    """One revision of an article as its source sent it, kept so that a change can be offered as a diff."""

    __tablename__ = "source_versions"

    article_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    change: str
    changes: list[str] = json_list()
    content: Json = json_object()
    evidence: Json = json_object()
    received_at: datetime = moment()


class Enrichment(Table, table=True):
    """What enrichment last understood of an article: an ArticleEnriched as JSON."""

    __tablename__ = "enrichments"

    article_id: UUID = Field(primary_key=True)
    of: str
    revision: int
    enriched_at: datetime = moment()
    understood: Json = json_object()


class Due(Table, table=True):
    """A publication that waits for its moment: a schedule, an embargo, the seconds of an undo, an enrichment.

    `revision` is the content that will leave. One an article: the newest replaces the one before.
    """

    __tablename__ = "due"

    article_id: UUID = Field(primary_key=True)
    due_at: datetime = moment(index=True)
    revision: int
    verb: str  # publish, correct or update
    waits_for: str  # schedule, embargo, undo or enrichment
    note: str | None = None
    correction: Json | None = maybe_json()
    by_id: str
    by_name: str
    back_to: str  # the state if it is called off


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


async def lock_due(session: AsyncSession, now: datetime, limit: int) -> list[Article]:
    """Articles with something due, held; those somebody else holds are left for the next look."""
    query = select(Article).join(Due, col(Due.article_id) == Article.id).where(Due.due_at <= now)
    query = query.order_by(col(Article.id)).limit(limit).with_for_update(of=Article, skip_locked=True)
    return list((await session.exec(query)).all())


async def due_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Due]:
    """What waits to go out, by article. Read it after locking the articles."""
    query = select(Due).where(col(Due.article_id).in_(list(ids))).execution_options(populate_existing=True)
    return {due.article_id: due for due in (await session.exec(query)).all()}


async def put_due(session: AsyncSession, rows: Sequence[Due]) -> None:
    """Let these wait, each in place of what waited for its article before."""
    if not rows:
        return
    put = pg_insert(Due).values([row.model_dump() for row in rows])
    changed = {name: put.excluded[name] for name in Due.model_fields if name != "article_id"}
    await session.exec(put.on_conflict_do_update(index_elements=["article_id"], set_=changed))


async def drop_due(session: AsyncSession, ids: Iterable[UUID]) -> None:
    """Nothing waits for these any more."""
    await session.exec(delete(Due).where(col(Due.article_id).in_(list(ids))))


async def add_articles(session: AsyncSession, rows: Sequence[Article]) -> set[UUID]:
    """Insert new heads in one statement; the ids of those that were not there yet."""
    if not rows:
        return set()
    values = [row.model_dump() for row in rows]
    added = await session.exec(pg_insert(Article).values(values).on_conflict_do_nothing().returning(col(Article.id)))
    return set(added.scalars())


async def add_source_versions(session: AsyncSession, rows: Sequence[SourceVersion]) -> set[tuple[UUID, int]]:
    """Keep what sources sent; (article, revision) of those that were not known yet."""
    if not rows:
        return set()
    put = pg_insert(SourceVersion).values([row.model_dump() for row in rows]).on_conflict_do_nothing()
    added = await session.exec(put.returning(col(SourceVersion.article_id), col(SourceVersion.revision)))
    return {(article_id, revision) for article_id, revision in added}


async def find_source_version(session: AsyncSession, article_id: UUID, revision: int) -> SourceVersion | None:
    """One revision of an article as its source sent it."""
    return await session.get(SourceVersion, (article_id, revision))


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


@dataclass(frozen=True)
class Wanted:
    """Which articles a list shows; None asks for nothing. `q` is web-search syntax over headline and body."""

    state: str | None = None
    desk: str | None = None
    section: str | None = None
    outlet: str | None = None
    wire: str | None = None
    language: str | None = None
    source_id: UUID | None = None
    created_by: str | None = None
    q: str | None = None


async def list_articles(
    session: AsyncSession, wanted: Wanted, *, after: Keyset | None = None, limit: int = 50
) -> Sequence[Article]:
    """Heads by newest change, without their content; `after` is the last row's (updated_at, id)."""
    query = select(Article).options(_WORDLESS)
    for name in ("state", "desk", "section", "outlet", "wire", "language", "source_id", "created_by"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Article, name) == value)
    if wanted.q:
        query = query.where(text(f"{WORDS} @@ websearch_to_tsquery('simple', :q)").bindparams(q=wanted.q))
    if after is not None:
        query = query.where(tuple_(col(Article.updated_at), col(Article.id)) < after)
    query = query.order_by(col(Article.updated_at).desc(), col(Article.id).desc()).limit(limit)
    return (await session.exec(query)).all()


async def latest_ingested(session: AsyncSession, limit: int) -> Sequence[tuple[Article, SourceVersion]]:
    """The articles that came in last, each as its source sent it then."""
    newest = col(SourceVersion.revision) == Article.source_revision
    query = select(Article, SourceVersion).join(
        SourceVersion, and_(col(SourceVersion.article_id) == Article.id, newest)
    )
    query = query.where(col(Article.source_id).is_not(None)).order_by(col(Article.id).desc()).limit(limit)
    return (await session.exec(query)).all()


@dataclass(frozen=True)
class Whole:
    """An article with all that its page at the desk shows."""

    head: Article
    due: Due | None
    understood: ArticleEnriched | None
    followed_by: Sequence[UUID]
    original_words: int | None  # the revision whose words the original of a translation has now


_original, _follower = aliased(Article), aliased(Article)
_followed = select(func.array_agg(aggregate_order_by(col(_follower.id), col(_follower.created_at)))).where(
    col(_follower.follows) == Article.id
)
#: Built once: putting it together costs several times what running it does.
_WHOLE = (
    rows(Article, Due, Enrichment, _followed.scalar_subquery(), col(_original.words_of))
    .outerjoin(Due, col(Due.article_id) == Article.id)
    .outerjoin(Enrichment, col(Enrichment.article_id) == Article.id)
    .outerjoin(_original, col(_original.id) == Article.translation_of)
    .where(col(Article.id) == bindparam("article_id"))
    .execution_options(populate_existing=True)
)


async def read_whole(session: AsyncSession, article_id: UUID) -> Whole | None:
    """One article and what stands beside it, in one query: a page of the desk is read often."""
    row = (await session.execute(_WHOLE, {"article_id": article_id})).one_or_none()
    if row is None:
        return None
    head, due, enrichment, followers, words = row
    understood = ArticleEnriched.model_validate(enrichment.understood) if enrichment else None
    return Whole(head, due, understood, followers or [], words)
