"""Rows of articles: keep what was read, load what is asked for, forget what was killed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Update,
    Uuid,
    any_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import TSVECTOR, insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.features import Features
from services.enrichment.domain.known import KnownArticle
from services.enrichment.storage.tables import Article, ArticleText, Page

_articles = Article.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_texts = ArticleText.__table__  # type: ignore[attr-defined]  # as above
_pages = Page.__table__  # type: ignore[attr-defined]  # as above

#: Written as text: a hundred rows are read for each article; typed columns would cost as much as comparing them, and an
#: array of authors as much as all other columns together.
_KNOWN = """
    SELECT number, article_id, state, language, outlet, array_to_string(authors, E'\\x1f'), section, tags, story_id,
        published_at, features
    FROM articles
"""
_KNOWN_NUMBERS = text(f"{_KNOWN} WHERE number = ANY(:numbers)").bindparams(bindparam("numbers", type_=ARRAY(Integer)))
_KNOWN_ID = text(f"{_KNOWN} WHERE article_id = :article_id").bindparams(bindparam("article_id", type_=Uuid()))

#: Sorted by id: one order for all writers, so that none waits in a circle. What another replica enters just now is
#: waited for.
_NUMBERED = text("""
    WITH new AS (
        INSERT INTO articles (article_id)
        SELECT id FROM unnest(:ids) AS asked(id)
        WHERE NOT EXISTS (SELECT FROM articles WHERE article_id = id) ORDER BY id
        ON CONFLICT (article_id) DO UPDATE SET enricher = articles.enricher RETURNING article_id, number
    )
    SELECT article_id, number FROM new UNION ALL SELECT article_id, number FROM articles WHERE article_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Uuid())))

#: Statements that each article meets are made once: to build one costs more than to have it run.
_IDS, _NUMBERS = bindparam("ids", type_=ARRAY(Uuid())), bindparam("numbers", type_=ARRAY(Integer))
_STANDING = (
    select(
        _articles.c.number, _articles.c.article_id, _articles.c.state, _articles.c.ingested, _articles.c.edited,
        _articles.c.stated, _articles.c.story_id, _articles.c.choices, _articles.c.tags, _articles.c.authors,
        _articles.c.section, _articles.c.features, _articles.c.sample,
    )
    .where(_articles.c.article_id == any_(_IDS)).order_by(_articles.c.article_id).with_for_update()
)  # fmt: skip
_NUMBERS_OF = text("SELECT article_id, number FROM articles WHERE article_id = ANY(:ids)").bindparams(_IDS)
_BODIES = text("SELECT number, body FROM texts WHERE number = ANY(:numbers)").bindparams(_NUMBERS)

