"""A database of the first release keeps every fact and every position when positions get a table of their own."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from shared.runtime.migrate import SERVICES, config, upgrade
from tests.conftest import NewDatabase

_TOLD = """
    INSERT INTO outbox (stream, position, event_id, type, subject, event, due_at)
    VALUES ($1, $2, $3, 't', 's', $4, now() + $5 * interval '1 second')
"""
_PLACED = "SELECT stream, position, event_id, event FROM positions JOIN outbox USING (stream, event_id) ORDER BY 1, 2"
_WAITING = "SELECT stream, events, due_at > now() AS later FROM waiting ORDER BY id"
_BEFORE = "SELECT stream, position, event_id, event, due_at > now() AS later FROM outbox ORDER BY position, id"


async def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a query finds."""
    link = await asyncpg.connect(url.replace("+asyncpg", ""))
    found = [tuple(row) for row in await link.fetch(statement)]
    await link.close()
    return found


@pytest.mark.parametrize("service", sorted(path.parent.name for path in SERVICES.glob("*/migrations")))
async def test_no_fact_and_no_position_is_lost_on_the_way_there_and_back(
    new_database: NewDatabase, service: str
) -> None:
    url = await new_database(service)
    steps = ScriptDirectory.from_config(config(service, url)).walk_revisions()
    [before_it] = [step.down_revision for step in steps if step.path.endswith("_positions.py")]
    await asyncio.to_thread(command.downgrade, config(service, url), str(before_it))

    ids = [uuid4() for _ in range(5)]
    link = await asyncpg.connect(url.replace("+asyncpg", ""))
    told: list[tuple[str, int | None, UUID, str, int]] = [
        ("a", 2, ids[0], "second", 0),
        ("a", 1, ids[1], "first", 0),
        ("b", 1, ids[2], "other stream", 0),
        ("a", None, ids[3], "waits", 0),
        ("a", None, ids[4], "embargoed", 3600),
    ]
    await link.executemany(_TOLD, told)
    await link.close()
    before = await rows(url, _BEFORE)

    await asyncio.to_thread(upgrade, service, url)
    placed = [("a", 1, ids[1], "first"), ("a", 2, ids[0], "second"), ("b", 1, ids[2], "other stream")]
    assert await rows(url, _PLACED) == placed
    assert await rows(url, _WAITING) == [("a", [ids[3]], False), ("a", [ids[4]], True)]
    assert len(await rows(url, "SELECT event FROM outbox")) == 5

    await asyncio.to_thread(command.downgrade, config(service, url), str(before_it))
    assert sorted(map(str, await rows(url, _BEFORE))) == sorted(map(str, before))
