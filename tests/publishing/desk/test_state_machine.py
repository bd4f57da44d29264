"""Whatever three editors do to three articles at once: no word lost, no state the workflow does not know, no fault."""

import asyncio
import os
from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr

from services.publishing.app import build
from services.publishing.settings import Settings
from tests.builders import serving
from tests.publishing.desk.day import Day, Step, days

RUNS = int(os.environ.get("NEWSROOM_DAYS", "15"))


async def test_no_day_at_the_desk_loses_a_word(new_database: Callable[[str], Awaitable[str]], redis_url: str) -> None:
    app = build(
        Settings(database_url=await new_database("publishing"), redis_url=redis_url, token=SecretStr("nwr_test"))
    )
    async with serving(app) as client:
        loop = asyncio.get_running_loop()
        client.headers["authorization"] = "Bearer nwr_test"

        @settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck))
        @given(days)
        def live(groups: list[list[Step]]) -> None:
            asyncio.run_coroutine_threadsafe(Day(client).run(groups), loop).result()

        await asyncio.to_thread(live)
