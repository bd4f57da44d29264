"""The desk's lists: filters, search over drafts, pages that neither skip nor repeat, and only the fields asked for."""

from typing import Any

from services.publishing.api.shapes import ArticleLine
from shared.runtime import Page
from tests.publishing.desk.at_door import NewDatabase, Person, at_door


async def _found(person: Person, query: str) -> list[str]:
    return sorted(line["headline"] for line in (await person.ask("GET", f"/v1/articles?{query}"))["items"])


async def test_drafts_are_found_by_what_they_say_and_where_they_stand(
    new_database: NewDatabase, redis_url: str
) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        tag = {"id": "bridges", "name": "Bridges"}
        await mai.write(headline="One", summary="Typhoon over the lagoon.", tags_chosen=[tag])
        await mai.write(headline="Two", byline="Nguyen Lan", held="the lawyer reads it")
        await mai.write(headline="Three", embargoed_until="2099-01-01T00:00:00Z", outlet="VTC News")
        four = await mai.write(headline="Four", body_html="<p>The metro line opens on time.</p>")
        await mai.do("schedule", four, at="2099-01-01T00:00:00Z")
        for query, names in {
            "q=typhoon": ["One"],
            "q=lan": ["Two"],
            'q="metro line" -airport': ["Four"],
            'q="line metro"': [],
            "q=p": [],
            "tag=bridges": ["One"],
            "tag=brid": [],
            "held=true": ["Two"],
            "held=false": ["Four", "One", "Three"],
            "embargoed=true": ["Three"],
            "embargoed=false": ["Four", "One", "Two"],
            "waits=true": ["Four"],
            "waits=false&held=false": ["One", "Three"],
            "offered=true": [],
            "outlet=VTC News": ["Three"],
            "state=scheduled": ["Four"],
            "state=draft&q=typhoon or lan": ["One", "Two"],
            f"changed_since={four['updated_at'].replace('+', '%2B')}": ["Four"],
            "changed_since=2099-01-01T00:00:00Z": [],
        }.items():
            assert await _found(mai, query) == names, query


async def test_pages_follow_one_another_and_hold_only_what_was_asked_for(
    new_database: NewDatabase, redis_url: str
) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        made = [await mai.write(headline=f"Story {n}") for n in range(5)]
        answer = await mai.answer("GET", "/v1/articles?limit=2")
        Page[ArticleLine].model_validate_json(answer.content, strict=False)
        assert ArticleLine.model_fields.keys() == answer.json()["items"][0].keys()
        seen: list[Any] = []
        address: str | None = "/v1/articles?limit=2&fields=id, headline"
        while address:
            answer = await mai.answer("GET", address)
            seen += answer.json()["items"]
            address = answer.headers["link"].partition("<")[2].partition(">")[0] if "link" in answer.headers else None
        assert seen == [{"id": one["id"], "headline": one["headline"]} for one in made[::-1]]
        one = await mai.ask("GET", f"/v1/articles/{made[0]['id']}?fields=etag,missing")
        assert one == {"etag": made[0]["etag"], "missing": []}
        refused = await mai.ask("GET", "/v1/articles?fields=id,headlin", None, 422)
        assert (refused["type"], "headlin here" in refused["detail"]) == ("/problems/unknown-field", True)
        await mai.ask("GET", f"/v1/articles/{made[0]['id']}?fields=", None, 422)
        await mai.ask("GET", "/v1/articles?cursor=nonsense", None, 400)
        await mai.ask("GET", "/v1/articles?offset=10", None, 422)
        await mai.do("publish", made[0], undo_seconds=0)
        for path, lines in {
            "/v1/public/articles?fields=headline": [{"headline": "Story 0"}],
            f"/v1/articles/{made[0]['id']}/revisions?fields=act,number": [
                {"act": "publish", "number": 2}, {"act": "create", "number": 1}
            ],
        }.items():  # fmt: skip
            assert (await mai.ask("GET", path))["items"] == lines
        audited = await house.chief.ask("GET", "/v1/audit?fields=act&limit=1")
        assert (audited["items"], audited["next"] is not None) == ([{"act": "publish"}], True)
