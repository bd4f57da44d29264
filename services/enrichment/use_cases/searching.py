"""A search: as it was asked, and where nothing matches, with misspelt names put right."""

from dataclasses import dataclass, replace

from rapidfuzz.distance import DamerauLevenshtein
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.search import Query, parse_query
from services.enrichment.domain.text import fold
from services.enrichment.storage import search
from services.enrichment.storage.search import Filters, Hit

_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The hits, the query they answer, and the spelling that was used where the asked one matched nothing."""

    hits: list[Hit]
    query: Query
    corrected: str | None = None


async def search_articles(
    session: AsyncSession,
    asked: str,
    filters: Filters,
    *,
    everything: bool,
    newest_first: bool,
    after: tuple[float, int] | None,
    limit: int,
) -> Found:
    """Search; an empty query lists what the filters leave, newest first."""

    async def run(query: Query) -> list[Hit]:
        return await search.find(
            session, matching=query.matching(), accented=query.accented(), filters=filters, everything=everything,
            newest_first=newest_first, after=after, limit=limit,
        )  # fmt: skip

    query = parse_query(asked)
    hits = await run(query)
    if hits or not query.parts:
        return Found(hits, query)
    mended = await _mended(session, query)
    if mended == query:
        return Found([], query)
    return Found(await run(mended), mended, " ".join(mended.words))


async def _mended(session: AsyncSession, query: Query) -> Query:
    """Every word replaced by the nearest word of a known name, one slip for short words, two for long."""
    parts = [tuple([await _nearest(session, w) for w in part]) for part in query.parts]
    return replace(query, parts=tuple(parts))


async def _nearest(session: AsyncSession, word: str) -> str:
    folded = fold(word)
    if len(folded) < _SHORTEST:
        return word
    slugs = await search.tag_words(session, folded[:1])
    held = dict.fromkeys(w for s in slugs for w in s.split("-"))
    if folded in held:
        return word
    slips = 1 if len(folded) < 7 else 2
    near = [(DamerauLevenshtein.distance(folded, w, score_cutoff=slips), at, w) for at, w in enumerate(held)]
    best = min(near, default=(slips + 1, 0, word))
    return best[2] if best[0] <= slips else word
