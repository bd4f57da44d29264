"""Lanes: one subscription's deliveries in order, shared by replicas, free again when their process dies."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from services.publishing.outlets import signatures
from services.publishing.outlets.attempts import WAITS
from services.publishing.outlets.courier import Courier
from services.publishing.outlets.hub import Hub
from services.publishing.outlets.lane import LEASE
from services.publishing.outlets.presence import Presence
from services.publishing.settings import Settings
from services.publishing.storage import deliveries, subscriptions
from services.publishing.storage.deliveries import Delivery
from services.publishing.storage.subscriptions import Subscription
from services.publishing.use_cases import subscribing
from shared.runtime import Database
from shared.runtime.moments import new_id
from shared.runtime.outbound import OutboundError
from shared.runtime.redis import connect
from tests.publishing.outlets.waiting import until

BEGAN = datetime(2024, 11, 6, 9, 5, tzinfo=UTC)


@dataclass
class Said:
    """What an endpoint answers."""

    status_code: int = 204
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Endpoints:
    """Every endpoint at once: notes what is posted, answers what `answer` says of it (an exception is raised)."""

    got: list[tuple[str, str, bytes, int]] = field(default_factory=list)  # address, id, body, timestamp
    answer: Callable[[str, str], Said | Exception | Awaitable[Said]] = lambda _url, _id: Said()

    async def post(self, url: str, *, content: bytes, headers: dict[str, str], seconds: float, keep: int) -> Said:
        self.got.append((url, headers["webhook-id"], content, int(headers["webhook-timestamp"])))
        said = self.answer(url, headers["webhook-id"])
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, Said) else await said

    def ids(self, url: str = "http://a") -> list[str]:
        return [key for at, key, *_ in self.got if at == url]


@dataclass
class Clock:
    """Time that moves when told to."""

    now: datetime = BEGAN

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Ground:
    """A database with subscriptions and deliveries, and couriers over it."""

    database: Database
    hub: Hub
    endpoints: Endpoints
    clock: Clock

    def courier(self) -> Courier:
        return Courier(self.database, self.hub, self.endpoints.post, clock=self.clock, luck=lambda: 0.0)

    async def subscribe(self, number: int, url: str = "http://a", **more: Any) -> UUID:
        """An endpoint with `number` deliveries due now, whose ids are `<url>-1`, `<url>-2`, …"""
        now, key = self.clock(), uuid4()
        facts = {"name": url, "owner": "o", "url": url, "due_at": now, "created_at": now, "updated_at": now}
        keys = {"secret": signatures.new_secret(), "private_key": signatures.new_private()}
        async with self.database.transaction() as tx:
            tx.session.add(Subscription(id=key, **{**facts, **keys, **more}))
            rows = [self._delivery(key, url, n) for n in range(1, number + 1)]
            await deliveries.add_deliveries(tx.session, rows)
        return key

    def _delivery(self, key: UUID, url: str, number: int) -> dict[str, Any]:
        facts = {"event_id": f"{url}-{number}", "type": "t", "article_id": str(uuid4()), "body": f'{{"n":{number}}}'}
        moments = {"due_at": self.clock(), "created_at": self.clock(), "origin": "live", "run": 0}
        return {"id": new_id(), "subscription_id": key, "position": number, **facts, **moments}

    async def row(self, key: UUID) -> Subscription:
        async with self.database.reading() as session:
            found = await subscriptions.find_subscription(session, key)
        assert found is not None
        return found

    async def states(self, key: UUID) -> list[str]:
        query = select(Delivery.state).where(Delivery.subscription_id == key).order_by(col(Delivery.position))
        async with self.database.reading() as session:
            return list(await session.exec(query))

    async def at_rest(self, key: UUID) -> Subscription | None:
        """The subscription once nobody holds its lane and nothing in it is due."""
        row = await self.row(key)
        return row if row.leased_by is None and (row.due_at is None or row.due_at > self.clock()) else None


OpenGround = Callable[..., Any]


@pytest.fixture
def open_ground(settings_for: Callable[..., Awaitable[Settings]]) -> OpenGround:
    @asynccontextmanager
    async def enter() -> AsyncIterator[Ground]:
        settings = await settings_for()
        database = Database(settings, "publishing")
        async with connect(settings.redis_url) as redis:
            yield Ground(database, Hub(database, redis), Endpoints(), Clock())
        await database.close()

    return enter


async def test_the_whole_schedule_in_virtual_time(open_ground: OpenGround) -> None:
    """Ten attempts at the published moments; what stands behind waits all that time, then goes on at once."""
    async with open_ground() as ground:
        ground.endpoints.answer = lambda _url, key: Said(500 if key.endswith("-1") else 200)
        key = await ground.subscribe(2)
        async with ground.courier() as courier:
            while (row := await until(lambda: ground.at_rest(key))).due_at is not None:
                ground.clock.now = row.due_at
                courier.wake()
        first = [timestamp for _, id_, _, timestamp in ground.endpoints.got if id_.endswith("-1")]
        assert [at - int(BEGAN.timestamp()) for at in first] == [sum(WAITS[: n + 1]) for n in range(10)]
        assert ground.endpoints.ids() == ["http://a-1"] * 10 + ["http://a-2"]
        assert len({body for _, id_, body, _ in ground.endpoints.got if id_.endswith("-1")}) == 1
        assert await ground.states(key) == ["exhausted", "delivered"]


async def test_a_lane_that_waits_for_its_retry_is_left_alone(open_ground: OpenGround) -> None:
    """What stands behind a failure is due, and yet nothing looks at the lane until the failure's own time."""
    async with open_ground() as ground:
        ground.endpoints.answer = lambda *_: Said(500)
        key = await ground.subscribe(5)
        async with ground.courier() as courier:
            row = await until(lambda: ground.at_rest(key))
            assert row.due_at == BEGAN + timedelta(seconds=5)
            assert await courier.open_lanes() == 0
            subscriptions.wake_lane(row, BEGAN)  # as routing does for one more that stands behind
            assert row.due_at == BEGAN + timedelta(seconds=5)


