"""Makes the services' databases where they are missing and brings each to the newest revision (`make migrate`)."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from ops.home import SERVICES, Home, database_urls
from ops.servers import ServerError, start_postgres, stop_postgres
from shared.runtime.migrate import upgrade


async def create(url: str, server: str | None) -> bool:
    """Make the database of this URL, with the role it names as its owner, if it is missing; True when it was made.

    `server` is the URL of a role that may make them (default: the URL's own). Raises `SystemExit` with a sentence
    when the server cannot be reached or refuses.
    """
    own = make_url(url)
    try:
        await (await _connect(own, str(own.database))).close()
    except (
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidPasswordError,
        asyncpg.InvalidAuthorizationSpecificationError,
    ):
        return await _make(own, make_url(server) if server else own.set(database="postgres"))
    except (OSError, asyncpg.PostgresError) as error:
        raise SystemExit(f"PostgreSQL at {own.render_as_string()} does not let us in: {error}.") from error
    return False


async def _make(own: URL, server: URL) -> bool:
    try:
        link = await _connect(server, str(server.database or "postgres"))
        try:
            if own.username != server.username:
                await _make_role(link, own)
            return await _make_database(link, own)
        finally:
            await link.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise SystemExit(f"The database {own.database} is missing and could not be made: {error}.") from error


async def _make_role(link: "asyncpg.Connection", own: URL) -> None:
    password = await link.fetchval("SELECT quote_literal($1::text)", own.password or "")
    exists = await link.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", own.username)
    await link.execute(f'{"ALTER" if exists else "CREATE"} ROLE "{own.username}" LOGIN PASSWORD {password}')


async def _make_database(link: "asyncpg.Connection", own: URL) -> bool:
    if await link.fetchval("SELECT true FROM pg_database WHERE datname = $1", own.database):
        return False
    try:
        await link.execute(f'CREATE DATABASE "{own.database}" OWNER "{own.username}"')
        await link.execute(f'REVOKE ALL ON DATABASE "{own.database}" FROM PUBLIC')
    except asyncpg.DuplicateDatabaseError:  # another replica was quicker
        return False
    return True


async def _connect(url: URL, database: str) -> "asyncpg.Connection":
    host = url.query.get("host") or url.host
    return await asyncpg.connect(
        user=url.username, password=url.password, host=host, port=url.port, database=database, timeout=10
    )


def migrate(databases: dict[str, str], server: str | None = None) -> None:
    """Create what is missing and migrate each of the service → URL; one line each."""
    for service, url in databases.items():
        made = asyncio.run(create(url, server))
        upgrade(service, url)
        print(f"{service}: {'made, ' if made else ''}at the newest revision", flush=True)


def main() -> None:
    """Migrate the databases the environment names, else those of the local PostgreSQL (started for it if need be)."""
    named = {name: os.environ.get(f"{name.upper()}_DATABASE_URL", "") for name in sys.argv[1:] or SERVICES}
    server = os.environ.get("DATABASE_URL")
    if all(named.values()):
        migrate(named, server)
    elif server:
        migrate({name: url for name, url in database_urls(server).items() if name in named})
    else:
        _migrate_local(Home.here().folder / "postgres", list(named))


def _migrate_local(data: Path, services: list[str]) -> None:
    try:
        server = start_postgres(data)
        migrate({name: url for name, url in database_urls(server).items() if name in services})
    except ServerError as error:
        raise SystemExit(str(error)) from error
    finally:
        stop_postgres(data)


if __name__ == "__main__":
    main()
