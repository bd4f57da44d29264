"""Pushes: our own JSON, taken once, revised on a real change, withdrawn when its sender says so."""

import random
from typing import Any

import pytest

from tests.ingest.builders import PARAGRAPHS, House

ITEM: dict[str, Any] = {
    "guid": "desk-1",
    "url": "https://lagoon.example/harbour",
    "headline": "Harbour board widens the channel",
    "body_text": "\n".join(PARAGRAPHS),
    "published_at": "2026-02-24T10:00:00+07:00",
    "pictures": [{"url": "https://lagoon.example/h.jpg", "caption": "The harbour at dawn. (Photo: Reuters)"}],
}


async def test_a_push_is_committed_and_told_once(house: House) -> None:
    answer = await house.push(**ITEM)
    assert answer.status_code == 202
    assert answer.json()["outcome"] == "new"
    assert answer.json()["revision"] == 1
    (told,) = await house.told("ingested")
    assert told["article_id"] == answer.json()["article_id"]
    assert told["source_name"] == "push"
    assert told["pictures"][0]["caption"] == "The harbour at dawn."
    assert told["pictures"][0]["credit"] == "Reuters"
    assert told["evidence"]["headline"] == "push"


async def test_the_same_push_again_is_unchanged_and_tells_nothing(house: House) -> None:
    first = await house.push(**ITEM)
    again = await house.push(**ITEM)
    assert again.json()["outcome"] == "unchanged"
    assert again.json()["article_id"] == first.json()["article_id"]
    assert len(await house.told()) == 1


async def test_the_same_key_is_one_article_and_another_body_under_it_is_refused(house: House) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await house.client.post("/v1/items", json=ITEM, headers=key)
    again = await house.client.post("/v1/items", json=ITEM, headers=key)
    other = await house.client.post("/v1/items", json=ITEM | {"headline": "Another"}, headers=key)
    assert again.json() == first.json()
    assert other.status_code == 422
    assert len(await house.told()) == 1


async def test_a_real_change_is_a_revision_with_its_difference(house: House) -> None:
    first = (await house.push(**ITEM)).json()
    changed = ITEM["body_text"].replace("seven to four", "eight to three")
    second = (await house.push(**{**ITEM, "body_text": changed})).json()
    assert (second["outcome"], second["revision"], second["change"]) == ("revised", 2, "trivial")
    _, told = await house.told("ingested")
    assert told["revision"] == 2
    assert any("body" in change for change in told["changes"])
    found = (await house.client.get(f"/v1/articles/{first['article_id']}/revisions")).json()["items"]
    assert ["-", "seven"] in found[1]["diff"]
    assert ["+", "eight"] in found[1]["diff"]


@pytest.mark.parametrize(
    "change",
    [
        {"published_at": "2026-02-25T10:00:00+07:00"},
        {"body_text": ITEM["body_text"].replace(" ", "  ") + "\n\n"},
        {"url": "https://lagoon.example/harbour?utm_source=feed"},
        {"guid": "desk-1-new"},
        {"guid": "another", "url": "https://m.lagoon.example/2026/harbour-moved"},
        {"headline": "HARBOUR BOARD WIDENS THE CHANNEL"},
    ],
)
async def test_what_a_reader_would_not_notice_is_no_new_story_and_no_revision(
    house: House, change: dict[str, Any]
) -> None:
    await house.push(**ITEM)
    answer = await house.push(**{**ITEM, **change})
    assert answer.json()["outcome"] == "unchanged"
    assert len(await house.told()) == 1


async def test_a_canceled_story_is_withdrawn_once_and_may_come_back(house: House) -> None:
    first = (await house.push(**ITEM)).json()
    for _ in range(2):
        answer = await house.push(guid="desk-1", status="canceled", ednote="Legal")
        assert answer.json()["outcome"] == "withdrawn"
    (told,) = await house.told("withdrawn")
    assert (told["article_id"], told["revision"], told["reason"]) == (first["article_id"], 2, "Legal")
    assert (await house.push(**ITEM)).json()["revision"] == 3


