"""Webhooks arrive signed, in order, at least once; bad endpoints hurt only themselves; what is inside stays inside."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.responses import Response
from newsroom_client import verify
from sqlalchemy import update
from sqlmodel import col

from services.publishing.outlets.attempts import PATIENCE
from services.publishing.storage.deliveries import Delivery
from services.publishing.storage.subscriptions import Subscription
from shared.runtime import utc_now
from tests.publishing.outlets.builders import another, kill, publish
from tests.publishing.outlets.conftest import House, OpenHouse
from tests.publishing.outlets.receiver import Receiver, receiving
from tests.publishing.outlets.waiting import until


@pytest.fixture(autouse=True)
def _loopback_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSROOM_OUTBOUND_ALLOW", "127.0.0.1")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


async def _subscribe(house: House, url: str, **more: Any) -> dict[str, Any]:
    body = {"name": "the app", "url": url, **more}
    answer = await house.client.post("/v1/subscriptions", json=body, headers=house.operator)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _state(house: House, made: dict[str, Any]) -> dict[str, Any]:
    answer = await house.client.get(f"/v1/subscriptions/{made['id']}", headers=house.operator)
    found: dict[str, Any] = answer.json()
    return found


async def _deliveries(house: House, made: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    url = f"/v1/subscriptions/{made['id']}/deliveries"
    found: list[dict[str, Any]] = (await house.client.get(url, params=query, headers=house.operator)).json()["items"]
    return found


async def _told(house: House, position: int) -> None:
    """Wait until the log holds a position."""

    async def there() -> bool:
        return bool((await house.client.get("/v1/events?limit=1")).json()["head"] >= position)

    await until(there)


async def _hurry(house: House) -> None:
    """Let what waits be due now, as if its time had come."""
    async with house.database.transaction() as tx:
        moment = utc_now() - timedelta(seconds=1)
        await tx.session.execute(update(Subscription).values(due_at=moment))
        await tx.session.execute(update(Delivery).where(col(Delivery.state) == "waiting").values(due_at=moment))


async def test_a_publication_arrives_signed_by_secret_and_key(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        made = await _subscribe(house, receiver.url)
        await publish(house.database, another(1))
        await until(lambda: receiver.number(1))
        got = receiver.got[0]
        event = verify(got.body, got.headers, secrets=[made["secret"]])
        assert event == verify(got.body, got.headers, public_key=made["public_key"])
        assert (event["position"], event["data"]["slug"]) == (1, "story-1")
        assert got.id == event["id"]
        assert got.headers["content-type"] == "application/cloudevents+json"


async def test_the_secret_is_shown_once(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        made = await _subscribe(house, receiver.url)
        assert "secret" not in await _state(house, made)
        listed = await house.client.get("/v1/subscriptions", headers=house.operator)
        assert made["secret"] not in listed.text


async def test_everything_arrives_in_order(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        await publish(house.database, *(another(n) for n in range(1, 41)))
        await _subscribe(house, receiver.url, start=0)
        await publish(house.database, *(another(n) for n in range(41, 61)))
        await until(lambda: receiver.number(60))
        positions = [verify_position(got.body) for got in receiver.got]
        assert positions == list(range(1, 61))


def verify_position(body: bytes) -> int:
    """The position a body carries, which stands first."""
    return int(body.partition(b'"position":')[2].partition(b",")[0])


async def test_what_failed_is_tried_again_with_the_same_id_and_body_and_a_fresh_time(
    open_house: OpenHouse, receiver: Receiver
) -> None:
    async with open_house() as house:
        receiver.answer = lambda n, _: Response(status_code=500 if n == 1 else 200)
        made = await _subscribe(house, receiver.url)
        await publish(house.database, another(1), another(2))
        await until(lambda: receiver.number(1))

        async def failed_once() -> list[dict[str, Any]]:
            return [d for d in await _deliveries(house, made, state="waiting") if d["attempts"] == 1]

        waiting = (await until(failed_once))[0]
        assert waiting["log"][0]["status"] == 500
        await _hurry(house)
        await until(lambda: receiver.number(3))
        first, again, second = receiver.got
        assert (first.id, first.body) == (again.id, again.body)
        assert verify(again.body, again.headers, secrets=[made["secret"]])["position"] == 1
        assert verify_position(second.body) == 2


async def test_only_2xx_counts_and_redirects_are_not_followed(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        for number, status in enumerate((301, 302, 307, 308, 400, 404, 500, 503), 1):
            answer = Response(status_code=status, headers={"location": receiver.url})
            receiver.answer = lambda _n, _g, answer=answer: answer  # type: ignore[misc]  # bound now
            made = await _subscribe(house, receiver.url)
            await publish(house.database, another(number))

            async def noted(made: dict[str, Any] = made) -> list[dict[str, Any]]:
                return [d for d in await _deliveries(house, made) if d["attempts"]]

            found = (await until(noted))[0]
            assert (found["state"], found["log"][0]["status"]) == ("waiting", status)
            assert len(receiver.got) == number
            await house.client.delete(f"/v1/subscriptions/{made['id']}", headers=house.operator)


async def test_410_disables_and_resuming_goes_on(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        receiver.answer = lambda n, _: Response(status_code=410 if n == 1 else 200)
        made = await _subscribe(house, receiver.url)
        await publish(house.database, another(1))

        async def disabled() -> bool:
            return bool((await _state(house, made))["state"] == "disabled")

        await until(disabled)
        assert "410" in (await _state(house, made))["notice"]
        await publish(house.database, another(2))
        await house.client.post(f"/v1/subscriptions/{made['id']}/resume", headers=house.operator)
        await until(lambda: receiver.number(3))
        assert [verify_position(got.body) for got in receiver.got] == [1, 1, 2]


async def test_five_days_of_failures_pause_with_a_notice(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        receiver.answer = lambda _n, _g: Response(status_code=500)
        made = await _subscribe(house, receiver.url)
        async with house.database.transaction() as tx:
            await tx.session.execute(update(Subscription).values(failing_since=utc_now() - PATIENCE))
        await publish(house.database, another(1))

        async def paused() -> bool:
            return bool((await _state(house, made))["state"] == "paused")

        await until(paused)
        assert "no delivery succeeded since" in (await _state(house, made))["notice"]


async def test_a_bad_endpoint_delays_nobody_else(open_house: OpenHouse, receiver: Receiver) -> None:
    """While twelve endpoints hang, another gets everything. (How fast belongs to the benchmark.)"""
    async with open_house() as house, receiving() as slow:
        slow.answer = lambda _n, _g: 14.0
        hanging = [await _subscribe(house, slow.url) for _ in range(12)]
        await _subscribe(house, receiver.url)
        await publish(house.database, another(1))
        await until(lambda: slow.number(12))
        await publish(house.database, another(2))
        await until(lambda: receiver.number(2))
        for made in hanging:
            assert [(one["state"], one["attempts"]) for one in await _deliveries(house, made)] == [("waiting", 0)] * 2


UNREACHABLE = [
    "http://10.0.0.1/hook",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/hook",
    "http://0.0.0.0/hook",
    "http://192.168.1.1/hook",
    "http://2130706433/hook",
    "ftp://example.com/hook",
    "file:///etc/passwd",
    "http://user:password@example.com/hook",
    "no address",
]


async def test_what_may_not_be_reached_is_refused_at_creation(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSROOM_OUTBOUND_ALLOW", "")
    async with open_house() as house:
        for url in UNREACHABLE:
            body = {"name": "x", "url": url}
            answer = await house.client.post("/v1/subscriptions", json=body, headers=house.operator)
            assert answer.status_code == 422, url
            assert answer.json()["detail"].startswith("url:")


async def test_what_may_not_be_reached_any_more_is_refused_at_delivery(
    open_house: OpenHouse, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSROOM_OUTBOUND_ALLOW", "")
    async with open_house() as house:
        made = await _subscribe(house, "http://93.184.215.14/hook")
        async with house.database.transaction() as tx:
            await tx.session.execute(update(Subscription).values(url=receiver.url))
        await publish(house.database, another(1))

        async def noted() -> list[dict[str, Any]]:
            return [d for d in await _deliveries(house, made) if d["attempts"]]

        found = (await until(noted))[0]
        assert "closed_address" in found["log"][0]["error"]
        assert receiver.got == []


async def test_a_rotated_secret_signs_beside_the_old_one(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        made = await _subscribe(house, receiver.url)
        rotated = (await house.client.post(f"/v1/subscriptions/{made['id']}/secret", headers=house.operator)).json()
        await publish(house.database, another(1))
        await until(lambda: receiver.number(1))
        got = receiver.got[0]
        for secret in (made["secret"], rotated["secret"]):
            assert verify(got.body, got.headers, secrets=[secret])
        async with house.database.transaction() as tx:
            await tx.session.execute(update(Subscription).values(old_secret_until=utc_now() - timedelta(seconds=1)))
        await publish(house.database, another(2))
        await until(lambda: receiver.number(2))
        assert receiver.got[1].headers["webhook-signature"].count("v1,") == 1


async def test_a_filter_holds_and_a_kill_comes_through(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        await _subscribe(house, receiver.url, filters={"sections": ["business"], "types": []})
        await publish(house.database, another(1), another(2, section="business"), another(3))
        await kill(house.database, another(1))
        await until(lambda: receiver.number(2))
        assert [verify_position(got.body) for got in receiver.got] == [2, 4]


async def test_a_dry_run_says_what_would_come_and_why(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, another(1), another(2, section="business"))

        async def tried() -> dict[str, Any] | None:
            body = {"filters": {"sections": ["business"]}, "last": 10}
            answer = await house.client.post("/v1/subscriptions/dry-run", json=body, headers=house.operator)
            found: dict[str, Any] = answer.json()
            return found if found["looked_at"] == 2 else None

        found = await until(tried)
        assert found is not None
        assert [(i["position"], i["taken"], i["why"]) for i in found["items"]] == [
            (2, True, "everything fits"),
            (1, False, "section political-system is not among business"),
        ]


async def test_a_test_event_is_delivered_and_is_no_receipt(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        made = await _subscribe(house, receiver.url)
        await house.client.post(f"/v1/subscriptions/{made['id']}/test", headers=house.operator)
        await until(lambda: receiver.number(1))
        event = verify(receiver.got[0].body, receiver.got[0].headers, secrets=[made["secret"]])
        assert event["type"] == "newsroom.subscription.test.v1"


async def test_one_delivery_and_a_range_can_be_sent_again(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        made = await _subscribe(house, receiver.url)
        await publish(house.database, *(another(n) for n in range(1, 6)))
        await until(lambda: receiver.number(5))

        async def all_noted() -> list[dict[str, Any]]:
            found = await _deliveries(house, made, state="delivered")
            return found if len(found) == 5 else []

        first = (await until(all_noted))[-1]
        url = f"/v1/subscriptions/{made['id']}"
        await house.client.post(f"{url}/deliveries/{first['id']}/resend", headers=house.operator)
        await until(lambda: receiver.number(6))
        assert (receiver.got[5].id, receiver.got[5].body) == (receiver.got[0].id, receiver.got[0].body)
        answer = await house.client.post(f"{url}/resend", json={"first": 2, "last": 4}, headers=house.operator)
        assert answer.json() == {"queued": 3}
        await until(lambda: receiver.number(9))
        assert [got.body for got in receiver.got[6:]] == [got.body for got in receiver.got[1:4]]


async def test_a_replay_is_counted_first_then_sent_to_one(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house, receiving() as other:
        await publish(house.database, *(another(n) for n in range(1, 31)))
        await _told(house, 30)
        await _subscribe(house, other.url)
        made = await _subscribe(house, receiver.url)
        url = f"/v1/subscriptions/{made['id']}/replays"
        body = {"after": 10, "upto": 25, "rate": 10}

        async def counted() -> dict[str, Any] | None:
            answer = await house.client.post(url, json={**body, "count_only": True}, headers=house.operator)
            found: dict[str, Any] = answer.json()
            return found if found["total"] == 15 else None

        found = await until(counted)
        assert found is not None
        assert found["id"] is None
        assert (await house.client.get(url, headers=house.operator)).json() == []
        started = (await house.client.post(url, json=body, headers=house.operator)).json()
        await until(lambda: receiver.number(15))

        async def done() -> bool:
            seen = (await house.client.get(url, headers=house.operator)).json()[0]
            return bool((seen["state"], seen["sent"]) == ("done", 15))

        await until(done)
        assert [verify_position(got.body) for got in receiver.got] == list(range(11, 26))
        assert other.got == []
        over = await house.client.post(f"{url}/{started['id']}/pause", headers=house.operator)
        assert over.status_code == 409


async def test_receipts_name_who_has_it_and_who_waits(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house, receiving() as broken:
        broken.answer = lambda _n, _g: Response(status_code=500)
        await _subscribe(house, receiver.url, name="site")
        await _subscribe(house, broken.url, name="partner")
        article = another(1)
        await publish(house.database, article)

        async def both() -> dict[str, Any] | None:
            answer = await house.client.get(f"/v1/articles/{article.article_id}/receipts", headers=house.operator)
            found = {item["consumer"]: item for item in answer.json()["items"]}
            tried = found.get("partner", {}).get("attempts")  # the two lanes run side by side: either may be first
            return found if tried and found.get("site", {}).get("state") == "has it" else None

        found = await until(both)
        assert found is not None
        assert "partner: attempt 2 at" in found["partner"]["says"]
        await kill(house.database, article)

        async def acknowledged() -> Any:
            answer = await house.client.get(f"/v1/articles/{article.article_id}/receipts", headers=house.operator)
            found = {item["consumer"]: item for item in answer.json()["items"]}
            return found["site"]["kill_acknowledged"]

        assert await until(acknowledged)


async def test_others_subscriptions_are_nobodys_business(open_house: OpenHouse, receiver: Receiver) -> None:
    async with open_house() as house:
        made = await _subscribe(house, receiver.url)
        assert (await house.client.get(f"/v1/subscriptions/{made['id']}")).status_code == 401
        assert (await house.client.post("/v1/subscriptions", json={"name": "x", "url": "http://x"})).status_code == 401
