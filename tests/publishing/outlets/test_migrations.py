"""The tables as the code has them are the tables that migrations make."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.publishing.storage import Table
from shared.runtime import tables
from shared.runtime.database import driver_url
from tests.conftest import NewDatabase


async def test_models_and_migrations_agree(new_database: NewDatabase) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, [Table.metadata, tables.metadata]))  # type: ignore[arg-type]  # takes many

    engine = create_async_engine(driver_url(await new_database("publishing")))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert [d for d in found if "alembic_version" not in str(d)] == []
