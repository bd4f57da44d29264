"""The public API, comments, feeds and the WebSub hub over their doors."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import feedparser
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from sqlmodel import select

from services.publishing.storage.comments import Comment, Report
from services.publishing.storage.websub import Follower
from shared.runtime import utc_now
from shared.runtime.log import read_log
from tests.publishing.outlets.builders import a_published_article, another, kill, publish
from tests.publishing.outlets.conftest import House, OpenHouse
from tests.publishing.outlets.waiting import until
from tests.served import on_loopback


async def test_the_public_list_pages_without_a_repeat(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, *(another(n) for n in range(25)))
        url, seen = "/v1/public/articles?limit=10", list[str]()
        for _ in range(3):
            answer = await house.client.get(url)
            seen += [item["slug"] for item in answer.json()["items"]]
            url = answer.links.get("next", {}).get("url", "")
        assert seen == [f"story-{n}" for n in reversed(range(25))]
        assert url == ""


async def test_shelves_narrow_the_list_one_at_a_time(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, another(1), another(2, section="local", language="vi", authors=["Lê Ánh"]))
        for query in ("section=local", "language=vi", "author=le-anh"):
            items = (await house.client.get(f"/v1/public/articles?{query}")).json()["items"]
            assert [item["slug"] for item in items] == ["story-2"], query
        assert (await house.client.get("/v1/public/articles?section=local&tag=kremlin")).status_code == 422
        assert (await house.client.get("/v1/public/articles?cursor=nonsense")).status_code == 400


async def test_an_article_comes_in_the_format_asked_for(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        url = f"/v1/public/articles/{article.slug}"
        plain = await house.client.get(url)
        assert plain.json()["headline"] == article.headline
        assert (plain.json()["comments"], plain.json()["comments_open"]) == (0, True)
        assert (await house.client.get(f"/v1/public/articles/{article.article_id}")).json() == plain.json()
        ninjs = await house.client.get(url, headers={"accept": "application/vnd.iptc.ninjs+json"})
        assert ninjs.headers["content-type"] == "application/vnd.iptc.ninjs+json"
        assert ninjs.json()["standard"]["version"] == "3.1"
        assert (await house.client.get(f"{url}?format=jsonld")).json()["@type"] == "NewsArticle"
        assert (await house.client.get("/v1/public/articles/nothing")).status_code == 404
        await kill(house.database, article)
        gone = await house.client.get(f"{url}?format=ninjs")
        assert (gone.status_code, gone.json()["pubStatus"]) == (410, "canceled")


async def _told(house: House, stream: str) -> list[dict[str, Any]]:
    async def any_told() -> list[dict[str, Any]]:
        async with house.database.reading() as session:
            return [json.loads(entry.event)["data"] for entry in await read_log(session, stream)]

    return await until(any_told)


async def test_a_comment_is_taken_as_pending_told_and_not_shown(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        url = f"/v1/public/articles/{article.article_id}/comments"
        answer = await house.client.post(url, json={"author_name": "Lan", "text": " Hay quá! "})
        assert answer.status_code == 202
        assert answer.json()["state"] == "pending"
        fact = (await _told(house, "comment.submitted"))[0]
        assert (fact["comment_id"], fact["text"]) == (answer.json()["comment_id"], "Hay quá!")
        assert fact["article_headline"] == article.headline
        assert (await house.client.get(url)).json() == {"items": [], "next": None}


SENSELESS: list[dict[str, Any]] = [
    {},
    {"author_name": "", "text": "x"},
    {"author_name": "x", "text": "   "},
    {"author_name": "x", "text": "a\x00b"},
    {"author_name": "x" * 81, "text": "x"},
    {"author_name": "x", "text": "x" * 5001},
    {"author_name": "x", "text": "x", "reply_to": "y"},
]


async def test_a_senseless_comment_is_refused(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        for body in SENSELESS:
            answer = await house.client.post(f"/v1/public/articles/{article.slug}/comments", json=body)
            assert answer.status_code == 422, body


async def test_comments_are_limited_by_address(open_house: OpenHouse) -> None:
    async with open_house(comments_per_minute=3) as house:
        article = a_published_article()
        await publish(house.database, article)
        url = f"/v1/public/articles/{article.slug}/comments"
        answers = [await house.client.post(url, json={"author_name": "x", "text": f"{n}"}) for n in range(8)]
        assert 429 in {answer.status_code for answer in answers}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert 0 < int(refused.headers["retry-after"]) <= 61


async def test_a_report_counts_once_a_reader(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        shown = Comment(
            id=UUID(int=5),
            article_id=article.article_id,
            author_id="r",
            author_name="Lan",
            text="x",
            state="shown",
            submitted_at=utc_now(),
        )
        async with house.database.transaction() as tx:
            tx.session.add(shown)
        url = f"/v1/public/comments/{UUID(int=5)}/reports"
        first = await house.client.post(url, json={"reason": "spam", "note": "an advertisement"})
        second = await house.client.post(url, json={"reason": "abuse"})
        assert [first.json()["repeated"], second.json()["repeated"]] == [False, True]
        assert [fact["reason"] for fact in await _told(house, "comment.reported")] == ["spam"]
        async with house.database.reading() as session:
            assert len((await session.exec(select(Report))).all()) == 1
        assert (await house.client.post(f"/v1/public/comments/{UUID(int=6)}/reports", json={})).status_code == 404


async def test_every_shelf_has_its_feeds(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, another(1), another(2, section="local", language="vi"))
        for path, number in (
            ("all", 2),
            ("sections/local", 1),
            ("tags/kremlin", 2),
            ("authors/hoa-vu", 2),
            ("outlets/vtc-news", 2),
            ("languages/vi", 1),
        ):
            for extension in ("rss", "atom", "json"):
                answer = await house.client.get(f"/feeds/{path}.{extension}")
                assert answer.status_code == 200
                if extension == "json":
                    assert len(answer.json()["items"]) == number
                else:
                    assert len(feedparser.parse(answer.content).entries) == number
                assert f'<http://testserver/feeds/{path}.{extension}>; rel="self"' in answer.headers["link"]
        for path in ("/feeds/tags/nothing.rss", "/feeds/all.pdf", "/feeds/moods/calm.rss", "/feeds/a/b/c.rss"):
            assert (await house.client.get(path)).status_code == 404
        opml = (await house.client.get("/feeds/all.opml")).text
        assert 'xmlUrl="http://testserver/feeds/languages/vi.atom"' in opml
        assert (await house.client.get("/feeds/")).status_code == 200


async def test_a_kill_is_told_by_atom_and_never_hidden_by_a_date(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, another(1), another(2))
        before = await house.client.get("/feeds/tags/kremlin.atom")
        since = {"if-modified-since": before.headers["last-modified"]}
        assert (await house.client.get("/feeds/tags/kremlin.atom", headers=since)).status_code == 304
        await kill(house.database, another(2))
        future = {"if-modified-since": format_datetime(utc_now().replace(microsecond=0), usegmt=True)}
        after = await house.client.get("/feeds/all.atom")
        assert f'ref="urn:uuid:{another(2).article_id}"' in after.text
        assert "Story 2" not in (await house.client.get("/feeds/tags/kremlin.atom")).text
        assert (await house.client.get("/", headers=future)).status_code == 200


@dataclass
class Reader:
    """A feed reader's callback: confirms what it is asked while `willing`, and keeps what is pushed."""

    url: str = ""
    willing: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    pushed: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    async def confirm(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params))
        return PlainTextResponse(request.query_params["hub.challenge"] if self.willing else "no")

    async def take(self, request: Request) -> Response:
        self.pushed.append((await request.body(), dict(request.headers)))
        return Response(status_code=202)


