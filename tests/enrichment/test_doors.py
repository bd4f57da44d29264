"""People's doors: related stories, search, stories and the vocabulary, as readers and as editors see them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from pydantic import SecretStr

from services.enrichment.app import build
from services.enrichment.handlers import events
from services.enrichment.settings import Settings
from shared.events import ArticleIngested, Event, Tag
from tests.builders import deliver, serving
from tests.enrichment.builders import Bench, from_collection, killed, published

TOKEN = "nwr_boot_strap"  # a test's own token
EDITOR = {"Authorization": f"Bearer {TOKEN}"}


class Desk:
    """The served application, and a way to let it have heard facts."""

    def __init__(self, client: httpx2.AsyncClient, bench: Bench) -> None:
        self.client = client
        self.bench = bench

    async def hear(self, *facts: Event) -> list[Any]:
        """Deliver facts, each twice."""
        return await deliver(events, self.bench.database, *facts, parts=self.bench.parts)

    async def get(self, path: str, editor: bool = False, **given: Any) -> Any:
        """The JSON a door answers with; anything but 200 fails the test."""
        answer = await self.client.get(path, headers=EDITOR if editor else {}, params=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: dict[str, Any], status: int = 200) -> Any:
        """The JSON a door answers an editor with."""
        answer = await self.client.request(method, path, headers=EDITOR, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def desk(bench: Bench, redis_url: str) -> AsyncIterator[Desk]:
    """The service on the bench's database."""
    settings = Settings(
        database_url=bench.settings.database_url, redis_url=redis_url, token=SecretStr(TOKEN), log_level="ERROR"
    )
    async with serving(build(settings)) as client:
        yield Desk(client, bench)


async def _collected(desk: Desk, *names: str, public: bool = True) -> dict[str, ArticleIngested]:
    made = {name: from_collection(name) for name in names}
    await desk.hear(*made.values())
    if public:
        await desk.hear(*(published(a) for a in made.values()))
    return made


async def test_readers_see_related_stories_that_are_published_and_editors_drafts_too(desk: Desk) -> None:
    held = await _collected(desk, "bridge", "coffee", "again")
    draft = (await _collected(desk, "later", public=False))["later"]
    path = f"/v1/articles/{held['bridge'].article_id}/related"
    public = await desk.get(path)
    assert [r["article_id"] for r in public["related"]] == [str(held["again"].article_id)]
    assert public["related"][0]["slug"]
    assert public["related"][0]["reasons"]
    inside = await desk.get(path, editor=True)
    assert {r["article_id"] for r in inside["related"]} == {str(held["again"].article_id), str(draft.article_id)}
    assert {r["article_id"] for r in inside["by"]["story"]} == {str(held["again"].article_id), str(draft.article_id)}


async def test_a_draft_has_no_public_related_list(desk: Desk) -> None:
    draft = (await _collected(desk, "bridge", public=False))["bridge"]
    answer = await desk.client.get(f"/v1/articles/{draft.article_id}/related")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/no-such-article"


async def test_a_killed_article_leaves_every_list_at_once(desk: Desk) -> None:
    held = await _collected(desk, "bridge", "again")
    await desk.hear(killed(held["again"].article_id))
    for editor in (False, True):
        answer = await desk.get(f"/v1/articles/{held['bridge'].article_id}/related", editor=editor)
        assert answer["related"] == []
        assert all(v == [] for v in answer["by"].values())
        assert [h["article_id"] for h in (await desk.get("/v1/search", editor=editor, q="lagoon"))["items"]] == [
            str(held["bridge"].article_id)
        ]


async def test_any_pasted_text_gets_tags_copies_and_related_stories(desk: Desk) -> None:
    held = await _collected(desk, "bridge", "coffee")
    answer = await desk.client.post("/v1/related", json={"text": held["bridge"].body_text, "headline": "What is this?"})
    assert answer.status_code == 200
    read = answer.json()
    assert read["language"] == "en"
    assert "Tran Quoc Bao" in {t["name"] for t in read["tags"]}
    assert [c["article_id"] for c in read["duplicates"]] == [str(held["bridge"].article_id)]
    assert read["duplicates"][0]["kind"] == "same"
    assert read["duplicates"][0]["spans"]


async def test_a_story_lists_its_articles(desk: Desk) -> None:
    held = await _collected(desk, "bridge", "again", "coffee")
    related = await desk.get(f"/v1/articles/{held['bridge'].article_id}/related")
    story = await desk.get(f"/v1/stories/{related['story_id']}")
    assert [a["article_id"] for a in story["articles"]] == [
        str(held["again"].article_id),
        str(held["bridge"].article_id),
    ]
    assert (await desk.client.get(f"/v1/stories/{uuid4()}")).status_code == 404


