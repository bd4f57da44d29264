"""A served moderation service with its own database and streams."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from services.moderation.app import build
from shared.runtime import Database
from tests.builders import serving
from tests.conftest import NewDatabase
from tests.moderation.builders import BEARER, a_database, settings


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncIterator[Database]:
    """Moderation's database, empty and migrated."""
    opened = a_database(await new_database("moderation"))
    yield opened
    await opened.close()


@pytest.fixture
async def desk(database: Database, redis_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with every role on a service that runs on the same database."""
    url = database.url.render_as_string(hide_password=False)
    async with serving(build(settings(url, redis_url)), headers=BEARER) as client:
        yield client
