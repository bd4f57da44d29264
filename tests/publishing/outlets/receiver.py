"""A consumer's endpoint for webhooks on loopback: keeps what it gets and answers what a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.responses import Response

from tests.served import on_loopback


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    body: bytes
    headers: dict[str, str]
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """`answer` decides by the number of the request (from 1); a float makes it wait that long first."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Callable[[int, Got], Response | float] = lambda _n, _got: Response(status_code=204)

    async def take(self, request: Request) -> Response:
        got = Got(await request.body(), dict(request.headers), asyncio.get_running_loop().time())
        self.got.append(got)
        said = self.answer(len(self.got), got)
        if isinstance(said, Response):
            return said
        await asyncio.sleep(said)
        return Response(status_code=204)

    async def number(self, wanted: int) -> bool:
        return len(self.got) >= wanted


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that runs while the block does."""
    receiver, app = Receiver(), FastAPI()
    app.add_api_route("/hook", receiver.take, methods=["POST"])
    async with on_loopback(app) as address:
        receiver.url = f"{address}/hook"
        yield receiver