async def test_an_editor_splits_and_merges_stories_and_a_merged_address_leads_on(desk: Desk) -> None:
    held = await _collected(desk, "bridge", "again", "coffee")
    lists = await desk.get(f"/v1/articles/{held['bridge'].article_id}/related")
    story, other = lists["story_id"], str(held["again"].article_id)
    made = await desk.send("POST", f"/v1/stories/{story}/split", {"articles": [other]})
    assert made["articles"] == 1
    assert [a["article_id"] for a in (await desk.get(f"/v1/stories/{made['story_id']}"))["articles"]] == [other]
    await desk.send("POST", f"/v1/stories/{made['story_id']}/merge", {"into": story})
    assert len((await desk.get(f"/v1/stories/{made['story_id']}"))["articles"]) == 2
    await desk.send("POST", f"/v1/stories/{story}/merge", {"into": story}, 409)


async def test_vietnamese_is_found_without_accents_and_with_them_first(desk: Desk) -> None:
    rail = from_collection("rail_vi")
    other = from_collection("rail_vi", headline="Đường sắt và đường mòn", body_text="Con duong sat cu ky nam im.")
    await desk.hear(rail, other, published(rail), published(other))
    found = await desk.get("/v1/search", q="duong sat")
    assert {h["article_id"] for h in found["items"]} == {str(rail.article_id), str(other.article_id)}
    plain = from_collection("rail_vi", headline="Duong sat", body_text="Duong sat duong sat duong sat khong dau.")
    await desk.hear(plain, published(plain))
    first = (await desk.get("/v1/search", q="đường sắt"))["items"]
    assert first[-1]["article_id"] == str(plain.article_id), "an accented query ranks accented texts first"
    assert "<mark>đường</mark> <mark>sắt</mark>" in next(
        h["highlight"] for h in first if h["article_id"] == str(rail.article_id)
    )


async def test_search_takes_phrases_exclusions_filters_and_misspelt_names(desk: Desk) -> None:
    await _collected(desk, "bridge", "again", "coffee", "tennis")

    async def headlines(**given: Any) -> set[str]:
        return {h["outlet"] for h in (await desk.get("/v1/search", **given))["items"]}

    assert await headlines(q='"chief engineer"') == {"The bridge Post", "The again Post"}
    assert await headlines(q='"engineer chief"') == set()
    assert await headlines(q="viaduct -reporters") == {"The bridge Post"}
    assert await headlines(q="", outlet="the coffee post") == {"The coffee Post"}
    assert await headlines(q="viaduct", language="vi") == set()
    both = {"The bridge Post", "The again Post"}
    assert await headlines(q="viaduct", tag="tran-quoc-bao") == both, "tags that came after publication are shown too"
    chosen = from_collection("later")
    await desk.hear(chosen, published(chosen, tags=[Tag(id="rails", name="Rails", reason="Chosen by an editor.")]))
    assert await headlines(q="viaduct", tag="tran-quoc-bao") == both, "where some were published, only those count"
    assert await headlines(q="viaduct", tag="rails", outlet="the later post") == {"The later Post"}
    for asked, outlets, corrected in (
        ("Novack", {"The tennis Post"}, "novak"),
        ("Petre Novak", {"The tennis Post"}, "petra novak"),
        ("Tran Quoc Bae", {*both, "The later Post"}, "tran quoc bao"),
        ("Bae", set(), None),
    ):
        answer = await desk.get("/v1/search", q=asked)
        assert ({h["outlet"] for h in answer["items"]}, answer["corrected"]) == (outlets, corrected)


async def test_a_cursor_goes_on_where_it_was_when_newer_articles_come_between(desk: Desk) -> None:
    await _collected(desk, "bridge", "again", "later")
    for order in ("newest", "relevance"):
        whole = [h["article_id"] for h in (await desk.get("/v1/search", q="viaduct", order=order))["items"]]
        first = await desk.get("/v1/search", q="viaduct", order=order, limit=1)
        await _collected(desk, "bridge", "later")
        rest = await desk.get("/v1/search", q="viaduct", order=order, limit=100, cursor=first["next"])
        seen = [h["article_id"] for h in (*first["items"], *rest["items"])]
        assert len(seen) == len(set(seen))
        assert set(whole) <= set(seen)


async def test_search_pages_with_a_cursor_and_answers_hostile_queries(desk: Desk) -> None:
    await _collected(desk, "bridge", "again", "later", "coffee", "tennis")
    seen: list[str] = []
    following: dict[str, Any] = {}
    for _ in range(4):
        answer = await desk.get("/v1/search", limit=2, order="newest", **following)
        seen += [h["article_id"] for h in answer["items"]]
        following = {"cursor": answer["next"]}
        if answer["next"] is None:
            break
    assert len(seen) == len(set(seen)) == 5
    for query in ("'", "\\", "a & | ! b", "<-> :*", '"', "-", "(((", "%_", "\x00", "🦆 ' or 1=1 --"):
        await desk.get("/v1/search", q=query)
    assert (await desk.client.get("/v1/search", params={"cursor": "nonsense"})).status_code == 400


