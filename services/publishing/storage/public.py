"""What readers may see, and nothing else: the current public version of each article and the shelves it stands on.

Written only in the transaction that tells the publication. Everything the world sees (site, feeds, API, sitemap) reads
from these tables alone, so what is not public has no way out.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, tuple_, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.slugs import slugify
from services.publishing.storage.base import (
    Json,
    Keyset,
    Table,
    columns_of,
    json_list,
    json_object,
    maybe_moment,
    moment,
)
from shared.events import PublishedArticle, RelatedLink, RelatedStory

#: How many related links readers get at most.
LINKS = 12

ShelfKind = Literal["all", "section", "tag", "author", "outlet", "language", "story"]


class PublicArticle(Table, table=True):
    """The version of an article the world sees now, or (`gone`) the tombstone where it stood.

    `article` is a PublishedArticle as JSON, without `related`; it is empty when gone. `related` is a list of
    RelatedStory, `related_by` the same by `story`, `tag`, `section`, `author`. `seen_at` is when anything shown last
    changed, enrichment included: use it for Last-Modified and ETag.
    """

    __tablename__ = "public_articles"

    article_id: UUID = Field(primary_key=True)
    slug: str = Field(unique=True)
    revision: int
    gone: str | None = None  # unpublished, kill or takedown
    gone_reason: str | None = None
    gone_at: datetime | None = maybe_moment(index=True)
    language: str
    outlet: str | None = None
    section: str | None = None
    first_published_at: datetime = moment(index=True)
    updated_at: datetime = moment()
    seen_at: datetime = moment()
    article: Json = json_object()
    related: list[Json] = json_list()
    related_by: dict[str, list[Json]] = json_object()
    pictures_expire_at: datetime | None = maybe_moment(index=True)


class Shelf(Table, table=True):
    """One place where a public article stands: `all`, or a section, tag, author, outlet, language or story by slug."""

    __tablename__ = "public_shelves"

    kind: str = Field(primary_key=True)
    slug: str = Field(primary_key=True)
    first_published_at: datetime = moment(primary_key=True)
    article_id: UUID = Field(primary_key=True, index=True)
    name: str = ""


async def find_public(session: AsyncSession, slug_or_id: str | UUID) -> PublicArticle | None:
    """The article at this address or of this id, tombstones included (`gone` set: answer 410); None: never public."""
    wanted = slug_or_id if isinstance(slug_or_id, UUID) else _as_uuid(slug_or_id)
    if wanted is not None:
        return await session.get(PublicArticle, wanted)
    found = await session.exec(select(PublicArticle).where(PublicArticle.slug == slug_or_id))
    return found.one_or_none()


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


async def list_public(
    session: AsyncSession,
    kind: ShelfKind = "all",
    slug: str = "",
    *,
    after: Keyset | None = None,
    since: datetime | None = None,
    limit: int = 20,
) -> Sequence[PublicArticle]:
    """The articles on one shelf, newest publication first; `after` is the last row's (first_published_at, article_id).

    Costs the same at a million articles: it walks the shelf's primary key from the cursor on.
    """
    place = tuple_(col(Shelf.first_published_at), col(Shelf.article_id))
    query = select(PublicArticle).join(Shelf, col(Shelf.article_id) == PublicArticle.article_id)
    query = query.where(Shelf.kind == kind, Shelf.slug == slug)
    if after is not None:
        query = query.where(place < after)
    if since is not None:
        query = query.where(Shelf.first_published_at >= since)
    query = query.order_by(col(Shelf.first_published_at).desc(), col(Shelf.article_id).desc()).limit(limit)
    return (await session.exec(query)).all()


async def shelf_name(session: AsyncSession, kind: ShelfKind, slug: str) -> str | None:
    """How people call a shelf, as its newest article has it; None when nothing public stands on it."""
    query = select(Shelf.name).where(Shelf.kind == kind, Shelf.slug == slug)
    found = await session.exec(query.order_by(col(Shelf.first_published_at).desc()).limit(1))
    return found.first()


async def list_shelves(session: AsyncSession, kind: ShelfKind, limit: int = 100) -> list[tuple[str, str, int]]:
    """(slug, name, number of public articles) of the fullest shelves of one kind. Reads them all: cache the answer."""
    number = func.count()
    query = select(Shelf.slug, func.max(Shelf.name), number).where(Shelf.kind == kind).group_by(col(Shelf.slug))
    rows = await session.exec(query.order_by(number.desc(), col(Shelf.slug)).limit(limit))
    return [(slug, name or slug, count) for slug, name, count in rows]


async def public_many(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, PublicArticle]:
    """Those of `ids` that are public now, by id."""
    wanted = list(ids)
    if not wanted:
        return {}
    query = select(PublicArticle).where(col(PublicArticle.article_id).in_(wanted), col(PublicArticle.gone).is_(None))
    return {row.article_id: row for row in (await session.exec(query)).all()}


async def related_links(
    session: AsyncSession, stories: Iterable[RelatedStory], limit: int = LINKS
) -> list[RelatedLink]:
    """`stories` as links, in their order, without those readers may not see now."""
    wanted = list(stories)
    public = await public_many(session, (story.article_id for story in wanted))
    links = [link_to(story, public[story.article_id]) for story in wanted if story.article_id in public]
    return links[:limit]


def link_to(story: RelatedStory, row: PublicArticle) -> RelatedLink:
    """A related story with the address and headline it has today."""
    return RelatedLink(
        article_id=story.article_id,
        score=story.score,
        reasons=story.reasons,
        slug=row.slug,
        headline=row.article["headline"],
        outlet=row.outlet,
        published_at=row.article["published_at"],
    )


def shelves_of(article: PublishedArticle) -> list[Shelf]:
    """Every shelf a public article stands on."""
    places: dict[tuple[str, str], str] = {("all", ""): "", ("language", article.language): article.language}
    places["outlet", slugify(article.outlet)] = article.outlet
    if article.section:
        places["section", article.section] = article.section_name or article.section
    if article.story_id:
        places["story", str(article.story_id)] = article.headline
    places |= {("tag", tag.id): tag.name for tag in article.tags}
    places |= {("author", slugify(author)): author for author in article.authors}
    at, of = article.first_published_at, article.article_id
    return [
        Shelf(kind=kind, slug=slug, first_published_at=at, article_id=of, name=name)
        for (kind, slug), name in places.items()
        if slug or kind == "all"
    ]


async def put_public(session: AsyncSession, rows: Sequence[PublicArticle]) -> None:
    """Make these the public versions of their articles, and stand each on its shelves."""
    if not rows:
        return
    values = [row.model_dump() for row in rows]
    put = pg_insert(PublicArticle).values(values)
    changed = {name: put.excluded[name] for name in values[0] if name != "article_id"}
    await session.exec(put.on_conflict_do_update(index_elements=["article_id"], set_=changed))
    await _leave_shelves(session, [row.article_id for row in rows])
    shelves = [shelf for row in rows for shelf in shelves_of(PublishedArticle.model_validate(row.article))]
    stand = pg_insert(columns_of(Shelf)).on_conflict_do_nothing()
    await session.execute(stand, [shelf.model_dump() for shelf in shelves])


async def pictures_expired(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Public articles that show a picture whose licence has ended."""
    query = select(PublicArticle.article_id).where(col(PublicArticle.pictures_expire_at) <= now)
    return (await session.exec(query.order_by(col(PublicArticle.pictures_expire_at)).limit(limit))).all()


async def take_down(
    session: AsyncSession, article_id: UUID, *, gone: str, reason: str, at: datetime, revision: int
) -> None:
    """Leave a tombstone where the article stood; its words leave these tables at once."""
    empty: Json = {"article": {}, "related": [], "related_by": {}, "pictures_expire_at": None, "seen_at": at}
    stone = {"gone": gone, "gone_reason": reason, "gone_at": at, "revision": revision, **empty}
    await session.exec(update(PublicArticle).where(col(PublicArticle.article_id) == article_id).values(stone))
    await _leave_shelves(session, [article_id])


async def _leave_shelves(session: AsyncSession, ids: Sequence[UUID]) -> None:
    await session.exec(delete(Shelf).where(col(Shelf.article_id).in_(ids)))
