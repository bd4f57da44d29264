"""The clock's door: functions that are due every so often, in every replica."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.runtime.database import Database, Transaction
from shared.runtime.handlers import Parts, fill, told_by

log = structlog.get_logger(__name__)
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


@dataclass
class Task:
    """One function and its interval in seconds."""

    function: Callable[..., Awaitable[Any]]
    seconds: float
    when: Callable[[AsyncSession], Awaitable[bool]] | None = None

    @property
    def name(self) -> str:
        """The function's name."""
        return str(getattr(self.function, "__name__", "task"))


class Clock:
    """What one service does by itself."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def every(self, seconds: float, when: Callable[[AsyncSession], Awaitable[bool]] | None = None) -> Callable[[F], F]:
        """Run the decorated function every so many seconds; one that returns True is run again at once.

        `when` is asked first whether there is anything to do, in a session that only reads: where there mostly is not,
        that costs a third of a transaction.
        """

        def register(function: F) -> F:
            self.tasks.append(Task(function, seconds, when))
            return function

        return register


async def tick(task: Task, database: Database, parts: Parts) -> bool:
    """One turn; True when more work waits. A Transaction or AsyncSession parameter makes the turn one transaction."""
    if task.when is not None:
        async with database.reading() as session:
            if not await task.when(session):
                return False
    wants = {name: kind for name, kind in get_type_hints(task.function).items() if name != "return"}
    if any(
        kind is Transaction or (isinstance(kind, type) and issubclass(kind, AsyncSession)) for kind in wants.values()
    ):
        async with database.transaction() as tx:
            result = await task.function(**fill(wants, parts, tx, None))
            tx.tell(*told_by(result))
    else:
        result = await task.function(**fill(wants, parts, None, None))
    return result is True


async def keep(task: Task, database: Database, parts: Parts) -> None:
    """Run a task for ever; an exception is logged and the next turn comes all the same."""
    while True:
        began = time.monotonic()
        try:
            if await tick(task, database, parts):
                continue
        except Exception as error:  # noqa: BLE001  # a clock that stopped would be a promise broken without a sign
            log.warning("a clock task failed", task=task.name, error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(max(0.0, task.seconds - (time.monotonic() - began)))
