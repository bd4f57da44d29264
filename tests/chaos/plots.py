"""The houses chaos is made in: the lab, whose effects add up, and the real four services."""

import asyncio

import asyncpg
from sqlalchemy.engine import make_url

from benchmarks.pipeline.ground import runtime_tables
from shared.runtime.migrate import upgrade
from tests.chaos import lab
from tests.chaos.house import Plot

CLAIM_AFTER = 2.0
#: Quick enough that a run of a minute sees many retries, claims and timeouts.
_QUICK = {
    "CLAIM_AFTER": str(CLAIM_AFTER),
    "COMMAND_TIMEOUT": "4",
    "RETRY_WAITS": "[0.2, 0.5, 1.0, 2.0, 2.0, 2.0]",
    "RETRY_LEASE": "4",
    "POLL_MS": "500",
    "LOG_LEVEL": "INFO",
}


def _prepare_lab(_service: str, url: str) -> None:
    asyncio.run(_execute(url, [*runtime_tables(), *filter(str.strip, lab.SCHEMA.split(";"))]))


async def _execute(url: str, statements: list[str]) -> None:
    where = make_url(url)
    link = await asyncpg.connect(
        user="postgres", host=str(where.query["host"]), database=str(where.database), timeout=20
    )
    for statement in statements:
        await link.execute(statement)
    await link.close()


LAB = Plot(
    factories={name: f"tests.chaos.lab:build_{name}" for name in lab.NAMES},
    replicas={"enrichment": 2, "publishing": 2},
    prepare=_prepare_lab,
    settings=_QUICK,
)

_SERVICES = ("ingest", "enrichment", "moderation", "publishing")
REAL = Plot(
    factories={name: f"services.{name}.app:build" for name in _SERVICES},
    replicas={"publishing": 2},
    prepare=upgrade,
    settings=_QUICK,
)
