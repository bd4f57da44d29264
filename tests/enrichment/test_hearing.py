"""What enrichment makes of the facts it hears."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.enrichment.handlers import events
from services.enrichment.storage import articles, index, vocabulary
from services.enrichment.use_cases.reread import reread_waiting
from shared.events import ArticleEnriched, ArticleIngested, ArticleWithdrawn, Event, Tag
from shared.runtime import utc_now
from shared.runtime.envelope import Cause, seal
from shared.runtime.handlers import Parts, handle
from tests.builders import deliver
from tests.enrichment.builders import COLLECTION, Bench, edited, from_collection, killed, published, unpublished


async def hear(bench: Bench, *facts: Event) -> list[Any]:
    """Deliver facts, each twice."""
    return await deliver(events, bench.database, *facts, parts=bench.parts)


async def hear_together(bench: Bench, facts: Sequence[ArticleIngested]) -> list[Any]:
    """Deliver facts in one batch."""
    parts = Parts()
    parts.add(bench.database, *bench.parts)
    envelopes = [seal(f, "ingest", Cause.fresh()) for f in facts]
    async with bench.database.transaction() as tx:
        await handle(events.registry["article.ingested"], envelopes, tx, parts)
        return list(tx.told)


async def test_a_repeated_article_is_enriched_once(bench: Bench) -> None:
    told = await hear(bench, from_collection("bridge"))
    assert len(told) == 1
    assert isinstance(told[0], ArticleEnriched)


async def test_an_older_revision_that_comes_late_is_passed_over(bench: Bench) -> None:
    article = from_collection("bridge", revision=2)
    await hear(bench, article)
    assert await hear(bench, article.model_copy(update={"revision": 1})) == []


async def test_language_tags_section_and_summary_are_told_with_reasons(bench: Bench) -> None:
    (told,) = await hear(bench, from_collection("bridge"))
    assert (told.language, told.of, told.revision) == ("en", "ingested", 1)
    names = {t.name: t for t in told.tags}
    assert names["Tran Quoc Bao"].kind == "person"
    assert names["Ministry of Transport"].kind == "organisation"
    assert all(t.reason and 0 < t.score <= 1 for t in told.tags)
    assert told.section is not None
    assert told.section.reason
    assert told.summary


async def test_a_source_that_files_its_story_is_believed_before_any_guess(bench: Bench) -> None:
    filed = {"section": None, "keywords": ["Hệ thống chính trị", "fisheries"]}
    (told,) = await hear(bench, from_collection("bridge").model_copy(update=filed))
    assert told.section is not None
    assert told.section.slug == "political-system"
    assert told.section.reason == "The source filed it under Hệ thống chính trị."


async def test_vietnamese_is_read_by_its_own_habits(bench: Bench) -> None:
    (told,) = await hear(bench, from_collection("rail_vi", language="en"))
    assert told.language == "vi"
    names = {t.name: t.kind for t in told.tags}
    assert names["Trần Quốc Bảo"] == "person"
    assert names["Bộ Giao thông Vận tải"] == "organisation"


async def test_related_stories_are_related_and_say_why(bench: Bench) -> None:
    first = from_collection("bridge")
    await hear(bench, first, from_collection("coffee"), from_collection("tennis"))
    (told,) = await hear(bench, from_collection("again"))
    assert told.related[0].article_id == first.article_id
    assert any("Tran Quoc Bao" in r or "Cau Hai" in r for r in told.related[0].reasons)
    assert len(told.related) == 1, "neither coffee nor tennis has anything to do with a viaduct"


async def test_an_older_article_learns_of_a_newer_one_that_is_related_to_it(bench: Bench) -> None:
    (first,) = await hear(bench, from_collection("bridge"))
    assert first.related == []
    (second,) = await hear(bench, from_collection("again"))

    async def read_again(later: timedelta) -> list[ArticleEnriched]:
        async with bench.database.transaction() as tx:
            return await reread_waiting(tx.session, bench.enricher, utc_now() + later)

    assert await read_again(timedelta()) == [], "what else comes in the same burst is waited for"
    (again,) = await read_again(timedelta(minutes=1))
    assert again.article_id == first.article_id
    assert [r.article_id for r in again.related] == [second.article_id]
    assert await read_again(timedelta(minutes=2)) == [], "reading again is no news to anybody else"


async def test_articles_of_one_batch_find_each_other(bench: Bench) -> None:
    batch = [from_collection(n) for n in ("bridge", "coffee", "again", "rail_vi", "rail_vi_again", "later")]
    told = await hear_together(bench, batch)
    story = {f.article_id: f.story_id for f in told}
    ids = [a.article_id for a in batch]
    assert story[ids[0]] == story[ids[2]] == story[ids[5]]
    assert story[ids[3]] == story[ids[4]]
    assert len({story[ids[0]], story[ids[1]], story[ids[3]]}) == 3


async def test_an_article_is_never_related_to_itself_or_to_a_copy_of_it(bench: Bench) -> None:
    original = from_collection("bridge")
    await hear(bench, original)
    copy = from_collection("bridge", headline="Viaduct girder placed", outlet="Another Paper")
    (told,) = await hear(bench, copy)
    assert [d.article_id for d in told.duplicates] == [original.article_id]
    assert told.duplicates[0].kind == "same"
    assert told.duplicates[0].share > 0.95
    assert copy.article_id not in {r.article_id for r in told.related}
    assert original.article_id not in {r.article_id for r in told.related}


async def test_an_excerpt_is_told_from_a_copy(bench: Bench) -> None:
    original = from_collection("bridge")
    await hear(bench, original)
    excerpt = from_collection("bridge", body_text=original.body_text[:260], headline="In short")
    (told,) = await hear(bench, excerpt)
    assert [d.kind for d in told.duplicates] == ["excerpt"]


async def test_what_was_killed_is_related_to_nothing_and_leaves_no_words(bench: Bench) -> None:
    first = from_collection("bridge")
    await hear(bench, first, killed(first.article_id))
    (told,) = await hear(bench, from_collection("again"))
    assert told.related == []
    async with bench.database.reading() as session:
        numbers = await articles.numbers_of(session, [first.article_id])
        assert await articles.words_of(session, list(numbers.values())) == []
    assert await hear(bench, first.model_copy(update={"revision": 9})) == [], "a late revision does not bring it back"


async def test_a_kill_heard_before_the_article_holds(bench: Bench) -> None:
    article = from_collection("bridge")
    await hear(bench, killed(article.article_id))
    assert await hear(bench, article) == []


async def test_withdrawn_and_unpublished_articles_are_not_related(bench: Bench) -> None:
    first, second = from_collection("bridge"), from_collection("later")
    await hear(bench, first, second, published(second), unpublished(second.article_id))
    await hear(bench, ArticleWithdrawn(article_id=first.article_id, revision=2, reason="x", withdrawn_at=utc_now()))
    (told,) = await hear(bench, from_collection("again"))
    assert told.related == []


async def test_choices_of_people_survive_and_win(bench: Bench) -> None:
    first, coffee = from_collection("bridge"), from_collection("coffee")
    await hear(bench, first, coffee)
    mine = from_collection("again")
    await hear(bench, mine)
    choice = edited(
        mine, section="heritage", section_chosen=True, tags_chosen=[Tag(id="lagoon-line", name="Lagoon line")],
        tags_rejected=["ministry-of-transport"], related_pinned=[coffee.article_id], related_hidden=[first.article_id],
    )  # fmt: skip
    (told,) = await hear(bench, choice)
    (again,) = await hear(bench, mine.model_copy(update={"revision": 2}))
    for fact in (told, again):
        assert fact.section.slug == "heritage"
        assert fact.section.score == 1.0
        assert fact.tags[0].id == "lagoon-line"
        assert fact.tags[0].origin == "person"
        assert "ministry-of-transport" not in {t.id for t in fact.tags}
        assert fact.related[0].article_id == coffee.article_id
        assert first.article_id not in {r.article_id for r in fact.related}
    assert (told.of, again.of) == ("edited", "ingested")


async def test_a_fixed_enricher_answers_every_article_alike(bench: Bench) -> None:
    plain = Bench(bench.settings.database_url, steps="fixed")
    told = await hear_together(plain, [from_collection("bridge"), from_collection("rail_vi")])
    await plain.database.close()
    assert [(f.enricher, [t.id for t in f.tags]) for f in told] == [("fixed", ["fixed"])] * 2


async def test_what_was_packed_is_found_as_before(bench: Bench) -> None:
    packed = [from_collection(n) for n in ("bridge", "coffee", "tennis", "again")]
    await hear_together(bench, packed)
    async with bench.database.transaction() as tx:
        assert await index.settle(tx.session, keep=1, most=4) == 0, "fewer than are packed at once"
        assert await index.settle(tx.session, keep=1, most=3) > 0
    async with bench.database.reading() as session:
        assert len((await session.execute(text("SELECT DISTINCT number FROM postings"))).all()) == 1
        assert len(await vocabulary.tagged_with(session, "tran-quoc-bao")) == 2
    (told,) = await hear(bench, from_collection("later"))
    assert {r.article_id for r in told.related} == {packed[0].article_id, packed[3].article_id}
    async with bench.database.transaction() as tx:
        assert await index.settle(tx.session, keep=1, most=1) > 0, "a second packing adds to the blocks of the first"
    (again,) = await hear(bench, from_collection("later", headline="Trains soon", body_text="The Cau Hai viaduct " * 9))
    assert {packed[0].article_id, packed[3].article_id, told.article_id} <= {r.article_id for r in again.related}


async def test_no_tag_is_a_section_a_lone_syllable_or_a_piece_of_another_tag(bench: Bench) -> None:
    body = (
        COLLECTION["rail_vi"][1] + " Thỏa thuận đường sắt ven biển được ký. Đường sắt ven biển dài 60 km. Thỏa thuận."
    )
    said = {"body_text": body, "keywords": ["Thời sự", "đường sắt ven biển"], "section": None}
    (told,) = await hear(bench, from_collection("rail_vi").model_copy(update=said))
    slugs = {tag.id for tag in told.tags}
    assert "duong-sat-ven-bien" in slugs
    assert not slugs & {"thoi-su", "thoa", "sat-ven", "sat-ven-bien", "ven-bien"}
