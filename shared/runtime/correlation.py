"""One id for a request and all that it causes, its caller's or a new one: in its log lines, its facts, its answer."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from shared.runtime.moments import new_id

HEADER = "X-Correlation-Id"
_RAW = HEADER.lower().encode()
_LONGEST = 64


def correlation_of(scope: Mapping[str, Any]) -> str:
    """The id of the request with this scope."""
    return str(scope["state"]["correlation_id"])


class Correlated:
    """ASGI middleware that gives each request its id. Everything that the request's own task logs carries it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == _RAW), b"")
        known = given.decode("latin-1").strip()[:_LONGEST] or str(new_id())
        scope.setdefault("state", {})["correlation_id"] = known
        clear_contextvars()  # a request has a task of its own; what stands there was inherited from nobody it knows
        bind_contextvars(correlation_id=known)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (_RAW, known.encode("latin-1"))]}
            await send(message)

        await self.app(scope, receive, answer)
