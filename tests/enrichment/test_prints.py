"""Fingerprints in rows and in blocks: copies are found wherever the original's stand, at once, and once migrated."""

import asyncio

from alembic import command
from sqlalchemy import text

from services.enrichment.domain.lexicon import COLUMNS, Lexicon
from services.enrichment.domain.text import stem
from services.enrichment.storage import index
from services.enrichment.storage.search import Filters
from services.enrichment.use_cases.answers import related_to_text
from services.enrichment.use_cases.hearing import ingested
from services.enrichment.use_cases.reread import reread
from services.enrichment.use_cases.searching import search_articles
from shared.runtime import Database, utc_now
from shared.runtime.migrate import config, upgrade
from tests.enrichment.builders import Bench, from_collection
from tests.enrichment.test_hearing import hear, hear_together


async def pack(bench: Bench, most: int) -> None:
    """Move what the oldest articles are listed under into blocks."""
    async with bench.database.transaction() as tx:
        assert await index.settle(tx.session, keep=1, most=most) > 0


async def held(bench: Bench, asked: str) -> list[tuple[object, ...]]:
    """What a query finds."""
    async with bench.database.reading() as session:
        return [tuple(row) for row in await session.execute(text(asked))]


async def test_a_copy_of_what_was_packed_is_found_and_nothing_is_entered_twice(bench: Bench) -> None:
    original, other = from_collection("bridge"), from_collection("rail_vi")
    await hear_together(bench, [original, other, from_collection("coffee")])
    await pack(bench, 2)
    async with bench.database.transaction() as tx:
        await reread(tx.session, bench.enricher, [1, 2], utc_now())
    assert await held(bench, "SELECT number FROM prints WHERE number < 3") == [], (
        "what an article is listed under stays"
    )
    await hear(bench, from_collection("tennis"))
    await pack(bench, 1)
    assert await held(bench, "SELECT sum(octet_length(held)) FROM print_blocks") == [(3 * 12 * 6,)]
    (told,) = await hear(bench, from_collection("bridge", headline="Girder placed", outlet="Another Paper"))
    assert [(d.article_id, d.kind) for d in told.duplicates] == [(original.article_id, "same")]


async def test_what_an_article_is_listed_under_twice_counts_once_and_is_packed_once(bench: Bench) -> None:
    article = from_collection("bridge")
    words = article.body_text
    for revision, text_of_it in enumerate((words, "Snow fell on Lake Orrin. " * 9, words), 1):
        await hear(bench, article.model_copy(update={"revision": revision, "body_text": text_of_it}))
    twice = await held(bench, "SELECT term FROM postings GROUP BY 1 HAVING count(*) = 2")
    assert twice, "its words went and came back"
    term = int(str(twice[0][0]))
    for packed in (False, True):
        async with bench.database.reading() as session:
            found = await index.newest_under(session, [term], 400)
        assert found[term].tolist() == [1], packed
        if not packed:
            await hear(bench, from_collection("tennis"))
            await pack(bench, 1)


async def test_what_is_committed_is_found_at_once_over_another_connection(bench: Bench) -> None:
    other = Database(bench.settings, "enrichment")
    article = from_collection("bridge")
    copy = ingested(from_collection("bridge")).draft
    await hear(bench, article)
    async with other.reading() as session:
        _, _, near = await related_to_text(session, bench.enricher, copy, everything=True)
        found = await search_articles(
            session, "viaduct girder", Filters(), everything=True, newest_first=False, after=None, limit=5
        )
    await other.close()
    assert [c.article.article_id for c in near.copies] == [article.article_id]
    assert [x.article.article_id for x in near.found] == [article.article_id]
    assert [h.article_id for h in found.hits] == [article.article_id]


async def test_copies_and_tags_are_found_after_the_migration_there_and_back(bench: Bench) -> None:
    original = from_collection("bridge")
    (first,) = await hear(bench, original)
    await hear(bench, from_collection("coffee"))
    await pack(bench, 1)
    await bench.database.close()
    url = bench.settings.database_url
    await asyncio.to_thread(command.downgrade, config("enrichment", url), "0006")
    await asyncio.to_thread(upgrade, "enrichment", url)
    again = Bench(url)
    tags = await held(again, "SELECT tags FROM articles WHERE number = 1")
    (told,) = await hear(again, from_collection("bridge", headline="Girder placed", outlet="Another Paper"))
    await again.database.close()
    assert tags == [("\n".join(t.id for t in first.tags),)]
    assert [d.article_id for d in told.duplicates] == [original.article_id]


def test_a_lexicon_grows_and_keeps_what_it_held() -> None:
    words = Lexicon("en")
    told = tuple(
        f"{one}{two}{three}s" for one in "abcdefghij" for two in "klmnopqrstuvw" for three in "aeiouyxzbcdfghjklmnp"
    )
    numbers = words.numbers(told)
    assert len(words) > 1 << 12
    assert [words.written[n] for n in numbers.tolist()] == list(told)
    assert {words.written[n] for n in words.columns["root"][numbers].tolist()} == set(map(stem, told))
    assert words.columns.dtype == COLUMNS
