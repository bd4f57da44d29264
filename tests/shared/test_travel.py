"""How a fact travels, on the real servers: once through, whatever happens on the way."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from redis import asyncio as aioredis
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events import ArticleEnriched, ArticleIngested
from shared.runtime import Handlers, Later, Service, utc_now
from shared.runtime.envelope import Cause
from shared.runtime.streams import position_of, trim
from tests.builders import an_article
from tests.conftest import NewDatabase
from tests.shared import travel


@pytest.fixture
async def urls(new_database: NewDatabase, redis_url: str) -> tuple[str, str, str]:
    """Two databases and a Redis."""
    return await new_database("ingest"), await new_database("enrichment"), redis_url


def names(count: int, start: int = 0) -> list[str]:
    """Headlines."""
    return [f"story {n:04}" for n in range(start, start + count)]


async def test_told_before_anybody_listened_is_heard_all_the_same(urls: tuple[str, str, str]) -> None:
    tells, hears = travel.settings(urls[0], urls[2]), travel.settings(urls[1], urls[2])
    teller = travel.teller(tells)
    async with travel.running(teller):
        await travel.tell(teller, *names(50))
        async with aioredis.from_url(urls[2]) as redis:
            await travel.until(lambda: redis.exists(travel.STREAM))
            hearer = travel.hearer(hears)
            async with travel.running(hearer):
                await travel.heard(hearer, *names(50))


async def test_positions_count_from_one_without_gaps_and_are_the_entry_ids(urls: tuple[str, str, str]) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    async with travel.running(teller):
        await asyncio.gather(*[travel.tell(teller, *names(5, 5 * n)) for n in range(8)])
        async with aioredis.from_url(urls[2]) as redis:

            async def all_sent() -> bool:
                return await redis.xlen(travel.STREAM) == 40

            await travel.until(all_sent)
            entries: Any = await redis.xrange(travel.STREAM)
    assert [position_of(entry_id) for entry_id, _ in entries] == list(range(1, 41))
    assert set(entries[0][1]) == {b"id", b"type", b"event"}
    assert entries[6][1][b"event"].startswith(b'{"position":7,"specversion":"1.0"')


@pytest.mark.parametrize("count", [1, 21])
async def test_a_clock_that_is_put_back_holds_up_nothing_that_was_told(urls: tuple[str, str, str], count: int) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    await travel.tell(teller, *names(count))
    async with teller.database.transaction() as tx:
        await tx.session.execute(text("UPDATE waiting SET due_at = due_at + interval '1 hour'"))  # the clock goes back
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        await travel.until(lambda: _holds(redis, travel.STREAM, count))


async def test_facts_on_a_stream_that_only_a_newer_replica_knows_wait_for_it_without_a_stir(
    urls: tuple[str, str, str],
) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        async with teller.database.transaction() as tx:
            unknown = "INSERT INTO waiting (stream, events, due_at) VALUES ('newer', ARRAY[gen_random_uuid()], 'epoch')"
            await tx.session.execute(text(unknown))
        await travel.tell(teller, "known")
        await travel.until(lambda: _holds(redis, travel.STREAM, 1))
        assert teller.relay is not None
        teller.relay._due_asked = 0.0  # as after a second
        await teller.relay._rest()
        assert teller.relay._due is None, "nothing that this relay could number is due"


@pytest.mark.parametrize("count", [1, 20, 21, 450])  # written by a statement, by COPY, and waiting in several rows
async def test_one_transaction_is_told_in_its_order_however_much_it_tells(
    urls: tuple[str, str, str], count: int
) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        soon = utc_now() + timedelta(seconds=0.2)
        async with teller.database.transaction() as tx:
            tx.tell(*(an_article(headline=headline) for headline in names(count)))
            tx.tell(Later(an_article(headline="later"), soon))

        async def all_sent() -> bool:
            return await redis.xlen(travel.STREAM) == count + 1

        await travel.until(all_sent)
        entries: Any = await redis.xrange(travel.STREAM)
    told = [json.loads(fields[b"event"])["data"]["headline"] for _, fields in entries]
    assert told == [*names(count), "later"]


async def test_what_is_told_for_later_lets_others_pass_and_leaves_when_it_is_due(urls: tuple[str, str, str]) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        async with teller.database.transaction() as tx:
            tx.tell(Later(an_article(headline="later"), utc_now() + timedelta(seconds=0.4)))
        await travel.tell(teller, "now")

        async def both() -> bool:
            return await redis.xlen(travel.STREAM) == 2

        await travel.until(both)
        entries: Any = await redis.xrange(travel.STREAM)
    assert [json.loads(fields[b"event"])["data"]["headline"] for _, fields in entries] == ["now", "later"]


async def test_what_a_replica_tells_leaves_through_the_relay_of_another(urls: tuple[str, str, str]) -> None:
    first, second = (travel.teller(travel.settings(urls[0], urls[2])) for _ in range(2))
    async with travel.running(first, second), aioredis.from_url(urls[2]) as redis:

        async def led() -> bool:
            return any(each.relay is not None and each.relay.leading for each in (first, second))

        await travel.until(led)
        await asyncio.gather(*[travel.tell(each, *names(3)) for each in (first, second) for _ in range(5)])

        async def all_sent() -> bool:
            return await redis.xlen(travel.STREAM) == 30

        await travel.until(all_sent)
        entries: Any = await redis.xrange(travel.STREAM)
        assert [position_of(entry_id) for entry_id, _ in entries] == list(range(1, 31))


async def test_an_entry_delivered_again_has_no_second_effect(urls: tuple[str, str, str]) -> None:
    teller, hearer = _pair(urls)
    async with travel.running(teller, hearer), aioredis.from_url(urls[2]) as redis:
        await travel.tell(teller, *names(3))
        await travel.heard(hearer, *names(3))
        group = hearer.handlers.group
        await redis.xgroup_setid(travel.STREAM, group, "0")  # Redis hands out everything once more
        await travel.tell(teller, "after")
        await travel.heard(hearer, *names(3), "after")
        await travel.until(lambda: _settled(redis, group))
        assert await travel.effects(hearer) == sorted([*names(3), "after"])


async def test_a_poison_message_becomes_a_dead_letter_after_five_attempts_while_others_flow(
    urls: tuple[str, str, str],
) -> None:
    tried: Counter[str] = Counter()

    async def choke(article: ArticleIngested, session: AsyncSession) -> None:
        tried[article.headline] += 1
        if article.headline == "story 0003":
            raise ValueError("cannot swallow this")
        await travel.write_down(article, session)

    teller = travel.teller(travel.settings(urls[0], urls[2]))
    hearer = travel.hearer(travel.settings(urls[1], urls[2]), choke)
    others = [n for n in names(10) if n != "story 0003"]
    async with travel.running(teller, hearer):
        await travel.tell(teller, *names(10))
        await travel.heard(hearer, *others)

        async def dead() -> bool:
            return [row.dead for row in await travel.failures(hearer)] == [True]

        await travel.until(dead)
        [row] = await travel.failures(hearer)
        # Once in its batch, which the inbox rolled back with it, and five times alone.
        assert (row.attempts, tried["story 0003"], len(row.story)) == (5, 6, 5)
        assert "cannot swallow this" in row.error
        assert await travel.effects(hearer) == others


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"event": "not json"}, "is known here"),
        ({"type": "newsroom.article.ingested.v1", "event": "{"}, "Invalid JSON"),
        ({"type": "newsroom.article.ingested.v1", "event": '{"id": "x"}'}, "id"),
        ({"type": "newsroom.article.vanished.v9", "event": "{}"}, "newsroom.article.vanished.v9"),
        ({"data": b"\xff\xfe\x00"}, "no field `event`"),
    ],
)
async def test_what_is_no_event_is_kept_as_a_dead_letter_and_stops_nobody(
    urls: tuple[str, str, str], fields: dict[str, str], because: str
) -> None:
    hearer = travel.hearer(travel.settings(urls[1], urls[2]))
    async with travel.running(hearer), aioredis.from_url(urls[2]) as redis:
        await redis.xadd(travel.STREAM, dict[Any, Any](fields), id="1-0")

        async def kept() -> bool:
            return bool(await travel.failures(hearer))

        await travel.until(kept)
        [row] = await travel.failures(hearer)
        assert row.dead
        assert because in row.error
        await travel.until(lambda: _settled(redis, hearer.handlers.group))


async def test_after_flushall_the_stream_is_filled_again_and_nothing_is_lost_or_doubled(
    urls: tuple[str, str, str],
) -> None:
    teller, hearer = _pair(urls)
    async with travel.running(teller, hearer), aioredis.from_url(urls[2]) as redis:
        await travel.tell(teller, *names(20))
        await travel.heard(hearer, *names(20))
        await redis.flushdb()
        await travel.tell(teller, *names(20, 20))
        await travel.heard(hearer, *names(40))

        async def whole() -> bool:
            return await redis.xlen(travel.STREAM) == 40

        await travel.until(whole)
        await travel.until(lambda: _settled(redis, hearer.handlers.group))
        assert await travel.effects(hearer) == names(40)


async def test_a_quiet_stream_that_redis_lost_comes_back_by_itself(urls: tuple[str, str, str]) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        await travel.tell(teller, *names(5))

        async def whole() -> bool:
            return await redis.xlen(travel.STREAM) == 5

        await travel.until(whole)
        await redis.delete(travel.STREAM)
        await travel.until(whole)


async def test_a_lost_tail_is_appended_before_anything_newer(urls: tuple[str, str, str]) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        await travel.tell(teller, *names(10))

        async def sent() -> bool:
            return await redis.exists(travel.STREAM) == 1 and await redis.xlen(travel.STREAM) == 10

        await travel.until(sent)
        kept: Any = await redis.xrange(travel.STREAM, count=6)
        async with redis.pipeline(transaction=True) as restored:  # as Redis stands after it lost four entries
            restored.delete(travel.STREAM)
            for entry_id, fields in kept:
                restored.xadd(travel.STREAM, fields, id=entry_id)
            await restored.execute()
        await travel.tell(teller, *names(2, 10))

        async def complete() -> bool:
            return await redis.xlen(travel.STREAM) == 12

        await travel.until(complete)
        found = [position_of(entry_id) for entry_id, _ in await _entries(redis, travel.STREAM)]
        assert found == list(range(1, 13))


async def test_what_a_dead_consumer_held_is_done_by_another(urls: tuple[str, str, str]) -> None:
    teller, hearer = _pair(urls)
    group = hearer.handlers.group
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        await travel.tell(teller, *names(7))
        await travel.until(lambda: redis.exists(travel.STREAM))
        await redis.xgroup_create(travel.STREAM, group, id="0")

        async def taken() -> bool:
            await redis.xreadgroup(group, "dead-1", {travel.STREAM: ">"})
            return bool((await redis.xpending(travel.STREAM, group))["pending"] == 7)

        await travel.until(taken)
        async with travel.running(hearer):
            await travel.heard(hearer, *names(7))
            await travel.until(lambda: _settled(redis, group))
            assert await travel.failures(hearer) == []


async def test_a_long_batch_is_not_taken_for_abandoned(urls: tuple[str, str, str]) -> None:
    begun = Counter[str]()

    async def slowly(article: ArticleIngested, session: AsyncSession) -> None:
        begun[article.headline] += 1
        await asyncio.sleep(1.5)
        await travel.write_down(article, session)

    made = travel.settings(urls[1], urls[2], claim_after=1.0, command_timeout=30.0)
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    first, second = travel.hearer(made, slowly), travel.hearer(made, slowly)
    async with travel.running(teller, first, second):
        await travel.tell(teller, "slow")
        await travel.heard(first, "slow")
        assert begun["slow"] == 1
        assert await travel.failures(first) == []


async def test_stopping_lets_the_running_batch_finish_and_acknowledges_it(urls: tuple[str, str, str]) -> None:
    entered = asyncio.Event()

    async def slowly(article: ArticleIngested, session: AsyncSession) -> None:
        entered.set()
        await asyncio.sleep(0.5)
        await travel.write_down(article, session)

    teller = travel.teller(travel.settings(urls[0], urls[2]))
    hearer = travel.hearer(travel.settings(urls[1], urls[2]), slowly)
    async with travel.running(teller), aioredis.from_url(urls[2]) as redis:
        async with travel.running(hearer):
            await travel.tell(teller, "last")
            await asyncio.wait_for(entered.wait(), 10)
        pending = await redis.xpending(travel.STREAM, hearer.handlers.group)
        assert pending["pending"] == 0
        again = travel.hearer(travel.settings(urls[1], urls[2]))
        async with travel.running(again):
            await travel.heard(again, "last")


async def test_trimming_never_passes_what_a_group_has_not_settled(urls: tuple[str, str, str]) -> None:
    async with aioredis.from_url(urls[2]) as redis:
        for n in range(1, 11):
            await redis.xadd("s", {"n": n}, id=f"{n}-0")
        assert await trim(redis, "s", 11) == []
        assert await redis.xlen("s") == 10, "nobody has settled anything where there is no group"
        await redis.xgroup_create("s", "fast", id="10")
        await redis.xgroup_create("s", "slow", id="0")
        await redis.xreadgroup("slow", "c", {"s": ">"}, count=6)
        await redis.xack("s", "slow", *[f"{n}-0" for n in (1, 2, 3, 5)])
        assert await trim(redis, "s", 3) == []
        assert await redis.xlen("s") == 8, "not beyond the age that is asked for"
        assert await trim(redis, "s", 11) == ["slow"], "4 is still pending"
        assert [position_of(i) for i, _ in await _entries(redis, "s")] == [4, 5, 6, 7, 8, 9, 10]


async def test_one_id_spans_all_that_one_act_caused(urls: tuple[str, str, str]) -> None:
    events = Handlers("enrichment")

    @events.on(ArticleIngested)
    async def withdraw(articles: list[ArticleIngested]) -> list[ArticleEnriched]:
        return [travel.enriched(article) for article in articles]

    hearer = Service("enrichment", travel.settings(urls[1], urls[2]))
    hearer.join(handlers=events)
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    cause = Cause.fresh("đặt-hàng-17")
    async with travel.running(teller, hearer), aioredis.from_url(urls[2]) as redis:
        async with teller.database.transaction(cause) as tx:
            tx.tell(an_article(headline="Đường sắt"))

        async def answered() -> bool:
            return bool(await redis.exists("article.enriched") and await redis.xlen("article.enriched"))

        await travel.until(answered)
        [(_, asked)] = await _entries(redis, travel.STREAM)
        [(_, answer)] = await _entries(redis, "article.enriched")
    first, second = json.loads(asked[b"event"]), json.loads(answer[b"event"])
    assert first["correlationid"] == second["correlationid"] == "đặt-hàng-17"
    assert second["causationid"] == first["id"]
    assert first["traceparent"].split("-")[1] == second["traceparent"].split("-")[1] == cause.traceparent.split("-")[1]
    assert JSONFormat().read(CloudEvent, answer[b"event"]).get_type() == "newsroom.article.enriched.v1"


async def test_two_handlers_of_one_stream_are_refused_with_both_names() -> None:
    events = Handlers("enrichment")
    events.on(ArticleIngested)(travel.write_down)

    async def other(article: ArticleIngested) -> None: ...

    with pytest.raises(TypeError, match=r"other and write_down both hear article\.ingested"):
        events.on(ArticleIngested)(other)


async def test_a_redis_that_is_ahead_of_the_database_is_refused_and_said(urls: tuple[str, str, str]) -> None:
    teller = travel.teller(travel.settings(urls[0], urls[2]))
    async with aioredis.from_url(urls[2]) as redis:
        await redis.xadd(travel.STREAM, {"id": "x"}, id="900-0")
        async with travel.running(teller):
            await travel.tell(teller, "one")

            async def said() -> bool:
                return any("ends at 900" in trouble for trouble in await teller.troubles())

            await travel.until(said)
            await redis.delete(travel.STREAM)

            async def sent() -> bool:
                return await redis.exists(travel.STREAM) == 1 and not await teller.troubles()

            await travel.until(sent)


def _pair(urls: tuple[str, str, str]) -> tuple[Service, Service]:
    return (
        travel.teller(travel.settings(urls[0], urls[2])),
        travel.hearer(travel.settings(urls[1], urls[2])),
    )


async def _settled(redis: "aioredis.Redis", group: str) -> bool:
    [info] = [g for g in await redis.xinfo_groups(travel.STREAM) if g["name"] == group.encode()]
    return bool(info["pending"] == 0 and info["lag"] == 0)


async def _holds(redis: "aioredis.Redis", stream: str, count: int) -> bool:
    return int(await redis.xlen(stream)) == count


async def _entries(redis: "aioredis.Redis", stream: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    found: Any = await redis.xrange(stream)
    return list(found)
