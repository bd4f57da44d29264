"""A publishing service of its own for tests of what leaves it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.publishing.app import build
from services.publishing.settings import Settings
from shared.runtime import Database
from tests.builders import serving
from tests.conftest import NewDatabase

BOOTSTRAP = "a-bootstrap-token-for-tests"


class House:
    """A served publishing: a client of its doors, and its database."""

    def __init__(self, app: FastAPI, client: httpx2.AsyncClient, database: Database, settings: Settings) -> None:
        self.app, self.client, self.database, self.settings = app, client, database, settings
        self.operator = {"authorization": f"Bearer {BOOTSTRAP}"}


OpenHouse = Callable[..., Any]
SettingsFor = Callable[..., Awaitable[Settings]]


@pytest.fixture
def settings_for(new_database: NewDatabase, redis_url: str) -> SettingsFor:
    """`await settings_for(stream_beat=0.2)` → settings of a publishing with its own empty database."""

    async def make(**changes: Any) -> Settings:
        facts: dict[str, Any] = {
            "database_url": await new_database("publishing"),
            "redis_url": redis_url,
            "token": SecretStr(BOOTSTRAP),
            "public_url": "http://testserver",
            "poll_ms": 200,
            "comments_per_minute": 1000,
        }
        return Settings(**{**facts, **changes})

    return make


@pytest.fixture
def open_house(settings_for: SettingsFor) -> OpenHouse:
    """`async with open_house() as house` → a served publishing."""

    @asynccontextmanager
    async def enter(**changes: Any) -> AsyncIterator[House]:
        settings = await settings_for(**changes)
        app = build(settings)
        async with serving(app) as client:
            database = Database(settings, "publishing")
            try:
                yield House(app, client, database, settings)
            finally:
                await database.close()

    return enter
