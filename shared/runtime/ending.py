"""Ending tasks for certain: one `cancel()` may be lost in a library that turns it into an error of its own."""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN = 0.5  # seconds; asyncio.wait_for before Python 3.12 and drivers in mid-connect are known to swallow a cancel


async def end(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until every one has ended; what they raised is theirs."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN)
