"""What is not understood is refused: who misspells a filter or a position must not get another log than they meant."""

from typing import Any

import pytest

from tests.publishing.outlets.builders import another, publish
from tests.publishing.outlets.conftest import House, OpenHouse


@pytest.fixture(autouse=True)
def _loopback_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSROOM_OUTBOUND_ALLOW", "127.0.0.1")


async def _ask(house: House, path: str, body: dict[str, Any]) -> tuple[int, str]:
    answer = await house.client.post(path, json=body, headers=house.operator)
    return answer.status_code, answer.text


async def test_a_subscription_that_is_not_understood_is_refused_with_the_place(open_house: OpenHouse) -> None:
    good = {"name": "the app", "url": "http://127.0.0.1:9/"}
    async with open_house() as house:
        for wrong, place in (
            ({"filter": {"types": ["killed"]}}, "body.filter"),
            ({"filters": {"sektion": ["news"]}}, "body.filters.sektion"),
            ({"name": "  "}, "body.name"),
            ({"url": "http://exa mple/"}, "url"),
            ({"url": "https://example.com:99999/"}, "url"),
            ({"start": 1}, "log ends at 0"),
        ):
            status, text = await _ask(house, "/v1/subscriptions", {**good, **wrong})
            assert (status, place in text) == (409 if "start" in wrong else 422, True), text
        status, text = await _ask(house, "/v1/subscriptions", good)
        made = (await house.client.get("/v1/subscriptions", headers=house.operator)).json()["items"]
        assert (status, len(made)) == (201, 1)
        address = f"/v1/subscriptions/{made[0]['id']}"
        assert (await _ask(house, f"{address}/replays", {"after": 1}))[0] == 409
        assert (await _ask(house, f"{address}/replays", {"query": "x"}))[0] == 422
        changed = await house.client.patch(address, json={"state": "paused"}, headers=house.operator)
        assert (changed.status_code, "body.state" in changed.text) == (422, True)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"section": "Business"}, {"sections": ["business"]}),
        ({"types": "killed", "tag": ["storm"]}, {"types": ["newsroom.article.killed.v1"], "tags": ["storm"]}),
        ({"outlet": "Lagoon, The"}, {"outlets": ["lagoon, the"]}),
        ({"words": ["đu\u031bo\u031b\u0300ng"]}, {"words": ["đường"]}),
    ],
)
async def test_a_filter_is_kept_as_it_was_meant(
    open_house: OpenHouse, filters: dict[str, Any], kept: dict[str, Any]
) -> None:
    async with open_house() as house:
        body = {"name": "the app", "url": "http://127.0.0.1:9/", "filters": filters}
        answer = await house.client.post("/v1/subscriptions", json=body, headers=house.operator)
        assert answer.json()["filters"] == kept


async def test_a_query_may_say_a_field_in_the_singular_or_the_plural(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, *(another(n) for n in range(1, 4)))
        for query, number in (
            ("section=political-system", 3),
            ("sections=political-system", 3),
            ("sections=sport", 0),
            ("types=killed", 0),
            ("type=killed", 0),
            ("type=published,killed&word=kremlin&word=tennis", 3),
        ):
            answer = await house.client.get(f"/v1/events?after=0&wait=1&{query}")
            assert (query, len(answer.json()["items"])) == (query, number)
