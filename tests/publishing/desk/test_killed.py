"""Killed in the middle of everything, the desk loses no confirmed save and lets nothing out early or twice."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import orjson
import pytest

from services.publishing.settings import Settings
from shared.runtime import Database
from shared.runtime.log import read_log
from tests.publishing.desk.replicas import AUTH, Replica

KILLS = int(os.environ.get("NEWSROOM_KILLS", "2"))
pytestmark = pytest.mark.chaos
STORY = {
    "headline": "Bridge",
    "body_html": "<p>b</p>",
    "outlet": "VTC",
    "credit": "Hoa",
    "source_url": "https://vtc.example",
    "language": "en",
}


@dataclass
class Register:
    """An article as a register: every confirmed write with the revision it read and the one it made."""

    id: str
    confirmed: dict[int, tuple[int, str]] = field(default_factory=dict)  # made → (read, value)
    open: set[str] = field(default_factory=set)  # values whose answer never came


async def _writer(number: int, replicas: list[Replica], registers: list[Register], until: float) -> None:
    luck = random.Random(number)
    loop = asyncio.get_running_loop()
    count = 0
    async with httpx2.AsyncClient(headers=AUTH, timeout=5) as client:
        while loop.time() < until:
            register, replica = luck.choice(registers), luck.choice(replicas)
            count += 1
            value = f"writer {number} write {count}"
            try:
                seen = await client.get(f"{replica.url}/v1/articles/{register.id}")
                if seen.status_code != 200:
                    continue
                register.open.add(value)
                answer = await client.patch(
                    f"{replica.url}/v1/articles/{register.id}",
                    json={"headline": value},
                    headers={"if-match": seen.headers["etag"]},
                )
            except httpx2.TransportError:
                await asyncio.sleep(0.05)
                continue
            register.open.discard(value)
            if answer.status_code == 200:
                made = answer.json()["revision"]
                assert made not in register.confirmed, "two writers were told the same revision"
                register.confirmed[made] = (seen.json()["revision"], value)
            else:
                assert answer.status_code in {412, 503}, answer.text


async def test_eight_writers_under_kill_9_are_linearizable(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    url = await new_database("publishing")
    replicas = [Replica(url, redis_url), Replica(url, redis_url)]
    try:
        for replica in replicas:
            await replica.start()
        async with httpx2.AsyncClient(headers=AUTH) as client:
            made = [await client.post(f"{replicas[0].url}/v1/articles", json=STORY) for _ in range(5)]
        registers = [Register(answer.json()["id"]) for answer in made]
        until = asyncio.get_running_loop().time() + 3 * KILLS
        writers = [asyncio.create_task(_writer(n, replicas, registers, until)) for n in range(8)]
        for turn in range(KILLS):
            await asyncio.sleep(1)
            await replicas[turn % 2].kill()
            await replicas[turn % 2].start()
        await asyncio.gather(*writers)
        confirmed = 0
        async with httpx2.AsyncClient(headers=AUTH) as client:
            for register in registers:
                confirmed += await _check(client, replicas[0], register)
        assert confirmed > 50
    finally:
        for replica in replicas:
            await replica.kill()


async def _check(client: httpx2.AsyncClient, replica: Replica, register: Register) -> int:
    """Every write read the one before it; every confirmed one is there; what else is there was really asked for."""
    last = (await client.get(f"{replica.url}/v1/articles/{register.id}")).json()["revision"]
    for number in range(2, last + 1):
        kept = (await client.get(f"{replica.url}/v1/articles/{register.id}/revisions/{number}")).json()
        assert kept["base"] == number - 1, "a write overwrote one it had not seen"
        value = kept["content"]["headline"]
        if number in register.confirmed:
            assert register.confirmed[number] == (number - 1, value)
        else:
            assert value in register.open
    assert not [made for made in register.confirmed if made > last], "a confirmed write is gone"
    return len(register.confirmed)


async def test_schedules_go_out_once_and_in_time_while_replicas_are_killed(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    url = await new_database("publishing")
    replicas = [Replica(url, redis_url), Replica(url, redis_url)]
    try:
        for replica in replicas:
            await replica.start()
        due = await _schedule(replicas[0], 20)
        for turn in range(KILLS):
            await asyncio.sleep(1)
            await replicas[turn % 2].kill()
            await replicas[turn % 2].start()
        told = await _told(Settings(database_url=url, redis_url=redis_url), len(due))
    finally:
        for replica in replicas:
            await replica.kill()
    assert sorted(told) == sorted(due), "each once, none missing"
    late = [(told[key] - due[key]).total_seconds() for key in due]
    assert min(late) >= 0, "early"
    assert max(late) <= 2, f"late by {max(late):.2f} s"


async def _schedule(replica: Replica, many: int) -> dict[str, datetime]:
    start = datetime.now(UTC) + timedelta(seconds=3)
    due = {}
    async with httpx2.AsyncClient(headers=AUTH, base_url=replica.url) as client:
        for n in range(many):
            article = (await client.post("/v1/articles", json=STORY)).json()["id"]
            at = start + timedelta(milliseconds=437 * n)
            answer = await client.post(f"/v1/articles/{article}/schedule", json={"at": at.isoformat()})
            assert answer.status_code == 200, answer.text
            due[article] = at
    return due


async def _told(settings: Settings, many: int) -> dict[str, datetime]:
    """When each publication left, from the log; waits until all have a position."""
    database = Database(settings, "publishing")
    entries: list[Any] = []
    for _ in range(400):
        with suppress(OSError):
            async with database.reading() as session:
                entries = await read_log(session, "publications", limit=1000)
        if len(entries) >= many:
            break
        await asyncio.sleep(0.05)
    await database.close()
    return {entry.subject: datetime.fromisoformat(orjson.loads(entry.event)["time"]) for entry in entries}
