"""A search: as it was asked, and where nothing matches, with misspelt names put right."""

from collections.abc import Set
from dataclasses import dataclass, replace

from rapidfuzz.distance import DamerauLevenshtein
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.domain.search import Query, parse_query
from services.enrichment.domain.text import fold
from services.enrichment.storage import search
from services.enrichment.storage.search import Filters, Hit

_SHORTEST, _ALONE = 3, 4  # letters of a word that is put right, beside others of its name and by itself


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
    asked = {fold(w) for w in query.words}
    parts = [tuple([await _nearest(session, w, asked) for w in part]) for part in query.parts]
    return replace(query, parts=tuple(parts))


async def _nearest(session: AsyncSession, word: str, asked: Set[str]) -> str:
    """The nearest word; of two as near, the one whose name holds another word of the query. Short ones only such."""
    folded = fold(word)
    if len(folded) < _SHORTEST:
        return word
    names = [slug.split("-") for slug in await search.tag_words(session, folded[:1])]
    beside = {w for name in names if not asked.isdisjoint(name) for w in name}
    held = dict.fromkeys(w for name in names for w in name)
    if folded in held:
        return word
    slips = 1 if len(folded) < 7 else 2
    near = [
        (DamerauLevenshtein.distance(folded, w, score_cutoff=slips), w not in beside, at, w)
        for at, w in enumerate(held)
        if w in beside or len(folded) >= _ALONE
    ]
    best = min(near, default=(slips + 1, True, 0, word))
    return best[3] if best[0] <= slips else word
