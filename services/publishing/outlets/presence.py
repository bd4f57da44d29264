"""A process's sign of life in the database: what it leased is free again the moment it dies, not when its lease ends.

The sign is an advisory lock on a connection of its own. PostgreSQL gives it up when the connection ends, and a killed
process's connection ends with it. One that is frozen keeps its connection: that is what the lease's own end is for.
"""

import asyncio
import secrets
from collections.abc import Callable

import asyncpg

from services.publishing.outlets.background import Background
from services.publishing.storage.subscriptions import COURIERS
from shared.runtime.database import Database

_BEAT = 2.0


class Presence(Background):
    """Held while its block runs, under a new `number` each time it had to be taken; an async context manager.

    `lost` is called when the sign was lost: others take over what is leased under the old number, so let go of it.
    """

    def __init__(self, database: Database, lost: Callable[[], None]) -> None:
        self.database, self.lost = database, lost
        self.number = 0
        self._held = asyncio.Event()

    async def held(self) -> str:
        """The number under which one may lease, as soon as it is held."""
        await self._held.wait()
        return str(self.number)

    async def _turn(self) -> None:
        try:
            await self._hold()
        finally:
            if self._held.is_set():
                self._held.clear()
                self.lost()

    async def _hold(self) -> None:
        url = self.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(url, timeout=5, command_timeout=5)
        try:
            number = secrets.randbelow(2**31)
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", COURIERS, number):
                return  # another drew the same number
            self.number = number
            self._held.set()
            while True:
                await asyncio.sleep(_BEAT)
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()
