"""Migrations of one service's database: `python -m shared.runtime.migrate <service>` or `upgrade(service, url)`."""

import asyncio
import os
import sys
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.runtime import tables
from shared.runtime.database import driver_url

SERVICES = Path(__file__).parents[2] / "services"
_LOCK = 8_274_001  # one migration at a time, however many replicas start at once


def run(own: MetaData) -> None:
    """What every service's `migrations/env.py` calls: migrate the runtime's tables and its own, over one connection."""
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given, own)
        return
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("no database: set <SERVICE>_DATABASE_URL")
    asyncio.run(_connect(url, own))


async def _connect(url: str, own: MetaData) -> None:
    engine = create_async_engine(driver_url(url), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, own)
        await connection.commit()
    await engine.dispose()


def _migrate(connection: Connection, own: MetaData) -> None:
    context.configure(connection=connection, target_metadata=[tables.metadata, own], compare_type=True)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.run_migrations()


def config(service: str, url: str) -> Config:
    """Alembic's configuration for one service; there is no ini file to keep in step."""
    made = Config()
    made.set_main_option("script_location", str(SERVICES / service / "migrations"))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(service: str, url: str) -> None:
    """Bring a service's database to the newest revision. Blocking; call it from a thread inside async code."""
    command.upgrade(config(service, url), "head")


def main() -> None:
    """Migrate the services named on the command line, each at the URL in `<SERVICE>_DATABASE_URL`."""
    for service in sys.argv[1:]:
        url = os.environ.get(f"{service.upper()}_DATABASE_URL")
        if not url:
            raise SystemExit(f"{service}: set {service.upper()}_DATABASE_URL to the database to migrate")
        upgrade(service, url)
        sys.stdout.write(f"{service}: at the newest revision\n")


if __name__ == "__main__":
    main()
