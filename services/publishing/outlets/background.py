"""Work that goes on beside the requests of a process, turn after turn, through every outage."""

import asyncio
from types import TracebackType
from typing import Self

import structlog

from shared.runtime.ending import end

log = structlog.get_logger(__name__)


class Background:
    """Runs `_turn` again and again while its block does; an async context manager.

    A turn holds its own waiting. `problem` says what the last one failed of, None where it did not.
    """

    problem: str | None = None
    pause = 1.0  # seconds after a turn that failed
    _task: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=type(self).__name__)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            await end([self._task])

    async def _run(self) -> None:
        await self._ready()
        while True:
            try:
                await self._turn()
                self.problem = None
            except Exception as error:  # noqa: BLE001  # an outage ends with the outage; the work outlives it
                self.problem = f"{type(error).__name__}: {error}"
                log.warning("a work beside the requests pauses", work=type(self).__name__, error=self.problem)
                await asyncio.sleep(self.pause)

    async def _ready(self) -> None:
        """What must be so before the first turn."""

    async def _turn(self) -> None:
        raise NotImplementedError
