"""The log is read page by page, whatever of it was dropped meanwhile, and a note that need not last does not wait."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from services.publishing.settings import Settings
from shared.runtime import Database
from shared.runtime.log import read_log
from shared.runtime.tables import outbox, positions
from tests.conftest import NewDatabase


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncIterator[Database]:
    """A log of twelve entries, of which the first five were dropped as too old."""
    database = Database(Settings(database_url=await new_database("publishing"), redis_url="redis://none"), "publishing")
    async with database.transaction() as tx:
        for position in range(6, 13):
            key = {"stream": "s", "event_id": uuid4()}
            await tx.session.execute(insert(outbox).values(**key, type="t", subject="about", event="{}"))
            await tx.session.execute(insert(positions).values(**key, position=position))
    yield database
    await database.close()


@pytest.mark.parametrize(
    ("after", "limit", "found"),
    [
        (0, 3, [6, 7, 8]),
        (0, 100, [6, 7, 8, 9, 10, 11, 12]),
        (3, 4, [6, 7, 8, 9]),
        (8, 2, [9, 10]),
        (10, 100, [11, 12]),
        (12, 100, []),
        (500, 100, []),
    ],
)
async def test_a_page_is_full_as_long_as_there_is_more(
    database: Database, after: int, limit: int, found: list[int]
) -> None:
    async with database.reading() as session:
        assert [entry.position for entry in await read_log(session, "s", after, limit)] == found


async def test_only_a_transaction_that_need_not_last_does_not_wait_for_the_disk(database: Database) -> None:
    async with database.transaction() as tx:  # the test's server waits for no disk at all
        name = (await tx.session.execute(text("SELECT current_database()"))).scalar()
        await tx.session.execute(text(f"ALTER DATABASE {name} SET synchronous_commit TO on"))
    await database.close()
    for lasting, wanted in ((False, "off"), (True, "on"), (False, "off")):
        async with database.transaction(lasting=lasting) as tx:
            assert (await tx.session.execute(text("SHOW synchronous_commit"))).scalar() == wanted
