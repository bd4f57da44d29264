"""How often one caller may ask: every API answer says how much is left, and one too many is refused before any work."""

import hashlib
import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime import Problem

_WINDOW = 60
_MOST_CALLERS = 50_000


@dataclass
class _Window:
    """What one caller has asked in the minute that ends then; `known`: a token of theirs was accepted in it."""

    ends: float
    asked: int = 0
    known: bool = False


@dataclass
class RateLimit:
    """ASGI middleware: at most `most` requests a minute of one caller at `/v1/`, and `wrong` with tokens nobody knows.

    A caller is whoever shows one token or cookie, else an address. Each process counts for itself, in memory: asking
    Redis would cost as much as answering, and with n replicas n times as much is allowed. Pages, feeds and checks of
    health beside `/v1/` are not counted. Guessing at tokens shuts an address out, but none that was right lately.
    The headers are those of the IETF draft "RateLimit header fields for HTTP".
    """

    app: ASGIApp
    most: int
    wrong: int
    _callers: dict[bytes, _Window] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        now, host = time.monotonic(), (scope.get("client") or ("unknown", 0))[0]
        shows_token = "authorization" in Headers(scope=scope)
        window, guesses = self._window(_caller(scope, host), now), self._window(f"wrong:{host}".encode(), now)
        window.asked += 1
        over = window if window.asked > self.most else None
        if shows_token and guesses.asked >= self.wrong and not window.known:
            over = guesses
        if over is not None:
            await self._refused(over, now)(scope, receive, send)
            return

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                if shows_token and message["status"] == 401:
                    guesses.asked += 1
                elif shows_token:
                    window.known = True
                MutableHeaders(scope=message).update(self._headers(window, now))
            await send(message)

        await self.app(scope, receive, tell)

    def _window(self, caller: bytes, now: float) -> _Window:
        found = self._callers.get(caller)
        if found is not None and found.ends > now:
            return found
        if len(self._callers) >= _MOST_CALLERS:  # first those whose minute is over, then, under attack, all
            current = {key: kept for key, kept in self._callers.items() if kept.ends > now}
            self._callers = current if len(current) < _MOST_CALLERS else {}
        self._callers[caller] = window = _Window(now + _WINDOW)
        return window

    def _headers(self, window: _Window, now: float) -> dict[str, str]:
        left, seconds = max(0, self.most - window.asked), int(window.ends - now) + 1
        return {"RateLimit-Policy": f'"all";q={self.most};w={_WINDOW}', "RateLimit": f'"all";r={left};t={seconds}'}

    def _refused(self, window: _Window, now: float) -> ASGIApp:
        wait = int(window.ends - now) + 1
        detail = f"At most {self.most} requests a minute, and {self.wrong} with a wrong token; try again in {wait} s."
        headers = {"Retry-After": str(wait), **self._headers(window, now)}
        return Problem(429, "too-many-requests", "Too many requests.", detail=detail, headers=headers).response()


def _caller(scope: Scope, host: str) -> bytes:
    """Who asks, as a key that holds no secret."""
    for name, value in scope["headers"]:
        if name == b"authorization" or (name == b"cookie" and b"nwr_desk=" in value):
            return hashlib.blake2b(value, digest_size=16).digest()
    return f"address:{host}".encode()
