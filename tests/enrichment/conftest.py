"""An enricher on a fresh database."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import NewDatabase
from tests.enrichment.builders import Bench


@pytest.fixture
async def bench(new_database: NewDatabase) -> AsyncIterator[Bench]:
    """An enricher that nobody else uses."""
    made = Bench(await new_database("enrichment"))
    yield made
    await made.database.close()