_KEEP_TEXTS = text("""
    INSERT INTO texts (number, headline, body, declared, source_section, keywords, words)
    VALUES (:number, :headline, :body, :declared, :source_section, :keywords, CAST(CAST(:words AS text) AS tsvector))
    ON CONFLICT (number) DO UPDATE SET headline = excluded.headline, body = excluded.body,
        declared = excluded.declared, source_section = excluded.source_section, keywords = excluded.keywords,
        words = excluded.words
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an article stands: which revisions were heard, and what people chose."""

    number: int
    article_id: UUID
    state: str
    ingested: int
    edited: int
    stated: int
    story_id: UUID | None
    choices: dict[str, Any]
    tags: list[str]
    authors: list[str]
    section: str | None
    features: Features
    sample: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """An article's words as the desk has them, with what is needed to read them again."""

    number: int
    article_id: UUID
    headline: str
    body: str
    declared: str
    outlet: str
    authors: tuple[str, ...]
    section: str | None
    keywords: tuple[str, ...]
    published_at: datetime | None
    read_from: str
    revision: int


async def standing(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Where these articles stand, locked until commit so that two replicas do not read one article at once."""
    rows = (await session.execute(_STANDING, {"ids": list(ids)})).all()
    return {
        r.article_id: Standing(
            r.number,
            r.article_id,
            r.state,
            r.ingested,
            r.edited,
            r.stated,
            r.story_id,
            r.choices or {},
            r.tags.splitlines(),
            r.authors,
            r.section,
            Features(r.features),
            r.sample,
        )
        for r in rows
    }


async def enter(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace rows of which nothing else is kept (keys: columns of `articles` but `number`)."""
    if rows:
        new = insert(_articles)
        replaced = {name: new.excluded[name] for name in rows[0] if name != "article_id"}
        ordered = sorted(rows, key=lambda r: r["article_id"])  # one order for all writers: none waits in a circle
        await session.execute(new.on_conflict_do_update(index_elements=["article_id"], set_=replaced), ordered)


async def numbered(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """The numbers of these articles; those that are new get one, and a row that holds their place until it is written.

    The whole row is written once, when its story is known: a second version of it would be as large, and every index
    would name both.
    """
    if not ids:
        return {}
    return {row[0]: row[1] for row in await session.execute(_NUMBERED, {"ids": sorted(ids)})}


async def keep_articles(session: AsyncSession, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Write the rows of articles that have a number (keys: columns of `articles`)."""
    for columns in dict.fromkeys(tuple(row) for row in rows.values()):
        alike = [{**row, "at": number} for number, row in sorted(rows.items()) if tuple(row) == columns]
        await session.execute(_keeping(columns), alike)


@cache
def _keeping(columns: tuple[str, ...]) -> Update:
    written = update(_articles).where(_articles.c.number == bindparam("at"))
    return written.values({name: bindparam(name) for name in columns})


async def keep_texts(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace the words of articles; `words` is given as a tsvector's text."""
    if rows:
        await session.execute(_KEEP_TEXTS, list(rows))


async def known_articles(session: AsyncSession, numbers: Collection[int]) -> dict[int, KnownArticle]:
    """What is kept of these articles, by number."""
    if not numbers:
        return {}
    rows = await session.execute(_KNOWN_NUMBERS, {"numbers": list(numbers)})
    return {row[0]: _known(row) for row in rows}


def _known(row: Any) -> KnownArticle:
    number, article_id, state, language, outlet, authors, section, tags, story_id, published_at, features = row
    return KnownArticle(
        number, article_id, state, language, outlet, tuple(authors.split("\x1f")) if authors else (), section,
        frozenset(tags.splitlines()), story_id, published_at, Features(features),
    )  # fmt: skip


async def by_id(session: AsyncSession, article_id: UUID) -> KnownArticle | None:
    """What is kept of one article, None when it was never heard of."""
    row = (await session.execute(_KNOWN_ID, {"article_id": article_id})).first()
    return _known(row) if row else None


async def numbers_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """The numbers of these articles, as far as they are known."""
    if not ids:
        return {}
    return {row[0]: row[1] for row in await session.execute(_NUMBERS_OF, {"ids": list(ids)})}


async def bodies(session: AsyncSession, numbers: Collection[int]) -> dict[int, str]:
    """The bodies of these articles as the desk has them."""
    if not numbers:
        return {}
    return {row[0]: row[1] for row in await session.execute(_BODIES, {"numbers": list(numbers)})}


async def words_of(session: AsyncSession, numbers: Collection[int]) -> list[Words]:
    """Everything needed to read these articles again, in order of number."""
    a, t = _articles.c, _texts.c
    asked = (
        select(
            a.number, a.article_id, t.headline, t.body, t.declared, a.outlet, a.authors, t.source_section, t.keywords,
            a.published_at, a.read_from, a.ingested, a.edited,
        )
        .join(_texts, t.number == a.number)
        .where(a.number.in_(list(numbers)), a.state != "killed")
        .order_by(a.number)
    )  # fmt: skip
    return [
        Words(
            r.number, r.article_id, r.headline, r.body, r.declared, r.outlet, tuple(r.authors), r.source_section,
            tuple(r.keywords), r.published_at, r.read_from, r.edited if r.read_from == "edited" else r.ingested,
        )
        for r in await session.execute(asked)
    ]  # fmt: skip


async def choices_of(session: AsyncSession, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
    """What people chose of these articles, as kept."""
    asked = select(_articles.c.number, _articles.c.choices).where(_articles.c.number.in_(list(numbers)))
    return {r.number: r.choices or {} for r in await session.execute(asked)}


async def state(session: AsyncSession, article_id: UUID, values: Mapping[str, Any]) -> int:
    """Insert or update what a publication or a withdrawal says of an article; answers its number."""
    new = insert(_articles).values(article_id=article_id, **values)
    told = new.on_conflict_do_update(index_elements=["article_id"], set_=dict(values)).returning(_articles.c.number)
    return int((await session.execute(told)).scalar_one())


async def keep_page(session: AsyncSession, page: Mapping[str, Any]) -> None:
    """Insert or replace what readers may see of an article."""
    new = insert(_pages).values({**page, "words": cast(page["words"], TSVECTOR)})
    replaced = {name: new.excluded[name] for name in page if name != "number"}
    await session.execute(new.on_conflict_do_update(index_elements=["number"], set_=replaced))


async def drop_page(session: AsyncSession, number: int) -> None:
    """Take an article out of what readers may see."""
    await session.execute(delete(_pages).where(_pages.c.number == number))


async def forget(session: AsyncSession, number: int) -> None:
    """Remove an article's words and index entries for good; its row stays, so that a late fact cannot bring it back."""
    await session.execute(delete(_pages).where(_pages.c.number == number))
    await session.execute(delete(_texts).where(_texts.c.number == number))
    emptied: dict[str, Any] = {"features": b"", "sample": b"", "tags": "", "story_id": None}
    await session.execute(update(_articles).where(_articles.c.number == number).values(**emptied))


async def pages(session: AsyncSession, numbers: Collection[int]) -> dict[int, Page]:
    """What readers may see of these articles; only published ones are there."""
    if not numbers:
        return {}
    columns = [c for c in _pages.c if c.name not in ("words", "body")]
    rows = await session.execute(select(*columns).where(_pages.c.number.in_(list(numbers))))
    return {r["number"]: Page(**r, body="", words=None) for r in rows.mappings()}


async def headlines(session: AsyncSession, numbers: Collection[int]) -> dict[int, str]:
    """The desk's headlines of these articles."""
    if not numbers:
        return {}
    asked = select(_texts.c.number, _texts.c.headline).where(_texts.c.number.in_(list(numbers)))
    return {r.number: r.headline for r in await session.execute(asked)}


async def count(session: AsyncSession) -> int:
    """How many articles have words to be read."""
    return int((await session.execute(select(func.count(literal_column("*"))).select_from(_texts))).scalar_one())
