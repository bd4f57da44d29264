"""Who reads the log, how far each is, and what everybody provably has."""

from typing import Any

from sqlalchemy import update
from sqlmodel import select

from services.publishing.storage.websub import Follower, forget_followers
from shared.runtime import new_id, utc_now
from shared.runtime.redis import connect
from tests.publishing.outlets.builders import another, kill, publish
from tests.publishing.outlets.conftest import House, OpenHouse
from tests.publishing.outlets.waiting import until


async def _consumers(house: House, kind: str) -> dict[str, dict[str, Any]]:
    items = (await house.client.get("/v1/consumers", headers=house.operator)).json()["items"]
    return {row["name"]: row for row in items if row["kind"] == kind}


async def _receipts(house: House, number: int) -> dict[str, dict[str, Any]]:
    answer = await house.client.get(f"/v1/articles/{another(number).article_id}/receipts", headers=house.operator)
    return {row["consumer"]: row for row in answer.json()["items"]}


async def test_a_redis_reader_that_writes_its_position_is_a_consumer_with_receipts(open_house: OpenHouse) -> None:
    async with open_house() as house, connect(house.settings.redis_url) as redis:
        await publish(house.database, *(another(n) for n in range(1, 6)))
        await until(lambda: redis.xlen("publications"))
        await redis.set("publications:at:archive", "3-0")

        async def known() -> dict[str, Any] | None:
            found = (await _consumers(house, "cursor")).get("archive")
            return found if found and (await _receipts(house, 3)).get("archive") else None

        found = await until(known)
        assert found is not None
        assert (found["position"], found["lag_entries"]) == (3, 2)
        assert found["lag_seconds"] > 0
        assert (await _receipts(house, 3))["archive"]["state"] == "has it"
        assert "archive" not in await _receipts(house, 4)


async def test_an_emptied_redis_is_told_the_positions_again(open_house: OpenHouse) -> None:
    async with open_house() as house, connect(house.settings.redis_url) as redis:
        await publish(house.database, *(another(n) for n in range(1, 4)))
        await until(lambda: redis.xlen("publications"))
        await redis.set("publications:at:archive", "2-0")
        await until(lambda: _consumers(house, "cursor"))
        await redis.flushdb()

        async def back() -> bool:
            return (await redis.get("publications:at:archive")) == b"2-0" and await redis.xlen("publications") == 3

        await until(back)


async def test_what_is_no_position_is_no_receipt(open_house: OpenHouse) -> None:
    async with open_house() as house, connect(house.settings.redis_url) as redis:
        await publish(house.database, another(1))
        await until(lambda: redis.xlen("publications"))
        for name, value in {"a": "soon", "b": "99-0", "c": "", "d": "9" * 40, "e": "-1", "good": "1-0"}.items():
            await redis.set(f"publications:at:{name}", value)
        assert list(await until(lambda: _consumers(house, "cursor"))) == ["good"]


async def test_a_removed_reader_is_listed_no_longer_and_its_receipts_stay(open_house: OpenHouse) -> None:
    async with open_house() as house, connect(house.settings.redis_url) as redis:
        await publish(house.database, another(1))
        await until(lambda: redis.xlen("publications"))
        await redis.set("publications:at:archive", "1-0")
        await until(lambda: _receipts(house, 1))
        await redis.delete("publications:at:archive")
        url = "/v1/consumers/cursor/archive"
        assert (await house.client.delete(url)).status_code == 401
        assert (await house.client.delete(url, headers=house.operator)).status_code == 204
        assert (await house.client.delete(url, headers=house.operator)).status_code == 404
        assert await _consumers(house, "cursor") == {}
        assert (await _receipts(house, 1))["archive"]["state"] == "has it"


async def _follow(house: House, topic: str, position: int) -> None:
    """Somebody follows a feed and was told up to a position; the callback is a closed port."""
    now = utc_now()
    follower = Follower(
        id=new_id(),
        topic=f"http://testserver{topic}",
        callback="http://127.0.0.1:1/",
        until=now.replace(year=now.year + 1),
        pushed_position=position,
        news_position=position,
        created_at=now,
    )
    async with house.database.transaction() as tx:
        tx.session.add(follower)


async def _news(house: House) -> dict[str, int]:
    async with house.database.reading() as session:
        rows = (await session.exec(select(Follower))).all()
    return {row.topic.removeprefix("http://testserver/feeds/"): row.news_position for row in rows}


async def test_a_follower_is_a_consumer_and_news_that_was_missed_is_found_again(open_house: OpenHouse) -> None:
    """Marked up to 1 by a process that died then: whoever comes next looks back, and nobody is told twice."""
    async with open_house() as house:
        await publish(house.database, another(1), another(2, section="local"))

        async def told() -> bool:
            return bool((await house.client.get("/v1/events?limit=1")).json()["head"] == 2)

        await until(told)
        await _follow(house, "/feeds/all.atom", 1)
        await _follow(house, "/feeds/sections/local.atom", 2)
        await _follow(house, "/feeds/sections/business.atom", 1)
    async with open_house(database_url=house.settings.database_url, redis_url=house.settings.redis_url) as later:

        async def marked() -> bool:
            return (await _news(later))["all.atom"] == 2

        await until(marked)
        assert await _news(later) == {"all.atom": 2, "sections/local.atom": 2, "sections/business.atom": 1}
        followers = await _consumers(later, "hub")
        assert len(followers) == 3
        assert followers["http://127.0.0.1:1/ ← http://testserver/feeds/all.atom"]["lag_entries"] == 1
        assert followers["http://127.0.0.1:1/ ← http://testserver/feeds/sections/local.atom"]["lag_entries"] == 0


async def test_a_kill_is_news_to_every_feed_that_may_have_listed_it(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, another(1), another(2))
        for shelf in ("tags/kremlin", "authors/hoa-vu", "outlets/vtc-news", "sections/business"):
            await _follow(house, f"/feeds/{shelf}.atom", 2)
        async with house.database.transaction() as tx:
            await tx.session.execute(update(Follower).values(push_at=None))
        await kill(house.database, another(1))

        async def marked() -> bool:
            return set((await _news(house)).values()) == {3}

        await until(marked)
        for shelf in ("tags/kremlin", "authors/hoa-vu", "outlets/vtc-news"):
            feed = (await house.client.get(f"/feeds/{shelf}.atom")).text
            assert f'ref="urn:uuid:{another(1).article_id}"' in feed
            assert "Story 1" not in feed


async def test_a_lease_that_ended_is_let_go(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await _follow(house, "/feeds/all.atom", 0)
        async with house.database.transaction() as tx:
            await forget_followers(tx.session, utc_now())
        assert set(await _news(house)) == {"all.atom"}
        async with house.database.transaction() as tx:
            await tx.session.execute(update(Follower).values(until=utc_now()))
            await forget_followers(tx.session, utc_now())
        assert await _news(house) == {}