async def test_withdrawing_the_unknown_is_said_and_written_down(house: House) -> None:
    answer = await house.push(guid="nobody", status="canceled")
    assert answer.status_code == 404
    (line,) = (await house.client.get("/v1/fetches")).json()["items"]
    assert (line["outcome"], line["cause"]) == ("failed", "unknown_article")


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"headline": " "}, "no_headline"),
        ({"body_text": " "}, "no_text"),
        ({"url": "javascript:alert(1)"}, "bad_url"),
        ({"published_at": "yesterday-ish"}, "bad_date"),
        ({"published_at": "2126-01-01T00:00:00Z"}, "bad_date"),
        ({"pictures": [{"url": "file:///etc/passwd"}]}, "bad_url"),
    ],
)
async def test_what_cannot_be_taken_names_its_cause_and_leaves_nothing_behind(
    house: House, change: dict[str, Any], cause: str
) -> None:
    answer = await house.push(**{**ITEM, **change})
    assert answer.status_code == 422
    assert answer.json()["cause"] == cause
    assert await house.told() == []
    (line,) = (await house.client.get("/v1/fetches")).json()["items"]
    assert (line["outcome"], line["cause"]) == ("failed", cause)


async def test_an_embargo_is_kept_and_one_that_cannot_be_parsed_holds_the_story(house: House) -> None:
    await house.push(**ITEM, embargoed_until="2099-01-01T00:00:00Z")
    await house.push(**{**ITEM, "guid": "d2", "url": None, "headline": "Other"}, embargoed_until="Tuesday, perhaps")
    kept, held = await house.told("ingested")
    assert kept["embargoed_until"].startswith("2099-01-01")
    assert "cannot be parsed" in held["held"]


async def test_a_list_is_taken_in_one_and_what_is_bad_in_it_is_named(house: House) -> None:
    good = [
        {**ITEM, "guid": f"g{i}", "url": None, "headline": f"Story {i}", "body_text": f"Text {i}"} for i in range(3)
    ]
    answer = await house.client.post("/v1/items", json=[*good, {"guid": "bad", "headline": "x"}])
    assert answer.status_code == 202
    assert [i["outcome"] for i in answer.json()["items"]] == ["new"] * 3
    assert [(e["entry"], e["cause"]) for e in answer.json()["errors"]] == [("bad", "no_text")]


async def test_text_is_normalised_and_markup_is_reduced_to_what_is_harmless(house: House) -> None:
    nasty = (
        "<p onclick='x()'>He said\u202e <b>no</b>\u0000 <a href='javascript:x'>here</a>"
        "<script>alert(1)</script><img src=x onerror=y></p><iframe src='https://evil.example'></iframe>"
    )
    await house.push(headline="<b>Caf\u0065\u0301</b> &amp; bar", body_html=nasty)
    (told,) = await house.told("ingested")
    assert told["headline"] == "Café & bar"
    assert told["body_html"] == "<p>He said <b>no</b> <a>here</a></p>"
    assert told["body_text"] == "He said no here"


async def test_only_editors_may_have_an_item_published_unseen(house: House) -> None:
    answer = await house.client.post("/v1/items", json=ITEM, params={"source": "wire", "trust": "publish"})
    assert answer.status_code == 202
    (told,) = await house.told("ingested")
    assert (told["source_name"], told["trust"]) == ("wire", "publish")


async def test_without_a_token_nothing_is_taken(house: House) -> None:
    answer = await house.client.post("/v1/items", json=ITEM, headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert await house.told() == []


async def test_a_copy_is_found_among_many_stories_that_share_phrases_with_it(house: House) -> None:
    """The most alike are compared, not the newest: a desk's stories share many of their phrases."""
    kinds = ["old", "new", "big", "far", "sad", "odd", "red", "dry", "wet"]
    phrases = [f"the {kind} board of the harbour said on Tuesday" for kind in kinds]
    chance = random.Random(5)
    stories = []
    for number in range(40):
        text = ". ".join(chance.choices(phrases, k=4)) + f" number {number} " * 9
        stories.append({"guid": f"g{number}", "headline": f"Story {number}", "body_text": text})
    answer = await house.client.post("/v1/items", json=stories)
    first = {item["headline"]: item for item in answer.json()["items"]}
    again = (await house.push(**{**stories[0], "guid": "another"})).json()
    assert (again["outcome"], again["article_id"]) == ("unchanged", first["Story 0"]["article_id"])
