"""Rows of the vocabulary: propose, match, rename, merge."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, DateTime, Integer, Row, Text, and_, any_, bindparam, func, or_, text, update
from sqlalchemy import select as choose
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.draft import TagFound
from services.enrichment.domain.text import key_of
from services.enrichment.domain.vocabulary import kinds_said
from services.enrichment.storage.index import everything_under
from services.enrichment.storage.tables import Article, VocabularyTag

_tags = VocabularyTag.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_articles = Article.__table__  # type: ignore[attr-defined]  # as above

State: TypeAlias = tuple[tuple[str, int], ...]
_TEXTS, _COUNTS = ARRAY(Text), ARRAY(Integer)
#: A proposal's kind is that of most mentions, by one number (Boyer and Moore, "MJRTY", 1991): mentions of the kind add
#: to it, those of another take away, and what takes away more than is there becomes the kind. What people chose stands.
_PROPOSE = text("""
    INSERT INTO tags (slug, name, kind, status, origin, uses, agreed, changed_at)
    SELECT slug, name, kind, 'proposed', origin, uses, agreed, :now
    FROM unnest(:slugs, :names, :kinds, :origins, :uses, :agreed) AS new(slug, name, kind, origin, uses, agreed)
    ORDER BY slug
    ON CONFLICT (slug) DO UPDATE SET
        uses = tags.uses + excluded.uses,
        kind = CASE WHEN tags.status = 'proposed' AND excluded.agreed > tags.agreed
            THEN excluded.kind ELSE tags.kind END,
        agreed = CASE WHEN tags.status <> 'proposed' THEN tags.agreed
            WHEN excluded.kind = tags.kind THEN tags.agreed + excluded.agreed
            ELSE abs(tags.agreed - excluded.agreed) END
""").bindparams(
    bindparam("slugs", type_=_TEXTS), bindparam("names", type_=_TEXTS), bindparam("kinds", type_=_TEXTS),
    bindparam("origins", type_=_TEXTS), bindparam("uses", type_=_COUNTS), bindparam("agreed", type_=_COUNTS),
    bindparam("now", type_=DateTime(True)),
)  # fmt: skip


async def propose(session: AsyncSession, found: Sequence[TagFound], now: datetime) -> None:
    """Enter tags that the vocabulary does not have yet, as proposals; count uses of those it has, and kinds."""
    uses = Counter(t.slug for t in found)
    tags = {t.slug: t for t in reversed(found)}
    if uses:
        slugs = sorted(uses)
        said = kinds_said(found)
        given = {
            "slugs": slugs, "names": [tags[s].name for s in slugs],
            "kinds": [said[s][0] if s in said else tags[s].kind for s in slugs],
            "origins": [tags[s].origin for s in slugs], "uses": [uses[s] for s in slugs],
            "agreed": [said[s][1] if s in said else 0 for s in slugs], "now": now,
        }  # fmt: skip
        await session.execute(_PROPOSE, given)


async def listed(
    session: AsyncSession,
    *,
    status: str | None,
    kind: str | None,
    like: str | None,
    after: tuple[int, str] | None,
    limit: int,
) -> list[VocabularyTag]:
    """Tags by use, most used first; `like` is a beginning of the slug or name."""
    asked = select(VocabularyTag).order_by(col(VocabularyTag.uses).desc(), col(VocabularyTag.slug)).limit(limit)
    if status:
        asked = asked.where(col(VocabularyTag.status) == status)
    if kind:
        asked = asked.where(col(VocabularyTag.kind) == kind)
    if like:
        asked = asked.where(col(VocabularyTag.slug).startswith(like, autoescape=True))
    if after:
        uses, slug = after
        asked = asked.where(
            or_(col(VocabularyTag.uses) < uses, and_(col(VocabularyTag.uses) == uses, col(VocabularyTag.slug) > slug))
        )
    return list((await session.exec(asked)).all())


async def by_slug(session: AsyncSession, slug: str, lock: bool = False) -> VocabularyTag | None:
    """One tag, locked until commit when asked."""
    asked = select(VocabularyTag).where(col(VocabularyTag.slug) == slug)
    return (await session.exec(asked.with_for_update() if lock else asked)).first()


async def add(session: AsyncSession, tag: VocabularyTag) -> None:
    """Enter a tag."""
    session.add(tag)
    await session.flush()


async def upsert(session: AsyncSession, rows: Sequence[Mapping[str, object]]) -> int:
    """Enter or replace imported tags; answers how many were written."""
    if not rows:
        return 0
    for at in range(0, len(rows), 2_000):
        new = insert(_tags).values(list(rows[at : at + 2_000]))
        replaced = {name: new.excluded[name] for name in rows[0] if name != "slug"}
        await session.execute(new.on_conflict_do_update(index_elements=["slug"], set_=replaced))
    return len(rows)


async def of_people(session: AsyncSession, slugs: Collection[str]) -> set[str]:
    """Which of these tags a person made, changed or merged: an import leaves them alone."""
    asked = choose(_tags.c.slug).where(
        _tags.c.slug.in_(list(slugs)), or_(_tags.c.origin == "person", _tags.c.status.in_(["merged", "rejected"]))
    )
    return {r.slug for r in await session.execute(asked)}


async def matched_tags(session: AsyncSession, known_after: int) -> Sequence[Row[Any]]:
    """What articles are matched with: known tags, and proposals that enough articles share."""
    table = _tags.c
    asked = choose(
        table.slug, table.name, table.kind, table.aliases, table.parent, table.merged_into, table.status
    ).where(or_(table.status.in_(["known", "rejected", "merged"]), table.uses >= known_after))
    return (await session.execute(asked)).all()


async def common_proposals(session: AsyncSession, known_after: int) -> State:
    """How many proposals enough articles share, by kind: what `matched_tags` holds of them changes when this does."""
    asked = choose(_tags.c.kind, func.count()).where(_tags.c.status == "proposed", _tags.c.uses >= known_after)
    return tuple(sorted((row[0], row[1]) for row in await session.execute(asked.group_by(_tags.c.kind))))


async def last_change(session: AsyncSession) -> tuple[datetime | None, int]:
    """When the vocabulary was last changed by a person or an import, and how many known tags there are."""
    asked = choose(func.max(_tags.c.changed_at), func.count()).where(_tags.c.status != "proposed")
    row = (await session.execute(asked)).one()
    return row[0], int(row[1])


async def tagged_with(session: AsyncSession, slug: str) -> list[int]:
    """The numbers of articles that carry a tag."""
    numbers = await everything_under(session, key_of(f"tag:{slug}"))
    held: list[int] = []
    for at in range(0, len(numbers), 20_000):
        some = numbers[at : at + 20_000]
        asked = choose(_articles.c.number).where(
            _articles.c.number.in_(some), any_(func.string_to_array(_articles.c.tags, "\n")) == slug
        )
        held += [r.number for r in await session.execute(asked)]
    return held


async def redirect(session: AsyncSession, slug: str, into: str) -> None:
    """Point what was merged into one tag, or stood below it, at another."""
    table = _tags.c
    await session.execute(update(_tags).where(table.merged_into == slug).values(merged_into=into))
    await session.execute(update(_tags).where(table.parent == slug, table.slug != into).values(parent=into))
