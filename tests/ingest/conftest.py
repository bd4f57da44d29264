"""A little web and a running ingest that may read it."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import NewDatabase
from tests.ingest.builders import House, Web, a_house, a_web


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    """A web server on loopback."""
    async with a_web() as made:
        yield made


@pytest.fixture
async def house(web: Web, new_database: NewDatabase, redis_url: str) -> AsyncIterator[House]:
    """Ingest, allowed to read the little web; it looks at no source unless it is asked to."""
    async with a_house(
        await new_database("ingest"), redis_url, f"127.0.0.1:{web.port}", polls=0, new_polls=0, slow_polls=0
    ) as made:
        yield made
