"""Stories: joined as articles arrive, merged and split by what their articles say, and as a person arranged them."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.features import compare
from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.relate import Likeness, alike
from services.enrichment.domain.stories import apart, are_one, has_left, join_story, stay_or_move, threshold
from services.enrichment.storage import articles, rereading, stories
from services.enrichment.use_cases import storying
from services.enrichment.use_cases.arranging import merge_stories, split_story
from services.enrichment.use_cases.reread import reread_waiting
from shared.runtime import utc_now
from tests.enrichment.builders import COLLECTION, Bench, from_collection, killed
from tests.enrichment.test_hearing import hear

ONE, OTHER = uuid4(), uuid4()


def known(bench: Bench, name: str, number: int, story: UUID | None = None) -> KnownArticle:
    """One of the collected stories as the index holds it."""
    headline, body, language = COLLECTION[name]
    read = bench.enricher.read(Draft(uuid4(), headline, body, language))
    return KnownArticle(number, uuid4(), language=language, story_id=story, features=read.features)


def likenesses(mine: KnownArticle, others: Sequence[KnownArticle]) -> list[Likeness]:
    """Others with how alike they are."""
    cosines = compare(mine.features, [o.features for o in others])
    sums = alike(mine.features, [o.features for o in others], mine.language)
    return [Likeness(o, 0.5, float(s), c) for o, s, c in zip(others, sums, cosines, strict=True)]


async def test_an_article_joins_the_story_it_is_most_like_and_names_others_it_would_fit(bench: Bench) -> None:
    mine = known(bench, "later", 9)
    others = [known(bench, "bridge", 1, ONE), known(bench, "again", 2, OTHER), known(bench, "coffee", 3, uuid4())]
    joined = join_story("en", likenesses(mine, others), {ONE: 1, OTHER: 1})
    assert {joined.story_id, *joined.also} == {ONE, OTHER}
    assert join_story("en", likenesses(known(bench, "tennis", 9), others), {}).story_id is None


async def test_a_large_story_of_which_little_is_alike_is_not_joined(bench: Bench) -> None:
    only = likenesses(known(bench, "later", 9), [known(bench, "bridge", 1, ONE)])[0]._replace(alike=2 * threshold("en"))
    assert join_story("en", [only], {ONE: 1}).story_id == ONE
    assert join_story("en", [only], {ONE: 40}).story_id is None


async def test_an_article_read_again_leaves_a_story_whose_others_all_tell_of_something_else(bench: Bench) -> None:
    mine = known(bench, "coffee", 9)
    others = [known(bench, name, at, ONE) for at, name in enumerate(("bridge", "again", "later", "bridge"), 1)]
    assert has_left("en", likenesses(mine, others), ONE, 5)
    assert not has_left("en", likenesses(mine, others), ONE, 1)
    assert not has_left("en", likenesses(mine, others[:2]), ONE, 5), "those that were not found say nothing"
    assert not has_left("en", likenesses(known(bench, "later", 9), others), ONE, 5)


async def test_an_article_read_again_moves_only_to_what_it_is_clearly_more_like(bench: Bench) -> None:
    mine = known(bench, "later", 9)
    near, far = likenesses(mine, [known(bench, "bridge", 1, ONE), known(bench, "again", 2, OTHER)])
    edge, clear = 1.1 * threshold("en"), 1.5 * threshold("en")

    def moved(own: float, other: float, size: int = 2) -> UUID | None:
        found = [near._replace(alike=own), far._replace(alike=other)]
        return stay_or_move("en", found, {ONE: size, OTHER: 2}, ONE)

    assert moved(edge, edge * 1.2) == ONE, "between two stories it would go to and fro"
    assert moved(edge, 3 * edge) == OTHER
    assert moved(clear, threshold("en") * 1.01) == ONE, "a story of two is judged by the other one"
    assert moved(0.0, 3 * edge, size=1) == OTHER
    assert moved(0.0, edge, size=1) == ONE
    assert stay_or_move("en", [near._replace(alike=edge), far._replace(alike=9.0)], {ONE: 2, OTHER: 1}, ONE) == ONE
    assert stay_or_move("en", [], {ONE: 4}, ONE) == ONE


async def test_reading_all_again_moves_nobody_twice(bench: Bench) -> None:
    told = await hear(bench, *(from_collection(n) for n in ("bridge", "again", "later", "coffee", "tennis")))
    before = await _stories(bench)
    for _ in range(2):
        async with bench.database.transaction() as tx:
            await rereading.ask(tx.session, [1, 2, 3, 4, 5], "All are read again.", utc_now())
        async with bench.database.transaction() as tx:
            await reread_waiting(tx.session, bench.enricher, utc_now())
    assert len(told) == 5
    assert await _stories(bench) == before


async def test_stories_alike_across_are_one_and_mixed_ones_are_taken_apart(bench: Bench) -> None:
    bridge = [known(bench, name, at) for at, name in enumerate(("bridge", "again", "later"), 1)]
    coffee = [known(bench, "coffee", 4), known(bench, "coffee", 5)]
    assert are_one("en", bridge[:1], bridge[1:])
    assert not are_one("en", bridge, coffee)
    assert apart("en", [*bridge, *coffee]) == {4, 5}
    assert apart("en", [*bridge, *bridge]) == frozenset()
    assert apart("en", [*bridge, coffee[0], bridge[0]]) == {4}


async def _stories(bench: Bench) -> dict[UUID, list[int]]:
    async with bench.database.reading() as session:
        found: dict[UUID, list[int]] = {}
        for number in range(1, 10):
            for row in (await articles.known_articles(session, [number])).values():
                if row.story_id:
                    found.setdefault(row.story_id, []).append(number)
        return found


async def test_two_stories_that_turn_out_to_be_one_are_merged_and_their_articles_told_again(bench: Bench) -> None:
    told = await hear(bench, from_collection("bridge"), from_collection("again"), from_collection("coffee"))
    story, strange = told[0].story_id, told[2].story_id
    async with bench.database.transaction() as tx:
        made = await storying.split(tx.session, story, [2], utc_now())
        assert not await storying.merge_if_one(tx.session, strange, story, utc_now())
        assert await storying.merge_if_one(tx.session, made.id, story, utc_now())
    rows = await _stories(bench)
    assert sorted(map(sorted, rows.values())) == [[1, 2], [3]]
    async with bench.database.reading() as session:
        assert await rereading.waiting(session) == 1
        led = await stories.by_id(session, made.id)
        assert led is not None
        assert (led.id, led.size) in {(story, 2), (made.id, 2)}


async def test_a_story_that_has_become_two_is_split(bench: Bench) -> None:
    await hear(bench, *(from_collection(n) for n in ("bridge", "again", "coffee", "tennis")))
    copy = from_collection("coffee", body_text=COLLECTION["coffee"][1].replace("spring", "last spring"))
    await hear(bench, copy)
    rows = await _stories(bench)
    [bridge] = [s for s, numbers in rows.items() if 1 in numbers]
    async with bench.database.transaction() as tx:
        await storying.merge(tx.session, next(s for s, n in rows.items() if 3 in n), bridge, utc_now())
        made = await storying.split_if_two(tx.session, bridge, utc_now())
    assert made is not None
    assert sorted(map(sorted, (await _stories(bench)).values())) == [[1, 2], [3, 5], [4]]
    assert made.label in {COLLECTION["coffee"][0], COLLECTION["bridge"][0]}


async def test_what_a_person_arranged_no_machine_undoes(bench: Bench) -> None:
    first, second = from_collection("bridge"), from_collection("again")
    told = await hear(bench, first, second)
    story = told[0].story_id
    async with bench.database.transaction() as tx:
        made = await split_story(tx.session, story, [second.article_id], utc_now())
        assert not isinstance(made, str)
    again = await hear(bench, second.model_copy(update={"revision": 2}))
    assert again[0].story_id == made.id
    later = await hear(bench, from_collection("later"))
    assert later[0].story_id in {story, made.id}
    assert len(await _stories(bench)) == 2
    async with bench.database.transaction() as tx:
        one = await merge_stories(tx.session, made.id, story, utc_now())
        assert not isinstance(one, str)
        assert one.size == 3


@pytest.mark.parametrize("act", ["itself", "nothing", "stranger", "all"])
async def test_arrangements_that_make_no_sense_say_why(bench: Bench, act: str) -> None:
    article = from_collection("bridge")
    story = (await hear(bench, article))[0].story_id
    async with bench.database.transaction() as tx:
        match act:
            case "itself":
                answer = await merge_stories(tx.session, story, story, utc_now())
            case "nothing":
                answer = await merge_stories(tx.session, uuid4(), story, utc_now())
            case "stranger":
                answer = await split_story(tx.session, story, [uuid4()], utc_now())
            case _:
                answer = await split_story(tx.session, story, [article.article_id], utc_now())
    assert isinstance(answer, str)


async def test_the_label_of_a_story_is_never_the_headline_of_a_killed_article(bench: Bench) -> None:
    first = from_collection("bridge")
    told = await hear(bench, first, from_collection("again"))
    await hear(bench, killed(first.article_id))
    async with bench.database.reading() as session:
        story = await stories.by_id(session, told[0].story_id)
    assert story is not None
    assert (story.label, story.size) == (COLLECTION["again"][0], 1)
