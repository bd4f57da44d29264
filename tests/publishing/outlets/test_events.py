"""The log is read by pull and by SSE without a gap, a repeat or a wrong turn, whatever is cut or emptied meanwhile."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from newsroom_client import Event, Refused, events, pull

from services.publishing.app import build
from services.publishing.settings import Settings
from shared.events import Role, TokenIssued, TokenRevoked
from shared.runtime import Database, utc_now
from shared.runtime.auth import mint
from shared.runtime.redis import connect
from tests.publishing.outlets.builders import another, kill, publish
from tests.publishing.outlets.conftest import House, OpenHouse
from tests.publishing.outlets.waiting import until
from tests.served import on_loopback


async def _tell(house: House, first: int, last: int) -> None:
    await publish(house.database, *(another(n) for n in range(first, last + 1)))

    async def there() -> bool:
        return bool((await house.client.get("/v1/events?limit=1")).json()["head"] >= last)

    await until(there)


async def test_a_pull_gives_everything_in_order_and_says_where_to_go_on(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await _tell(house, 1, 25)
        got, after, page = list[int](), "0", dict[str, Any]()
        for _ in range(4):
            page = (await house.client.get("/v1/events", params={"after": after, "limit": 10, "wait": 0})).json()
            got += [event["position"] for event in page["items"]]
            after = page["next"]
        assert got == list(range(1, 26))
        assert page["items"] == []
        assert page["head"] == 25


async def test_an_event_is_a_cloudevent_with_the_whole_article(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await _tell(house, 1, 1)
        event = (await house.client.get("/v1/events")).json()["items"][0]
        assert event["specversion"] == "1.0"
        assert event["type"] == "newsroom.article.published.v1"
        assert event["position"] == 1
        promised = (
            "article_id revision slug headline body_html language outlet wire byline source_url published_at section"
        )
        assert {*promised.split(), "tags", "pictures", "related"} <= set(event["data"])


async def test_ndjson_is_the_same_a_line_each(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await _tell(house, 1, 3)
        answer = await house.client.get("/v1/events", headers={"accept": "application/x-ndjson"})
        assert answer.headers["content-type"] == "application/x-ndjson"
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert lines == (await house.client.get("/v1/events")).json()["items"]
        assert answer.headers["newsroom-next"] == "3"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "newsroom-next" in answer.headers["access-control-expose-headers"]


async def test_a_pull_waits_for_what_comes(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await _tell(house, 1, 1)
        waiting = asyncio.create_task(house.client.get("/v1/events?after=1", timeout=30))
        await asyncio.sleep(0)
        await publish(house.database, another(2))
        page = (await asyncio.wait_for(waiting, 10)).json()
        assert [event["position"] for event in page["items"]] == [2]


async def test_a_pull_that_waits_in_vain_ends(open_house: OpenHouse) -> None:
    async with open_house() as house:
        page = (await house.client.get("/v1/events?after=0&wait=0.2")).json()
        assert page == {"items": [], "next": "0", "head": 0}


async def test_a_filter_passes_over_what_is_not_wanted_and_still_moves_on(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, *(another(n, section="business" if n == 7 else "local") for n in range(1, 11)))
        await kill(house.database, another(3))
        await _tell(house, 12, 12)
        page = (await house.client.get("/v1/events?section=business&limit=50")).json()
        assert [(e["position"], e["type"].split(".")[2]) for e in page["items"]] == [(7, "published"), (11, "killed")]
        assert page["next"] == "12"
        thin = (await house.client.get("/v1/events?types=killed&payload=thin")).json()["items"]
        assert [event["data"]["slug"] for event in thin] == ["story-3"]


SENSELESS: list[tuple[str, dict[str, str], int, str]] = [
    ("types=sung", {}, 422, "unknown-type"),
    ("after=-1", {}, 422, "invalid"),
    ("after=x", {}, 422, "invalid"),
    ("limit=0", {}, 422, "invalid"),
    ("limit=1001", {}, 422, "invalid"),
    ("wait=31", {}, 422, "invalid"),
    ("urgency=0", {}, 422, "invalid"),
    ("after=5", {}, 409, "position-ahead"),
    ("", {"last-event-id": "abc", "accept": "text/event-stream"}, 400, "bad-position"),
    ("", {"last-event-id": "-1", "accept": "text/event-stream"}, 400, "bad-position"),
    ("", {"last-event-id": "9" * 30, "accept": "text/event-stream"}, 400, "bad-position"),
    ("", {"last-event-id": "٣", "accept": "text/event-stream"}, 400, "bad-position"),
    ("", {"last-event-id": "7", "accept": "text/event-stream"}, 409, "position-ahead"),
]


async def test_a_senseless_question_is_answered_with_the_reason(open_house: OpenHouse) -> None:
    async with open_house() as house:
        for query, headers, status, slug in SENSELESS:
            sent = {name: value.encode() for name, value in headers.items()}
            answer = await house.client.get(f"/v1/events?{query}", headers=sent)
            assert answer.status_code == status, (query, headers)
            assert answer.headers["content-type"] == "application/problem+json"
            assert slug in answer.json()["type"]
            assert answer.json()["detail"]


Served = Callable[..., Any]


@pytest.fixture
def served(settings_for: Callable[..., Awaitable[Settings]]) -> Served:
    """`async with served() as (address, database, settings)` → publishing on a real port."""

    @asynccontextmanager
    async def enter(**changes: Any) -> AsyncIterator[tuple[str, Database, Settings]]:
        settings = await settings_for(**changes)
        async with on_loopback(build(settings)) as address:
            database = Database(settings, "publishing")
            try:
                yield address, database, settings
            finally:
                await database.close()

    return enter


async def _collect(reading: AsyncGenerator[Event, None], number: int) -> list[Event]:
    found = []
    async with asyncio.timeout(30):
        async for event in reading:
            found.append(event)
            if len(found) == number:
                break
    await reading.aclose()
    return found


async def test_sse_resumes_from_the_database_and_joins_live_without_a_seam(served: Served) -> None:
    async with served() as (address, database, _):
        await publish(database, *(another(n) for n in range(1, 701)))
        reading = asyncio.create_task(_collect(events(address, after=0), 720))
        for n in range(701, 721):
            await publish(database, another(n))
        assert [event.position for event in await reading] == list(range(1, 721))


async def test_sse_begins_now_unless_told_otherwise(served: Served) -> None:
    async with served() as (address, database, _):
        await publish(database, another(1))
        await _collect(events(address, after=0), 1)
        async with httpx2.AsyncClient(timeout=20) as client:
            headers = {"accept": "text/event-stream"}
            async with client.stream("GET", f"{address}/v1/events", headers=headers) as answer:
                assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
                assert answer.headers["x-accel-buffering"] == "no"
                assert answer.headers["cache-control"] == "no-cache, no-transform"
                assert answer.headers["access-control-allow-origin"] == "*"
                chunks = answer.aiter_text()
                assert (await anext(chunks)).startswith("retry: 2000\n: welcome\n\n")
                await publish(database, another(2))
                frame = await anext(chunks)
                assert frame.startswith("id: 2\ndata: {")
                assert frame.endswith("}\n\n")


async def test_a_quiet_stream_beats_and_moves_a_filtered_reader_on(served: Served) -> None:
    async with served(stream_beat=0.2) as (address, database, _), httpx2.AsyncClient(timeout=20) as client:
        headers = {"accept": "text/event-stream"}
        url = f"{address}/v1/events?section=nothing&after=0"
        async with client.stream("GET", url, headers=headers) as answer:
            await publish(database, another(1), another(2))
            text = ""
            async with asyncio.timeout(15):
                async for chunk in answer.aiter_text():
                    text += chunk
                    if ": beat\nid: 2\n\n" in text:
                        break
            assert "data:" not in text


async def test_nothing_is_lost_or_doubled_while_redis_is_emptied_and_readers_are_cut(served: Served) -> None:
    async with served() as (address, database, settings):
        redis = connect(settings.redis_url)
        number = 120

        async def cut_and_read() -> list[int]:
            seen, after = list[int](), 0
            while len(seen) < number:
                for event in await _collect(events(address, after=after), min(30, number - len(seen))):
                    seen.append(event.position)
                after = seen[-1]
            return seen

        readers = [asyncio.create_task(cut_and_read()) for _ in range(3)]
        whole = asyncio.create_task(_collect(events(address, after=0), number))
        for n in range(1, number + 1):
            await publish(database, another(n))
            if n in {40, 80}:
                await redis.flushdb()
        expected = list(range(1, number + 1))
        for reader in readers:
            assert await asyncio.wait_for(reader, 60) == expected
        assert [event.position for event in await whole] == expected
        assert [event.position async for event in pull(address)] == expected
        await redis.aclose()


async def test_a_revoked_token_closes_its_stream(served: Served) -> None:
    async with served() as (address, database, _):
        token_id, text, digest = mint()
        issued = TokenIssued(
            token_id=token_id, secret_sha256=digest, name="the app", roles=[Role.READER], issued_at=utc_now()
        )
        async with database.transaction() as tx:
            tx.tell(issued)
        async with asyncio.timeout(20), httpx2.AsyncClient(timeout=20) as client:
            headers = {"authorization": f"Bearer {text}"}

            async def known() -> bool:
                return (await client.get(f"{address}/v1/events?wait=0", headers=headers)).status_code == 200

            await until(known)
            async with client.stream(
                "GET", f"{address}/v1/events", headers={**headers, "accept": "text/event-stream"}
            ) as answer:
                chunks = answer.aiter_text()
                await anext(chunks)
                async with database.transaction() as tx:
                    tx.tell(TokenRevoked(token_id=token_id, revoked_at=utc_now()))
                async with asyncio.timeout(5):
                    rest = "".join([chunk async for chunk in chunks])
        assert "this token was revoked" in rest
        with pytest.raises(Refused, match="401"):
            await _collect(events(address, token=text), 1)


async def test_a_reader_that_stops_reading_is_cut_off(served: Served) -> None:
    async with served(stream_stuck=1.0) as (address, database, _):
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(b"GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
        await writer.drain()
        await reader.readline()
        body = "<p>" + "x" * 100_000 + "</p>"
        await publish(database, *(another(n, body_html=body) for n in range(1, 200)))
        async with httpx2.AsyncClient() as client:

            async def cut() -> bool:
                return not (await client.get(f"{address}/v1/consumers", headers=_operator())).json()["items"]

            await until(cut)
        writer.close()
        assert [e.position for e in await _collect(events(address, after=0), 199)] == list(range(1, 200))


def _operator() -> dict[str, str]:
    return {"authorization": "Bearer a-bootstrap-token-for-tests"}


async def test_a_token_that_pulls_is_a_consumer_with_a_lag(served: Served) -> None:
    async with served() as (address, database, _):
        await publish(database, *(another(n) for n in range(1, 6)))
        async with asyncio.timeout(20), httpx2.AsyncClient(timeout=20) as client:
            found: list[dict[str, Any]] = []
            while not found:
                await client.get(f"{address}/v1/events?after=3&wait=0", headers=_operator())
                items = (await client.get(f"{address}/v1/consumers", headers=_operator())).json()["items"]
                found = [row for row in items if row["kind"] == "pull"]
            assert (found[0]["name"], found[0]["position"], found[0]["lag_entries"]) == ("bootstrap", 3, 2)
            url = f"{address}/v1/articles/{another(2).article_id}/receipts"
            receipts = (await client.get(url, headers=_operator())).json()
            while not receipts["items"]:
                receipts = (await client.get(url, headers=_operator())).json()
            assert receipts["items"][0]["state"] == "has it"
            missing = await client.get(f"{address}/v1/articles/{another(5).article_id}/receipts", headers=_operator())
            assert missing.json()["items"] == []
