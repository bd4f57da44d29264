"""Searching words: readers over what was published, editors over what the desk has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; None and "" do not narrow."""

    section: str | None = None
    tag: str | None = None
    outlet: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found. `score` orders the answer, higher first."""

    number: int
    article_id: UUID
    state: str
    headline: str
    body: str
    outlet: str
    language: str
    section: str | None
    published_at: datetime | None
    slug: str | None
    url: str | None
    score: float


#: A page that went out ahead of its section and tags is shown with those that came later: it is found by them, too.
_PUBLIC = """
    SELECT p.number, a.article_id, a.state, p.headline, p.body, p.outlet, p.language,
        coalesce(p.section, a.section) AS section, p.published_at, p.slug, p.url, p.words,
        CASE WHEN p.tags = '{}' THEN string_to_array(a.tags, E'\n') ELSE p.tags END AS tags
    FROM pages p JOIN articles a ON a.number = p.number WHERE TRUE
"""
_INSIDE = """
    SELECT p.number, a.article_id, a.state, p.headline, p.body, a.outlet, a.language, a.section, a.published_at,
        g.slug, g.url, p.words, string_to_array(a.tags, E'\n') AS tags
    FROM texts p JOIN articles a ON a.number = p.number LEFT JOIN pages g ON g.number = p.number
    WHERE a.state IN ('draft', 'published')
"""
_NARROW: Mapping[str, str] = {
    "section": "section = :section",
    "tag": ":tag = ANY(tags)",
    "outlet": "lower(outlet) = lower(:outlet)",
    "language": "language = :language",
    "since": "published_at >= :since",
    "until": "published_at < :until",
}
#: Matches that are ranked: the newest so many. Older ones of a word that stands everywhere are not looked at.
RANKED = 3_000


async def find(
    session: AsyncSession,
    *,
    matching: str,
    accented: str,
    filters: Filters,
    everything: bool,
    newest_first: bool,
    after: tuple[float, int] | None,
    limit: int,
) -> list[Hit]:
    """Articles that match a tsquery over folded words; those with the query's own accents first, then by rank."""
    given: dict[str, Any] = {"limit": limit, "ranked": RANKED}
    narrowed = [f"found.{_NARROW[name]}" if name not in {"tag", "outlet"} else _NARROW[name] for name in _used(filters)]
    given |= {name: getattr(filters, name) for name in _used(filters)}
    rank = "0.0"
    if matching:
        given["matching"] = matching
        rank = "ts_rank_cd('{0.1,0.2,0.4,1.0}', words, CAST(:matching AS tsquery), 33)"
    if matching and accented:
        given["accented"] = accented
        rank += " + CASE WHEN words @@ CAST(:accented AS tsquery) THEN 2.0 ELSE 0.0 END"
    score = "CAST(number AS double precision)" if newest_first or not matching else f"round(CAST({rank} AS numeric), 6)"
    beyond = ""
    if after is not None:
        given |= {"after_score": after[0], "after_number": after[1]}
        beyond = "WHERE (CAST(score AS double precision), number) < (:after_score, :after_number)"
    rows = await session.execute(_question(everything, matching, narrowed, score, beyond), given)
    return [Hit(**{name: getattr(r, name) for name in Hit.__dataclass_fields__}) for r in rows]


def _used(filters: Filters) -> list[str]:
    return [name for name in _NARROW if getattr(filters, name) not in (None, "")]


def _question(everything: bool, matching: str, narrowed: list[str], score: str, beyond: str) -> TextClause:
    """The statement. Only texts written in this file are put into it; everything given is bound."""
    seen = _INSIDE if everything else _PUBLIC
    if matching:
        seen += " AND p.words @@ CAST(:matching AS tsquery)"
    where = f"WHERE {' AND '.join(narrowed)}" if narrowed else ""
    return text(f"""
        SELECT number, article_id, state, headline, body, outlet, language, section, published_at, slug, url,
            CAST(score AS double precision) AS score
        FROM (
            SELECT *, {score} AS score
            FROM (SELECT * FROM ({seen}) AS found {where} ORDER BY number DESC LIMIT :ranked) AS newest
        ) AS scored {beyond}
        ORDER BY CAST(score AS double precision) DESC, number DESC LIMIT :limit
    """)  # noqa: S608  # built from constants of this file only


async def tag_words(session: AsyncSession, beginning: str, limit: int = 4_000) -> list[str]:
    """Slugs of tags in which a word begins with these (folded) letters: where misspelt names are looked for."""
    asked = text("SELECT slug FROM tags WHERE slug LIKE :head OR slug LIKE :inner ORDER BY uses DESC LIMIT :limit")
    safe = beginning.replace("%", "").replace("_", "")
    rows = await session.execute(asked, {"head": f"{safe}%", "inner": f"%-{safe}%", "limit": limit})
    return [r.slug for r in rows]
