"""Real PostgreSQL and Valkey for every test that asks for them; the outside is closed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import redis

from ops import servers
from shared.runtime.migrate import upgrade

NewDatabase = Callable[[str], Awaitable[str]]
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this test run."""
    data = tmp_path_factory.mktemp("servers") / "pg"
    try:
        yield servers.start_postgres(data, durable=False)
    finally:
        servers.stop_postgres(data)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey server of this test run."""
    data = tmp_path_factory.mktemp("servers") / "valkey"
    try:
        yield servers.start_valkey(data)
    finally:
        servers.stop_valkey(data)


@pytest.fixture(scope="session")
def _templates() -> dict[str, str]:
    return {}


async def _execute(postgres_url: str, statement: str) -> None:
    host = postgres_url.partition("host=")[2]
    link = await asyncpg.connect(user="postgres", database="postgres", host=host)
    try:
        await link.execute(statement)
    finally:
        await link.close()


@pytest.fixture
def new_database(postgres_url: str, _templates: dict[str, str]) -> NewDatabase:
    """`await new_database("ingest")` → the URL of a fresh, migrated database of that service."""

    async def make(service: str) -> str:
        if service not in _templates:
            name = f"template_{service}"
            await _execute(postgres_url, f"CREATE DATABASE {name}")
            await asyncio.to_thread(upgrade, service, postgres_url.replace("/postgres?", f"/{name}?"))
            _templates[service] = name
        name = f"{service}_{next(_numbers)}"
        await _execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {_templates[service]}")
        return postgres_url.replace("/postgres?", f"/{name}?")

    return make


@pytest.fixture
def redis_url(valkey_url: str) -> str:
    """An empty Valkey database of its own."""
    url = valkey_url.rpartition("/")[0] + f"/{next(_numbers) % 64}"
    with redis.Redis.from_url(url) as link:
        link.flushdb()
    return url


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds the home of a running stack."""
    monkeypatch.setenv("NEWSROOM_HOME", str(tmp_path / "home"))
