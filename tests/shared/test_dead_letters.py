"""Dead letters at the operators' doors: seen, read whole, handed out again, let go for good."""

from typing import Any

import httpx2
import pytest
from redis import asyncio as aioredis
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events import ArticleIngested
from shared.runtime import Handlers, Service, failures
from shared.runtime.failures import Delivery
from shared.runtime.moments import new_id
from shared.runtime.ops_doors import trace
from tests.builders import serving
from tests.conftest import NewDatabase
from tests.shared import travel

BOOT = {"Authorization": "Bearer boot"}
LETTERS = "/v1/ops/dead-letters"


class Choking:
    """A service that swallows nothing called "bad" until it is mended."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self.mended = False
        events = Handlers("enrichment")

        @events.on(ArticleIngested)
        async def hear(article: ArticleIngested, session: AsyncSession) -> None:
            if "bad" in article.headline and not self.mended:
                raise ValueError("cannot swallow this")
            await travel.write_down(article, session)

        self.service = Service("enrichment", travel.settings(database_url, redis_url, token="boot"))
        self.app = self.service.join(handlers=events)


@pytest.fixture
async def teller(new_database: NewDatabase, redis_url: str) -> Service:
    return travel.teller(travel.settings(await new_database("ingest"), redis_url))


@pytest.fixture
async def choking(new_database: NewDatabase, redis_url: str) -> Choking:
    made = Choking(await new_database("enrichment"), redis_url)
    await travel.prepare(made.service.database)
    return made


async def dead(client: httpx2.AsyncClient, count: int) -> list[dict[str, Any]]:
    """That many dead letters, when they are there."""

    async def there() -> bool:
        return len((await client.get(LETTERS)).json()["items"]) == count

    await travel.until(there)
    items: list[dict[str, Any]] = (await client.get(LETTERS)).json()["items"]
    return items


async def test_a_dead_letter_is_read_whole_and_handed_out_again_once_the_cause_is_mended(
    teller: Service, choking: Choking
) -> None:
    async with travel.running(teller), serving(choking.app, headers=BOOT) as client:
        await travel.tell(teller, "bad \N{LATIN SMALL LETTER D WITH STROKE}", "good")
        [letter] = await dead(client, 1)
        whole = (await client.get(f"{LETTERS}/{letter['id']}")).json()
        assert whole["event"]["data"]["headline"] == "bad đ"
        assert len(whole["story"]) == whole["attempts"] == 5
        assert "cannot swallow this" in letter["error"]
        traced = (await client.get(f"/v1/ops/trace/{letter['subject']}")).json()["items"]
        assert [step["what"] for step in traced] == ["dead letter"]
        choking.mended = True
        assert (await client.post(f"{LETTERS}/{letter['id']}/redrive")).json()["state"] == "due"
        await dead(client, 0)
        await travel.until(lambda: _heard(choking, 2))


async def test_a_letter_that_was_let_go_does_not_come_back_when_the_stream_is_filled_again(
    teller: Service, choking: Choking, redis_url: str
) -> None:
    async with travel.running(teller), serving(choking.app, headers=BOOT) as client:
        await travel.tell(teller, "bad")
        [letter] = await dead(client, 1)
        assert (await client.delete(f"{LETTERS}/{letter['id']}")).json()["state"] == "discarded"
        choking.mended = True  # so that it would show if it came again
        async with aioredis.from_url(redis_url) as redis:
            await redis.flushdb()
        await travel.tell(teller, "after")
        await travel.heard(choking.service, "after")
        assert await dead(client, 0) == []


async def test_an_error_of_the_database_does_not_carry_what_was_to_be_written(
    teller: Service, new_database: NewDatabase, redis_url: str
) -> None:
    """And a fact with a NUL, which PostgreSQL cannot hold as text, can be followed all the same."""
    hearer = travel.hearer(travel.settings(await new_database("enrichment"), redis_url))
    async with travel.running(teller, hearer):
        await travel.tell(teller, "secret \0")
        await travel.until(lambda: travel.failures(hearer))
        [row] = await travel.failures(hearer)
        assert "invalid byte sequence" in row.error
        assert "secret" not in row.error + str(row.story)
        async with teller.database.reading() as session:
            [step] = (await trace(row.subject, session))["items"]
    assert step["correlation_id"]


async def test_what_waits_for_another_attempt_or_was_never_here_is_no_dead_letter(choking: Choking) -> None:
    async with serving(choking.app, headers=BOOT) as client:
        nobody = f"{LETTERS}/00000000-0000-7000-8000-000000000000"
        for answer in [await client.delete(nobody), await client.post(f"{nobody}/redrive")]:
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-dead-letter")


async def _heard(choking: Choking, count: int) -> bool:
    return len(await travel.effects(choking.service)) == count


async def test_taking_one_message_counts_no_attempt_of_another(choking: Choking) -> None:
    """Also when the planner believes that the table holds one row, as it does before something breaks for many."""

    def broken(count: int) -> list[Delivery]:
        return [Delivery("article.ingested", f"{n}-0", str(new_id()), "t", "{}") for n in range(count)]

    async with choking.service.database.transaction() as tx:
        await failures.record(tx.session, "enrichment", broken(1), "broken", "broken", 0.0, dead=False)
        await tx.session.execute(text("ANALYZE failed_events"))
        await failures.record(tx.session, "enrichment", broken(50), "broken", "broken", 0.0, dead=False)
        assert await failures.take(tx.session, "enrichment", 60.0, 5) is not None
        counted = await tx.session.execute(text("SELECT attempts, count(*) FROM failed_events GROUP BY 1 ORDER BY 1"))
        assert [tuple(row) for row in counted] == [(1, 50), (2, 1)]
