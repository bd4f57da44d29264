"""One transaction at the door: what happens below it is committed here, with the facts it caused, or not at all."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.base import Event
from shared.runtime import outbox
from shared.runtime.crashpoints import boundary, crashpoint
from shared.runtime.envelope import Cause
from shared.runtime.settings import ServiceSettings

BEFORE_COMMIT = boundary("before_commit")
AFTER_COMMIT = boundary("after_commit")
_NOT_LASTING = text("SET LOCAL synchronous_commit TO off")


@dataclass(frozen=True)
class Later:
    """A fact that may not leave before `due` (an embargo, an undo); until then it has no position."""

    fact: Event
    due: datetime


Told = Event | Later


class Transaction:
    """An open transaction and the facts that will be told when, and only when, it commits."""

    def __init__(self, session: AsyncSession, cause: Cause) -> None:
        self.session = session
        self.cause = cause
        self.pending: list[tuple[Told, Cause]] = []

    def tell(self, *facts: Told, cause: Cause | None = None) -> None:
        """Tell facts at commit, in this order."""
        self.pending += [(fact, cause or self.cause) for fact in facts]

    @property
    def told(self) -> list[Event]:
        """The facts told so far."""
        return [t.fact if isinstance(t, Later) else t for t, _ in self.pending]


def driver_url(url: str) -> URL:
    """The URL with the driver this house uses, whatever way it was written; libpq's `host=` socket form is kept."""
    return make_url(url).set(drivername="postgresql+asyncpg")


class Database:
    """A service's own database: transactions that tell facts, and sessions that only read."""

    def __init__(self, settings: ServiceSettings, service: str) -> None:
        self.service = service
        self.partitions = settings.stream_partitions
        self.url = driver_url(settings.database_url)
        # A frozen consumer must not hold its locks for ever; whoever took over its work waits no longer than this.
        idle_ms = int(settings.claim_after * 2000) + 1000
        self.engine = create_async_engine(
            self.url,
            # None beyond the pool: those would be closed after one use, and opening one takes as long as ten answers.
            pool_size=2 * settings.pool_size,
            max_overflow=0,
            pool_use_lifo=True,
            pool_timeout=10,
            hide_parameters=True,  # or logs and dead letters would carry what was to be written: people, secrets
            pool_pre_ping=False,  # an outage is recognised where it happens; a ping per checkout costs a round trip
            connect_args={
                "timeout": 5,
                "command_timeout": settings.command_timeout,
                "server_settings": {
                    "application_name": f"newsroom-{service}",
                    "idle_in_transaction_session_timeout": str(idle_ms),
                    "timezone": "UTC",
                },
            },
        )
        #: The same connections for who only reads: each statement stands alone, without a BEGIN and ROLLBACK around it,
        #: and sees what a statement inside READ COMMITTED would see.
        self.reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        #: Set while this process is the one that relays: takes what was just committed, by event id, and whether
        #: some of it is not due yet, and looks at the outbox. Elsewhere the relay is woken through the database.
        self.wake_relay: Callable[[Mapping[UUID, outbox.Words], bool], None] | None = None

    @asynccontextmanager
    async def transaction(self, cause: Cause | None = None, *, lasting: bool = True) -> AsyncIterator[Transaction]:
        """Open a transaction; leaving it normally writes the outbox and commits, an exception rolls all of it back.

        One that is not `lasting` does not wait for the disk: a PostgreSQL that crashes within the next second forgets
        it whole. That is for notes of work that would then be done once more, never for what anybody was told.
        """
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            if not lasting:
                await session.execute(_NOT_LASTING)
            tx = Transaction(session, cause or Cause.fresh())
            yield tx
            await self.commit(tx)

    async def commit(self, tx: Transaction) -> None:
        """Write what was told and commit. Used by the doors; nobody below a door calls it."""
        ready = await outbox.write(tx.session, self.service, self.partitions, tx.pending)
        if tx.pending and self.wake_relay is None:
            await tx.session.execute(text("SELECT pg_notify('outbox', '')"))
        crashpoint(BEFORE_COMMIT)
        await tx.session.commit()
        crashpoint(AFTER_COMMIT)
        if tx.pending and self.wake_relay is not None:
            self.wake_relay(ready, len(ready) < len(tx.pending))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads: each statement stands alone and sees what is committed when it begins."""
        async with AsyncSession(self.reader, expire_on_commit=False) as session:
            yield session

    async def ping(self) -> None:
        """Raise unless the database answers and takes writes."""
        async with self.engine.connect() as connection:
            in_recovery = (await connection.execute(text("SELECT pg_is_in_recovery()"))).scalar()
            if in_recovery:
                raise ConnectionError("the database is a read-only replica")

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
