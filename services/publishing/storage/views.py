"""How the desk looks at its articles: the list with its filters, and one article with all that stands beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, Select, bindparam, exists, func, or_, text, tuple_
from sqlalchemy import select as rows  # SQLModel's own takes four columns at most
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import State
from services.publishing.storage.articles import TAGS, WORDS, Article
from services.publishing.storage.base import Json, Keyset
from services.publishing.storage.enrichments import Enrichment
from services.publishing.storage.outgoing import Due
from shared.events import ArticleEnriched


class Wanted(BaseModel):
    """Which articles a list shows, as people ask for it; None asks for nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State | None = None
    desk: str | None = None
    section: str | None = None
    outlet: str | None = None
    wire: str | None = None
    language: str | None = None
    source_id: UUID | None = None
    created_by: str | None = None
    tag: str | None = Field(default=None, max_length=200, description="The id of a tag the desk chose.")
    waits: bool | None = Field(default=None, description="Whether something of it waits to go out.")
    embargoed: bool | None = Field(default=None, description="Whether its embargo has not ended.")
    held: bool | None = Field(default=None, description="Whether it is held.")
    offered: bool | None = Field(default=None, description="Whether its source offers a change.")
    changed_since: AwareDatetime | None = None
    q: str | None = Field(
        default=None,
        max_length=500,
        description="Words to look for in headline, summary, byline and body, as in a web search.",
        examples=['"metro line" -airport'],
    )


Lines = Select[*tuple[Any, ...]]
_EQUAL = ("state", "desk", "section", "outlet", "wire", "language", "source_id", "created_by")
_OFFERED: Any = col(Article.source_revision) > col(Article.taken_revision)
#: One line of the list: single columns, because fifty whole rows of the ORM cost more than finding them.
_LINES: Lines = rows(
    *(col(column) for column in (Article.id, Article.state, Article.revision, Article.slug, Article.headline)),
    *(col(column) for column in (Article.language, Article.outlet, Article.wire, Article.section, Article.desk)),
    *(col(column) for column in (Article.source_name, Article.embargoed_until, Article.waiting_for)),
    _OFFERED.label("source_offers_change"),
    *(col(column) for column in (Article.first_published_at, Article.created_at, Article.updated_at)),
    *(col(column) for column in (Article.lock_name, Article.lock_until)),
).order_by(col(Article.updated_at).desc(), col(Article.id).desc())


def page_of_lines(wanted: Wanted, *, after: Keyset | None = None, limit: int = 50) -> Lines:
    """The statement behind a page; `after` is the (updated_at, id) the page before ended with."""
    query = _LINES
    for name in _EQUAL:
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Article, name) == value)
    for name, (yes, no) in _STANDING.items():
        answer = getattr(wanted, name)
        if answer is not None:
            query = query.where(yes if answer else no)
    query = _looked_for(query, wanted)
    if after is not None:
        query = query.where(tuple_(col(Article.updated_at), col(Article.id)) < after)
    return query.limit(limit)


async def list_lines(
    session: AsyncSession, wanted: Wanted, *, now: datetime, after: Keyset | None = None, limit: int = 50
) -> list[Json]:
    """Articles by newest change, one dict of line columns each."""
    found = await session.execute(page_of_lines(wanted, after=after, limit=limit), {"now": now})
    return [dict(row) for row in found.mappings()]


_UNTIL, _WAITS = col(Article.embargoed_until), exists().where(col(Due.article_id) == Article.id)
_NOW: Any = bindparam("now", type_=DateTime(timezone=True))
#: What a person answers by yes or no: the condition for either. Built once, as asking is cheaper than writing.
_STANDING: dict[str, tuple[Any, Any]] = {
    "waits": (_WAITS, ~_WAITS),
    "embargoed": (_UNTIL > _NOW, or_(_UNTIL.is_(None), _UNTIL <= _NOW)),
    "held": (text("(content ->> 'held'::text) IS NOT NULL"), text("(content ->> 'held'::text) IS NULL")),
    "offered": (_OFFERED, ~_OFFERED),
}


def _looked_for(query: Lines, wanted: Wanted) -> Lines:
    if wanted.tag is not None:
        tagged = f"{TAGS} @> jsonb_build_array(jsonb_build_object('id', CAST(:tag AS text)))"
        query = query.where(text(tagged).bindparams(tag=wanted.tag))
    if wanted.q:
        # OFFSET keeps the search apart: beside the list's order PostgreSQL would read all articles' words instead.
        said = text(f"{WORDS} @@ websearch_to_tsquery('simple', :q)").bindparams(q=wanted.q)
        query = query.where(col(Article.id).in_(select(Article.id).where(said).offset(0).correlate(None)))
    if wanted.changed_since is not None:
        query = query.where(col(Article.updated_at) >= wanted.changed_since)
    return query


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
