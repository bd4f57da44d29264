"""Servers that restart or refuse under running services: nothing is lost, nothing doubled, nobody restarted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from ops import servers
from shared.runtime import Service
from shared.runtime.migrate import upgrade
from tests.shared import travel


@dataclass(frozen=True)
class Ground:
    """Servers of this test alone."""

    postgres: Path
    valkey: Path
    port: int
    databases: tuple[str, str]
    redis: str


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    """A PostgreSQL with two services' databases and a Valkey with its append-only file."""
    postgres, valkey = tmp_path / "pg", tmp_path / "valkey"
    url = await asyncio.to_thread(servers.start_postgres, postgres, durable=False)
    redis = await asyncio.to_thread(servers.start_valkey, valkey)
    try:
        link = await asyncpg.connect(user="postgres", database="postgres", host=url.partition("host=")[2])
        urls = []
        for service in ("ingest", "enrichment"):
            await link.execute(f"CREATE DATABASE {service}")
            urls.append(url.replace("/postgres?", f"/{service}?"))
            await asyncio.to_thread(upgrade, service, urls[-1])
        await link.close()
        yield Ground(postgres, valkey, urlsplit(redis).port or 0, (urls[0], urls[1]), redis)
    finally:
        await asyncio.to_thread(servers.stop_postgres, postgres)
        await asyncio.to_thread(servers.stop_valkey, valkey)


def _services(ground: Ground) -> tuple[Service, Service]:
    teller = travel.teller(travel.settings(ground.databases[0], ground.redis))
    return teller, travel.hearer(travel.settings(ground.databases[1], ground.redis))


async def test_redis_restarts_while_facts_travel(ground: Ground) -> None:
    teller, hearer = _services(ground)
    async with travel.running(teller, hearer):
        await travel.tell(teller, "before")
        await travel.heard(hearer, "before")
        await asyncio.to_thread(servers.stop_valkey, ground.valkey)
        await travel.tell(teller, "while it is away")  # committed: a push is never refused because Redis is away
        await asyncio.to_thread(servers.start_valkey, ground.valkey, ground.port)
        await travel.heard(hearer, "before", "while it is away")
        await travel.until(lambda: _untroubled(teller, hearer))


async def test_postgresql_restarts_while_facts_travel(ground: Ground) -> None:
    teller, hearer = _services(ground)
    async with travel.running(teller, hearer):
        await travel.tell(teller, *[f"before {n}" for n in range(20)])
        await asyncio.to_thread(servers.stop_postgres, ground.postgres)
        assert await teller.troubles(), "a service without its database says so"
        await asyncio.to_thread(servers.start_postgres, ground.postgres, durable=False)
        await travel.until(lambda: _untroubled(teller, hearer))
        await travel.tell(teller, "after")
        await travel.heard(hearer, *[f"before {n}" for n in range(20)], "after")
        assert await travel.failures(hearer) == [], "an outage is nobody's failed attempt"


async def _untroubled(*services: Service) -> bool:
    return not [trouble for service in services for trouble in await service.troubles()]
