"""Waiting for a fact instead of sleeping and hoping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], seconds: float = 20.0) -> T:
    """What `ask` answers first that is true. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not (answer := await ask()):  # noqa: ASYNC110  # the fact lies in another process or database
            await asyncio.sleep(0.02)
        return answer
