"""WebSub: subscribed where a feed names a hub, confirmed, pushed to, renewed in time; nobody else is listened to."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from services.ingest.settings import Settings
from services.ingest.use_cases.subscribing import renew
from shared.runtime import Database
from shared.runtime.outbound import OutboundSettings, SafeClient
from tests.ingest.builders import House, Web, a_feed, an_entry, long_text

FEED = "application/rss+xml"
TOPIC = "http://topic.example/feed"
HEAD = f"<title>T</title><atom:link rel='self' href='{TOPIC}'/><atom:link rel='hub' href='{{web.url}}/hub'/>"


async def subscribed(web: Web, house: House, entry: str = "") -> dict[str, Any]:
    """A source whose feed names the little web's hub, which has been asked."""
    web.routes.setdefault("/hub", (202, {}, b""))
    feed = a_feed(entry or an_entry(text=long_text()), head=HEAD.format(web=web))
    source = await house.add(url=web.serve("/feed", feed, FEED))
    await house.fetch(source)
    await ask(web, house)
    return source


async def ask(web: Web, house: House) -> None:
    """What the clock does once a minute."""
    async with _parts(web, house) as (database, client, settings):
        await renew(database, client, settings)


@asynccontextmanager
async def _parts(web: Web, house: House) -> AsyncIterator[tuple[Database, SafeClient, Settings]]:
    settings = Settings(
        database_url=house.database_url,
        redis_url="redis://127.0.0.1:1",
        callback_url="https://desk.example/in/",
        outbound=OutboundSettings(allow=(f"127.0.0.1:{web.port}",), seconds=3),
    )
    database = Database(settings, "ingest")
    async with SafeClient(settings) as client:
        yield database, client, settings
    await database.close()


async def confirm(house: House, source: dict[str, Any], **given: Any) -> httpx2.Response:
    """The hub asks whether we meant it."""
    asked = {"mode": "subscribe", "topic": TOPIC, "challenge": "a-challenge", "lease_seconds": 864_000} | given
    query = {f"hub.{name}": str(value) for name, value in asked.items()}
    return await house.client.get(f"/v1/websub/{source['id']}", params=query)


async def push(house: House, source: dict[str, Any], content: bytes, secret: str, method: str = "sha256") -> None:
    """The hub pushes a feed, signed with a secret."""
    digest = hmac.new(secret.encode(), content, method).hexdigest()
    headers = {"X-Hub-Signature": f"{method}={digest}"}
    answer = await house.client.post(f"/v1/websub/{source['id']}", content=content, headers=headers)
    assert answer.status_code == 202


async def secret_of(house: House) -> str:
    (row,) = await house.rows("SELECT hub_secret FROM sources WHERE hub IS NOT NULL")
    return str(row["hub_secret"])


async def test_a_hub_is_asked_and_its_question_is_answered(web: Web, house: House) -> None:
    source = await subscribed(web, house)
    (asked,) = [a for a in web.asked if a.path == "/hub"]
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    assert form["hub.callback"] == f"https://desk.example/in/v1/websub/{source['id']}"
    assert (form["hub.mode"], form["hub.topic"], form["hub.secret"]) == ("subscribe", TOPIC, await secret_of(house))
    assert (await house.source(source))["hub_state"] == "asked"
    answer = await confirm(house, source)
    assert (answer.status_code, answer.text) == (200, "a-challenge")
    shown = await house.source(source)
    assert shown["hub_state"] == "subscribed"
    left = datetime.fromisoformat(shown["hub_until"]) - datetime.now(UTC)
    assert timedelta(days=9.9) < left <= timedelta(days=10)


@pytest.mark.parametrize("given", [{"topic": "http://other.example/"}, {"mode": "unsubscribe"}, {"topic": ""}])
async def test_what_was_not_asked_for_is_not_confirmed(web: Web, house: House, given: dict[str, str]) -> None:
    source = await subscribed(web, house)
    assert (await confirm(house, source, **given)).status_code == 404
    assert (await house.source(source))["hub_state"] == "asked"