@asynccontextmanager
async def a_reader() -> AsyncIterator[Reader]:
    reader, app = Reader(), FastAPI()
    app.add_api_route("/callback", reader.confirm, methods=["GET"])
    app.add_api_route("/callback", reader.take, methods=["POST"])
    async with on_loopback(app) as address:
        reader.url = f"{address}/callback?mine=1"
        yield reader


async def _followers(house: House) -> list[Follower]:
    async with house.database.reading() as session:
        return list((await session.exec(select(Follower))).all())


async def test_websub_verifies_then_pushes_the_signed_feed_then_lets_go(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSROOM_OUTBOUND_ALLOW", "127.0.0.1")
    async with open_house() as house, a_reader() as reader:
        await publish(house.database, another(1))
        topic = "http://testserver/feeds/all.atom"
        form = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": reader.url, "hub.secret": "s3cret"}
        assert (await house.client.post("/websub", data={**form, "hub.lease_seconds": "600"})).status_code == 202

        async def followed() -> bool:
            return any(follower.until for follower in await _followers(house))

        await until(followed)
        asked = reader.asked[0]
        assert (asked["mine"], asked["hub.mode"], asked["hub.topic"]) == ("1", "subscribe", topic)
        assert asked["hub.lease_seconds"] == "600"
        await publish(house.database, another(2))

        async def pushed() -> bool:
            return any(b"Story 2" in body for body, _ in reader.pushed)

        await until(pushed)
        body, headers = reader.pushed[-1]
        assert headers["x-hub-signature"] == f"sha256={hmac.new(b's3cret', body, hashlib.sha256).hexdigest()}"
        assert headers["content-type"].startswith("application/atom+xml")
        assert f'<{topic}>; rel="self"' in headers["link"]
        assert (await house.client.post("/websub", data={**form, "hub.mode": "unsubscribe"})).status_code == 202

        async def let_go() -> bool:
            return not await _followers(house)

        await until(let_go)


async def test_websub_forgets_what_a_callback_does_not_confirm(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSROOM_OUTBOUND_ALLOW", "127.0.0.1")
    async with open_house() as house, a_reader() as reader:
        reader.willing = False
        form = {"hub.mode": "subscribe", "hub.topic": "http://testserver/feeds/all.rss", "hub.callback": reader.url}
        assert (await house.client.post("/websub", data=form)).status_code == 202

        async def forgotten() -> bool:
            return bool(reader.asked) and not await _followers(house)

        await until(forgotten)


UNSERVABLE: list[dict[str, str]] = [
    {"hub.mode": "borrow"},
    {"hub.topic": "http://elsewhere.example/feeds/all.atom"},
    {"hub.topic": "http://testserver/feeds/all.pdf"},
    {"hub.callback": "ftp://reader.example/"},
    {"hub.callback": "http://10.0.0.1/callback"},
    {"hub.callback": "http://localhost/callback"},
]


async def test_websub_refuses_what_it_cannot_serve(open_house: OpenHouse) -> None:
    async with open_house() as house:
        form = {
            "hub.mode": "subscribe",
            "hub.topic": "http://testserver/feeds/all.atom",
            "hub.callback": "http://93.184.215.14/callback",
        }
        for change in UNSERVABLE:
            assert (await house.client.post("/websub", data={**form, **change})).status_code == 422, change
