"""What a service says of itself: alive, ready, and in numbers."""

from redis import asyncio as aioredis
from sqlalchemy import text

from shared.runtime import Handlers, Service
from tests.builders import serving
from tests.conftest import NewDatabase
from tests.shared import travel


async def test_a_service_says_that_it_is_ready_and_counts_what_waits(new_database: NewDatabase, redis_url: str) -> None:
    service = Service("ingest", travel.settings(await new_database("ingest"), redis_url))
    app = service.join(handlers=Handlers("ingest"))
    async with serving(app) as client:

        async def ready() -> bool:
            return (await client.get("/readyz")).status_code == 200

        await travel.until(ready)
        async with service.database.transaction() as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO failed_events (consumer, event_id, stream, entry_id, type, event, error, dead)"
                    " VALUES ('ingest', gen_random_uuid(), 's', '1-0', 't', 'e', 'broken', true)"
                )
            )
        shown = (await client.get("/metrics")).text
        assert (await client.get("/healthz")).json()["status"] == "alive"
    assert 'newsroom_failed_events{service="ingest",state="dead"} 1.0' in shown
    assert 'newsroom_outbox_waiting{service="ingest"} 0.0' in shown
    assert 'newsroom_lag_entries{service="ingest",stream="token.issued"} 0.0' in shown


async def test_a_service_without_redis_says_so_and_is_not_ready(new_database: NewDatabase) -> None:
    service = Service("ingest", travel.settings(await new_database("ingest"), "redis://127.0.0.1:1/0"))
    app = service.join(handlers=Handlers("ingest"))
    async with serving(app) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "redis: ConnectionError" in answer.json()["detail"]


async def test_a_service_names_the_groups_that_keep_its_streams_growing(
    new_database: NewDatabase, redis_url: str
) -> None:
    known = travel.settings(await new_database("ingest"), redis_url, token="boot", keep_stream_seconds=0)
    before = travel.teller(known)
    async with travel.running(before), aioredis.from_url(redis_url) as redis:
        await travel.tell(before, "one", "two", "three")

        async def told() -> bool:
            return bool(await redis.xlen(travel.STREAM) == 3)

        await travel.until(told)
        await redis.xgroup_create(travel.STREAM, "renamed", id="0")
    service = Service("ingest", known)
    async with serving(service.join(handlers=Handlers("ingest"))) as client:
        client.headers["Authorization"] = "Bearer boot"

        async def looked() -> bool:
            return bool((await client.get("/v1/ops/status")).json()["held"])

        await travel.until(looked)
        assert (await client.get("/v1/ops/status")).json()["held"] == {travel.STREAM: ["renamed"]}
        shown = (await client.get("/metrics")).text
    assert f'newsroom_held_by_groups{{service="ingest",stream="{travel.STREAM}"}} 1.0' in shown
    assert 'newsroom_held_by_groups{service="ingest",stream="article.withdrawn"} 0.0' in shown