async def test_a_renamed_or_merged_tag_is_told_again_on_its_articles(desk: Desk) -> None:
    held = await _collected(desk, "bridge", "again")
    await desk.send("POST", "/v1/tags", {"name": "Lagoon viaduct", "kind": "topic", "aliases": ["Cau Hai"]}, 201)
    renamed = await desk.send("PATCH", "/v1/tags/tran-quoc-bao", {"name": "Trần Quốc Bảo", "kind": "person"})
    assert renamed["status"] == "known"
    assert "Tran Quoc Bao" in renamed["aliases"]
    merged = await desk.send("POST", "/v1/tags/ministry-of-transport/merge", {"into": "lagoon-viaduct"})
    assert "Ministry of Transport" in merged["aliases"]
    path = f"/v1/articles/{held['bridge'].article_id}/related"

    async def reread() -> bool:
        lists = await desk.get(path, editor=True)
        return any("Trần Quốc Bảo" in reason for r in lists["related"] for reason in r["reasons"])

    await _until(reread)
    gone = await desk.get("/v1/tags/ministry-of-transport")
    assert (gone["status"], gone["merged_into"]) == ("merged", "lagoon-viaduct")


async def test_the_vocabulary_refuses_what_does_not_fit(desk: Desk) -> None:
    made = await desk.send("POST", "/v1/tags", {"name": "Rail", "kind": "topic"}, 201)
    assert made["slug"] == "rail"
    await desk.send("POST", "/v1/tags", {"name": "rail"}, 409)
    await desk.send("POST", "/v1/tags", {"name": "!!!"}, 409)
    await desk.send("POST", "/v1/tags", {"name": "Trams", "parent": "no-such"}, 409)
    await desk.send("POST", "/v1/tags", {"name": "Trams", "parent": "rail"}, 201)
    await desk.send("PATCH", "/v1/tags/rail", {"parent": "trams"}, 409)
    await desk.send("POST", "/v1/tags/rail/merge", {"into": "rail"}, 409)
    await desk.send("POST", "/v1/tags/rail/merge", {"into": "nowhere"}, 404)
    await desk.send("PATCH", "/v1/tags/nowhere", {"name": "Somewhere"}, 404)
    assert (await desk.client.post("/v1/tags", json={"name": "Buses"})).status_code in {401, 403}


async def test_vocabularies_are_imported_and_leave_what_people_changed(desk: Desk) -> None:
    await desk.send("POST", "/v1/tags", {"name": "Rail", "kind": "topic", "definition": "Ours."}, 201)
    text = "name,kind,aliases,parent\nTransport,topic,,\nRail,topic,railway|trains,Transport\nHuế,place,Hue,\n"
    assert await desk.send("POST", "/v1/tags/import", {"format": "csv", "text": text}) == {"tags": 2}
    assert (await desk.get("/v1/tags/rail"))["definition"] == "Ours."
    topics = {
        "conceptSet": [
            {"uri": "http://x/medtop/01", "prefLabel": {"en-GB": "railway transport"}},
            {"uri": "http://x/medtop/02", "prefLabel": {"en-GB": "high-speed rail"}, "broader": ["medtop:01"]},
            {"uri": "http://x/medtop/03", "prefLabel": {"en-GB": "steam"}, "retired": "2019"},
        ]
    }
    sent = {"format": "iptc", "text": json.dumps(topics)}
    assert await desk.send("POST", "/v1/tags/import", sent) == {"tags": 2}
    assert (await desk.get("/v1/tags/high-speed-rail"))["parent"] == "railway-transport"
    for form, bad in (("iptc", "[]"), ("csv", "a,b\n"), ("csv", "name,kind\nXeno,x\n")):
        problem = await desk.send("POST", "/v1/tags/import", {"format": form, "text": bad}, 422)
        assert problem["type"] == "/problems/bad-vocabulary"


async def test_a_reindex_counts_queues_and_reads_again_with_the_vocabulary_of_now(desk: Desk) -> None:
    held = await _collected(desk, "bridge", "coffee")
    dry = await desk.send("POST", "/v1/reindex", {"outdated": False, "dry_run": True}, 202)
    assert (dry["matched"], dry["waiting"]) == (2, 0)
    assert (await desk.send("POST", "/v1/reindex", {}, 202))["matched"] == 0, "all was read by this version"
    text = "name,kind,aliases\nRobusta coffee,topic,Robusta\n"
    await desk.send("POST", "/v1/tags/import", {"format": "csv", "text": text})
    assert (await desk.send("POST", "/v1/reindex", {"outdated": False}, 202))["matched"] == 2

    async def tagged() -> bool:
        found = await desk.get("/v1/search", editor=True, tag="robusta-coffee")
        return [h["article_id"] for h in found["items"]] == [str(held["coffee"].article_id)]

    await _until(tagged)

    async def done() -> bool:
        return bool((await desk.get("/v1/reindex", editor=True))["waiting"] == 0)

    await _until(done)
    latest = (await desk.get("/v1/reindex", editor=True))["latest"]
    assert (latest["matched"], latest["read"]) == (2, 2)
    assert latest["changes"]["articles"] == 1, "only one is about coffee"
    assert latest["changes"]["tags added"] >= 1


async def _until(holds: Any) -> None:

    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110  # the fact waited for is an answer of the service
            await asyncio.sleep(0.1)