async def test_what_a_dead_process_leased_is_free_at_once(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        held = {"leased_by": "12345", "lease_until": BEGAN + LEASE}
        key = await ground.subscribe(3, **held)
        async with ground.courier():
            await until(lambda: ground.at_rest(key))
        assert ground.endpoints.ids() == ["http://a-1", "http://a-2", "http://a-3"]


async def test_what_a_living_process_leased_is_not_taken(open_ground: OpenGround) -> None:
    async with open_ground() as ground, Presence(ground.database, lambda: None) as other:
        held = {"leased_by": await other.held(), "lease_until": BEGAN + LEASE}
        await ground.subscribe(3, **held)
        async with ground.courier() as courier:
            assert await courier.open_lanes() == 0
            ground.clock.now = BEGAN + LEASE + timedelta(seconds=1)  # alive, but frozen: its lease has ended
            assert await courier.open_lanes() == 1


async def test_replicas_share_the_work_and_keep_each_order(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        urls = [f"http://{n}" for n in range(6)]
        keys = [await ground.subscribe(60, url) for url in urls]
        async with ground.courier(), ground.courier(), ground.courier():
            for key in keys:
                await until(lambda key=key: ground.at_rest(key))  # type: ignore[misc]  # bound now
        for url in urls:
            assert ground.endpoints.ids(url) == [f"{url}-{n}" for n in range(1, 61)]


async def test_what_was_sent_and_not_noted_is_sent_again_the_same(open_ground: OpenGround) -> None:
    """A process that dies after the answer and before its note: the next one repeats, with the same id and body."""
    async with open_ground() as ground:
        key = await ground.subscribe(3)
        stuck = asyncio.Event()

        async def hang() -> Said:
            await stuck.wait()
            return Said()

        ground.endpoints.answer = lambda _url, id_: hang() if id_.endswith("-3") else Said()
        async with ground.courier() as first:
            await until(lambda: _length(ground.endpoints.got, 3))
            for _ in range(4):
                await first.means.desk.acquire()  # nothing can be noted any more, as after a kill
        ground.endpoints.answer = lambda *_: Said()
        async with ground.courier():
            await until(lambda: ground.at_rest(key))
        assert ground.endpoints.ids() == [f"http://a-{n}" for n in (1, 2, 3, 1, 2, 3)]
        assert [body for _, _, body, _ in ground.endpoints.got[:3]] == [b for _, _, b, _ in ground.endpoints.got[3:]]


async def _length(found: list[Any], wanted: int) -> bool:
    return len(found) >= wanted


async def test_in_a_parallel_lane_one_that_hangs_holds_up_nothing(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        stuck = asyncio.Event()

        async def hang() -> Said:
            await stuck.wait()
            return Said()

        ground.endpoints.answer = lambda _url, id_: hang() if id_.endswith("-1") else Said()
        key = await ground.subscribe(40, ordering="parallel")
        async with ground.courier():

            async def others() -> bool:
                return [*await ground.states(key)].count("delivered") == 39

            await until(others)
            stuck.set()
            await until(lambda: ground.at_rest(key))
        assert await ground.states(key) == ["delivered"] * 40


async def test_an_endpoint_that_fails_is_asked_little_until_it_is_well(open_ground: OpenGround) -> None:
    """A lane that sends eight at once sends two a second to one that fails, and again eight when it is back."""
    async with open_ground() as ground:
        running = most = 0
        back = asyncio.Event()

        async def answer() -> Said:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return Said(204 if back.is_set() else 500)

        ground.endpoints.answer = lambda *_: answer()
        key = await ground.subscribe(40, ordering="parallel", failing_since=BEGAN)
        async with ground.courier():
            await until(lambda: _length(ground.endpoints.got, 3))
            assert most == 2
            back.set()

            async def rest() -> bool:
                return [*await ground.states(key)].count("delivered") >= 36

            await until(rest)
        assert most == 8
        assert (await ground.row(key)).failing_since is None


async def test_nothing_real_waits_behind_a_test_that_failed(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        ground.endpoints.answer = lambda _url, id_: Said() if id_.startswith("http") else Said(400)
        key = await ground.subscribe(2)
        async with ground.database.transaction() as tx:
            await deliveries.add_deliveries(tx.session, [subscribing.a_test(await ground.row(key), BEGAN)])
        async with ground.courier():
            row = await until(lambda: ground.at_rest(key))
        assert (row.due_at, row.failing_since) == (None, None)
        assert await ground.states(key) == ["exhausted", "delivered", "delivered"]
        assert ground.endpoints.ids()[1:] == ["http://a-1", "http://a-2"]


async def test_a_parallel_lane_goes_on_past_what_failed(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        ground.endpoints.answer = lambda _url, id_: Said(500) if id_.endswith("-1") else Said()
        key = await ground.subscribe(3, ordering="parallel")
        async with ground.courier():
            row = await until(lambda: ground.at_rest(key))
        assert row.due_at == BEGAN + timedelta(seconds=5)
        assert await ground.states(key) == ["waiting", "delivered", "delivered"]


async def test_endpoints_that_fail_cannot_take_every_lane(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        for n in range(4):
            await ground.subscribe(1, f"http://ill-{n}", failing_since=BEGAN)
        await ground.subscribe(1, "http://well")
        async with ground.database.transaction() as tx:
            taken = await subscriptions.take_lanes(tx.session, "1", BEGAN, LEASE, limit=3, failing=2)
        assert [row.url.partition("-")[0] for row in taken] == ["http://well", "http://ill", "http://ill"]


@pytest.mark.parametrize(("status", "asked", "seconds"), [(429, "120", 120), (503, "60", 60), (500, "120", 5)])
async def test_retry_after_moves_the_lane(open_ground: OpenGround, status: int, asked: str, seconds: int) -> None:
    async with open_ground() as ground:
        ground.endpoints.answer = lambda *_: Said(status, {"retry-after": asked})
        key = await ground.subscribe(1)
        async with ground.courier():
            row = await until(lambda: ground.at_rest(key))
        assert row.due_at == BEGAN + timedelta(seconds=seconds)


async def test_an_endpoint_that_cannot_be_reached_says_so_in_the_log(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        ground.endpoints.answer = lambda *_: OutboundError("timeout", "a did not answer in full within 15 s.")
        key = await ground.subscribe(1)
        async with ground.courier():
            await until(lambda: ground.at_rest(key))
        async with ground.database.reading() as session:
            told = (await session.exec(select(Delivery))).one()
        assert told.log[0]["error"] == "timeout: a did not answer in full within 15 s."
        assert told.attempts == 1


async def test_the_delivery_log_is_forgotten_after_a_month_and_what_waits_is_not(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        ground.endpoints.answer = lambda _url, id_: Said(500) if id_.endswith("-3") else Said()
        key = await ground.subscribe(3)
        async with ground.courier():
            await until(lambda: ground.at_rest(key))
        for days, left in ((0, ["delivered", "delivered", "waiting"]), (1, ["waiting"])):
            async with ground.database.transaction() as tx:
                await deliveries.forget_deliveries(tx.session, BEGAN + timedelta(days=days))
            assert await ground.states(key) == left


async def test_a_courier_that_loses_its_sign_of_life_stops_sending_and_takes_a_new_one(open_ground: OpenGround) -> None:
    async with open_ground() as ground:
        lost = asyncio.Event()
        async with Presence(ground.database, lost.set) as presence:
            number = await presence.held()
            await _end_connections(ground.database)
            await asyncio.wait_for(lost.wait(), 20)
            assert await presence.held() != number


async def _end_connections(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = :lock"),
            {"lock": subscriptions.COURIERS},
        )
