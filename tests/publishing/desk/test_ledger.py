"""Whoever ever received a story is named when it is killed, however long after; and so is who acknowledged the kill."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from services.publishing.app import build
from services.publishing.settings import Settings
from services.publishing.storage import articles, receipts
from services.publishing.storage.receipts import Receipt, book
from services.publishing.use_cases import intake
from services.publishing.use_cases.acts import By, Order, act
from shared.runtime import Database, housekeeping, utc_now
from shared.runtime.log import Entry, head, read_log
from tests.builders import serving
from tests.publishing.desk.twins import ingested, key

_AUTH = {"authorization": "Bearer nwr_boot_strap"}
STORY = key("public", 0)


async def _entries(database: Database, many: int) -> list[Entry]:
    """The log, once the relay has given `many` positions."""
    for _ in range(200):
        async with database.reading() as session:
            if await head(session, "publications") >= many:
                return await read_log(session, "publications")
        await asyncio.sleep(0.02)
    raise AssertionError("the relay gave no positions in four seconds")


async def _receive(database: Database, entries: list[Entry], consumers: list[tuple[str, str]]) -> None:
    told = [Receipt(entry.subject, entry.position, entry.type) for entry in entries]
    async with database.transaction() as tx:
        for kind, name in consumers:
            await book(tx.session, kind, name, told, utc_now())


@pytest.mark.parametrize("days", [15, 200])
async def test_a_late_kill_names_every_former_recipient(
    days: int, new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    url = await new_database("publishing")
    settings = Settings(database_url=url, redis_url=redis_url, token=SecretStr("nwr_boot_strap"), enrichment_wait=0)
    database = Database(settings, "publishing")
    everybody = [
        ("stream", "archive"),
        ("webhook", str(key("subscription", 1))),
        ("pull", "app"),
        ("sse", "newsletter"),
    ]
    async with serving(build(settings)) as client:
        async with database.transaction() as tx:
            tx.tell(*await intake.take_in(tx.session, [ingested("public", 0)], settings, utc_now()))
        await _receive(database, await _entries(database, 1), everybody)
        await _let_pass(database, settings, days)

        async with database.transaction() as tx:
            locked = await articles.lock_article(tx.session, STORY)
            assert locked is not None
            order = Order(note="a court said so")
            tx.tell(*await act(tx.session, locked, "kill", order, By("mai", "Mai"), settings, utc_now()))
        entries = await _entries(database, 2)
        before = await _ask(client)
        assert {(row["kind"], row["state"]) for row in before} == {
            (kind, "has an older entry") for kind, _ in everybody
        }

        await _receive(database, entries[1:], everybody[:3])
        after = {row["kind"]: row["state"] for row in await _ask(client)}
        assert after == {"stream": "has it", "webhook": "has it", "pull": "has it", "sse": "has an older entry"}
        async with database.reading() as session:
            acked = {row.kind: row.kill_acked_at for row in await receipts.recipients_of(session, STORY)}
        assert {kind for kind, at in acked.items() if at is None} == {"sse"}
    await database.close()


async def _ask(client: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/articles/{STORY}/receipts", headers=_AUTH)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def _let_pass(database: Database, settings: Settings, days: int) -> None:
    """Everything is that much older now, and the house was tidied up."""
    moments = {"outbox": ["created_at"], "waiting": ["due_at"], "recipients": ["first_at", "last_at"]}
    async with database.transaction() as tx:
        for table, columns in moments.items():
            older = ", ".join(f"{column} = {column} - CAST(:by AS interval)" for column in columns)
            shift = text(f"UPDATE {table} SET {older}")  # noqa: S608  # names of this test
            await tx.session.execute(shift, {"by": timedelta(days=days)})
    await housekeeping.forget(database, settings)