async def test_a_hub_that_denies_is_not_asked_again(web: Web, house: House) -> None:
    source = await subscribed(web, house)
    assert (await confirm(house, source, mode="denied")).status_code == 200
    await house.change("UPDATE sources SET hub_renew_at = now() - interval '1 day'")
    await ask(web, house)
    assert ((await house.source(source))["hub_state"], web.hits("/hub")) == ("refused", 1)


async def test_a_subscription_is_renewed_before_its_lease_ends_and_not_long_before(web: Web, house: House) -> None:
    source = await subscribed(web, house)
    await confirm(house, source, lease_seconds=3600)
    await ask(web, house)
    assert web.hits("/hub") == 1
    await house.change(
        "UPDATE sources SET hub_renew_at = hub_renew_at - interval '50 minutes',"
        " hub_until = hub_until - interval '50 minutes'"
    )
    await ask(web, house)
    assert (web.hits("/hub"), (await house.source(source))["hub_state"]) == (2, "subscribed")
    await confirm(house, source, lease_seconds=3600)
    await ask(web, house)
    assert web.hits("/hub") == 2


async def test_a_hub_out_of_reach_is_asked_again_later(web: Web, house: House) -> None:
    web.routes["/hub"] = (503, {}, b"")
    source = await subscribed(web, house)
    assert (await house.source(source))["hub_state"] == "unreachable"
    await ask(web, house)
    assert web.hits("/hub") == 1
    await house.change("UPDATE sources SET hub_renew_at = hub_renew_at - interval '61 minutes'")
    await ask(web, house)
    assert web.hits("/hub") == 2


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha512"])
async def test_what_a_hub_pushes_is_taken_when_it_is_signed(web: Web, house: House, method: str) -> None:
    source = await subscribed(web, house)
    pushed = a_feed(an_entry("g-2", title="Pushed", text=f"<p>{'A story that a hub brought. ' * 40}</p>"))
    await push(house, source, pushed, await secret_of(house), method)
    assert [fact["headline"] for fact in await house.told("ingested")][1:] == ["Pushed"]


async def test_what_is_not_signed_by_the_hub_is_dropped(web: Web, house: House) -> None:
    source = await subscribed(web, house)
    pushed = a_feed(an_entry("g-2", title="Forged", text=f"<p>{'A story that nobody sent. ' * 40}</p>"))
    await push(house, source, pushed, "another secret")
    for signature in ("", "sha256=", "md5=" + hashlib.md5(pushed).hexdigest(), "sha256=zz"):  # noqa: S324 - refused, as it must be
        headers = {"X-Hub-Signature": signature}
        assert (await house.client.post(f"/v1/websub/{source['id']}", content=pushed, headers=headers)).is_success
    assert len(await house.told()) == 1


async def test_pushed_summaries_have_the_source_looked_at_at_once(web: Web, house: House) -> None:
    source = await subscribed(web, house)
    await confirm(house, source)
    await house.fetch(source)
    net = datetime.fromisoformat((await house.source(source))["next_check_at"]) - datetime.now(UTC)
    assert net > timedelta(minutes=55)  # slow polling stays as a net under the hub
    await push(house, source, a_feed(an_entry("g-3", link=f"{web.url}/story")), await secret_of(house))
    assert datetime.fromisoformat((await house.source(source))["next_check_at"]) <= datetime.now(UTC)


async def test_a_push_that_is_no_feed_is_written_down(web: Web, house: House) -> None:
    source = await subscribed(web, house)
    await push(house, source, b"<html>Sorry</html>", await secret_of(house))
    lines = (await house.client.get("/v1/fetches", params={"source_id": source["id"]})).json()["items"]
    assert (lines[0]["kind"], lines[0]["outcome"], lines[0]["cause"]) == ("hub", "failed", "not_a_feed")
