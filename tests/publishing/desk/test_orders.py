"""Beside the single article: bulk acts, exports, rules and their trial, and what open desks hear."""

import asyncio
import json
from typing import Any

import httpx2
import orjson
from pydantic import SecretStr
from redis.asyncio import Redis

from services.publishing.app import build
from services.publishing.settings import Settings
from shared.events import ArticleIngested
from shared.runtime.envelope import Cause, seal
from tests.builders import an_article
from tests.publishing.desk.at_door import STORY, AtDoor, NewDatabase, Person, at_door, until
from tests.served import on_loopback


async def test_a_bulk_act_answers_for_every_article(new_database: NewDatabase, redis_url: str) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        whole, bare = await mai.write(), await mai.write(credit=None)
        nobody = "00000000-0000-7000-8000-000000000001"
        order = {"verb": "publish", "ids": [whole["id"], bare["id"], nobody, whole["id"]], "undo_seconds": 0}
        first = await mai.answer("POST", "/v1/bulk", order, idempotency_key="one")
        assert (first.status_code, first.json()["total"]) == (202, 3)
        again = await mai.answer("POST", "/v1/bulk", order, idempotency_key="one")
        assert again.json()["id"] == first.json()["id"], "asked twice, done once"
        done = await until(mai, first.headers["location"], 200, lambda job: job["done"] == 3)
        answers = {item["article_id"]: item["answer"] for item in done["items"]}
        assert answers[whole["id"]] == {"status": 200, "state": "published", "revision": 2}
        assert (answers[bare["id"]]["status"], answers[nobody]["status"], done["refused"]) == (409, 404, 2)
        assert "credit" in answers[bare["id"]]["detail"]
        writer = await house.hire("Lan", "contributor")
        await writer.ask("POST", "/v1/bulk", order, 403)
        theirs, own = await mai.write(), await writer.write()
        asked = await writer.answer("POST", "/v1/bulk", {"verb": "submit", "ids": [theirs["id"], own["id"]]})
        done = await until(writer, asked.headers["location"], 200, lambda job: job["done"] == 2)
        assert [item["answer"]["status"] for item in done["items"]] == [403, 200], "no way around whose words they are"
        await mai.ask("POST", "/v1/bulk", {"verb": "spike", "ids": [nobody] * 501}, 422)


async def test_any_article_can_be_taken_out_in_four_formats(new_database: NewDatabase, redis_url: str) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        body = "<h2>Length</h2><p>It is <strong>3.2 km</strong> long.</p><ul><li>Two lanes</li></ul>"
        path = f"/v1/articles/{(await mai.write(body_html=body, summary='At last.'))['id']}/export"
        exported = await mai.ask("GET", f"{path}?format=json")
        assert (exported["headline"], exported["body_html"], exported["outlet"]) == (
            STORY["headline"], body, STORY["outlet"]
        )  # fmt: skip
        ninjs = await mai.ask("GET", f"{path}?format=ninjs")
        assert STORY["headline"] in json.dumps(ninjs)
        assert body in await mai.ask("GET", f"{path}?format=html")
        markdown = await mai.answer("GET", f"{path}?format=markdown")
        for part in ("# Bridge opens", "**At last.**", "## Length", "**3.2 km**", "Two lanes", "Mai Tran"):
            assert part in markdown.text, part
        assert markdown.headers["content-disposition"].endswith('.md"')
        await mai.ask("GET", f"{path}?format=pdf", None, 422)


async def test_a_rule_is_tried_on_what_came_in_before_it_is_switched_on(
    new_database: NewDatabase, redis_url: str
) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        storm = an_article(headline="Typhoon nears the coast", wire="Reuters", outlet="VTC News")
        other = an_article(headline="A new library")
        for fact in (storm, other):
            await _ingested(redis_url, fact)
        await until(mai, "/v1/articles", 200, lambda page: len(page["items"]) == 2)
        rule = {
            "filters": {"words": ["typhoon"], "wires": ["reuters"]},
            "actions": {"desk": "storm", "outcome": "hold"},
        }
        trial = await mai.ask("POST", "/v1/rules/dry-run?last=50", rule)
        assert (trial["looked_at"], trial["matched"]) == (2, 1)
        (hit,) = [one for one in trial["articles"] if one["matches"]]
        assert (hit["article_id"], hit["outcome"]) == (str(storm.article_id), "hold")
        assert hit["why"] == ["its wire is Reuters", 'it says "typhoon"']
        kept = await mai.ask("POST", "/v1/rules", {"name": "Storms", "enabled": True, **rule}, 201)
        await mai.ask("POST", "/v1/rules", {"name": "Storms", **rule}, 409)
        again = an_article(headline="Another typhoon", wire="Reuters", trust="publish")
        await _ingested(redis_url, again)
        routed = await until(mai, f"/v1/articles/{again.article_id}", 200)
        assert (routed["desk"], routed["state"]) == ("storm", "draft")
        assert "“Storms”" in routed["waiting_for"]
        await mai.ask("DELETE", f"/v1/rules/{kept['id']}", None, 204)
        assert (await mai.ask("GET", "/v1/rules"))["items"] == []


async def _ingested(redis_url: str, fact: ArticleIngested) -> None:
    sealed = seal(fact, fact.teller, Cause.fresh())
    fields: dict[Any, Any] = {"id": str(sealed.id), "type": fact.type_name(), "event": sealed.model_dump_json()}
    async with Redis.from_url(redis_url) as redis:
        await redis.xadd(fact.stream_name(), fields)


async def test_open_desks_hear_what_changed(new_database: NewDatabase, redis_url: str) -> None:
    url = await new_database("publishing")
    house = build(Settings(database_url=url, redis_url=redis_url, token=SecretStr("nwr_boot_strap")))
    async with on_loopback(house) as address, httpx2.AsyncClient(base_url=address, timeout=20) as client:
        mai = Person(client, "nwr_boot_strap")
        first = await mai.write()
        headers = {"authorization": f"Bearer {mai.token}", "last-event-id": "0"}
        async with client.stream("GET", "/v1/desk/events", headers=headers) as answer, asyncio.timeout(20):
            lines = (line async for line in answer.aiter_lines() if line.startswith("data: "))
            heard = [orjson.loads((await anext(lines))[6:])]
            await mai.do("submit", await mai.save(first, headline="Changed"))
            heard += [orjson.loads((await anext(lines))[6:]) for _ in range(2)]
        assert [(one["article_id"], one["what"], one["revision"]) for one in heard] == [
            (first["id"], "create", 1), (first["id"], "save", 2), (first["id"], "submit", 3)
        ]  # fmt: skip
        assert (await client.get("/v1/desk/events")).status_code == 401


async def test_an_open_desk_closes_when_its_token_is_revoked(new_database: NewDatabase, redis_url: str) -> None:
    url = await new_database("publishing")
    house = build(Settings(database_url=url, redis_url=redis_url, token=SecretStr("nwr_boot_strap")))
    async with on_loopback(house) as address, httpx2.AsyncClient(base_url=address, timeout=20) as client:
        mai = await AtDoor(client, Person(client, "nwr_boot_strap")).hire("Mai", "editor")
        headers = {"authorization": f"Bearer {mai.token}"}
        async with client.stream("GET", "/v1/desk/events", headers=headers) as answer, asyncio.timeout(30):
            token_id = mai.token.split("_")[1]
            revoked = await client.delete(f"/v1/tokens/{token_id}", headers={"authorization": "Bearer nwr_boot_strap"})
            assert revoked.status_code == 204
            await answer.aread()
