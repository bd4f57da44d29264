"""Who a reader is that nobody asked for a name (a cookie, a token, an address), and how often one may speak."""

import hashlib
import re
import time
from dataclasses import dataclass, field
from uuid import uuid4

from fastapi import Request
from fastapi.responses import Response
from redis.exceptions import RedisError

from services.publishing.use_cases.comments import Reader
from shared.runtime import Principal, Problem
from shared.runtime.redis import Redis

COOKIE = "nwr_reader"
_ID = re.compile(r"[0-9a-f]{32}")
_YEAR = 365 * 24 * 3600


@dataclass
class Limits:
    """How often one address may do a thing: `most` per `seconds`, counted in Redis for all replicas together.

    While Redis is away each process counts for itself: a limit that fails open would be an invitation.
    """

    redis: Redis
    most: dict[str, tuple[int, int]] = field(default_factory=lambda: {"comment": (10, 60), "report": (20, 60)})
    _own: dict[str, int] = field(default_factory=dict)

    async def check(self, request: Request, act: str) -> None:
        """Count one act. Raises Problem 429 with Retry-After when the limit is passed."""
        most, seconds = self.most[act]
        now = time.time()
        window = int(now // seconds)
        key = f"limit:{act}:{_address(request)}:{window}"
        if await self._count(key, seconds) > most:
            wait = int((window + 1) * seconds - now) + 1
            raise Problem(
                429,
                "too-many-requests",
                "Too many requests.",
                detail=f"At most {most} of these in {seconds} s from one address; try again in {wait} s.",
                headers={"Retry-After": str(wait)},
            )

    async def _count(self, key: str, seconds: int) -> int:
        try:
            pipe = self.redis.pipeline(transaction=False)
            pipe.incr(key)
            pipe.expire(key, seconds + 1)
            return int((await pipe.execute())[0])
        except (RedisError, OSError):
            if len(self._own) > 10_000:
                self._own.clear()
            self._own[key] = self._own.get(key, 0) + 1
            return self._own[key]


def reader_of(request: Request, who: Principal, name: str) -> Reader:
    """The reader behind a request: its token's holder, else the browser's own random id."""
    if who.id != "anonymous":
        return Reader(f"token:{who.id}", name)
    kept = request.cookies.get(COOKIE, "")
    return Reader(f"reader:{kept if _ID.fullmatch(kept) else uuid4().hex}", name)


def visitor_of(request: Request, who: Principal, name: str) -> Reader:
    """The same for the API, where cookies are rare: without one the address stands for the reader, hashed."""
    if who.id != "anonymous" or _ID.fullmatch(request.cookies.get(COOKIE, "")):
        return reader_of(request, who, name)
    return Reader(f"address:{_address(request)}", name)


def keep_reader(answer: Response, reader: Reader) -> None:
    """Let the browser remember its random id, so that its comments have one author."""
    kind, _, value = reader.id.partition(":")
    if kind == "reader":
        answer.set_cookie(COOKIE, value, max_age=_YEAR, httponly=True, samesite="lax", path="/")


def _address(request: Request) -> str:
    host = request.client.host if request.client else "unknown"
    return hashlib.sha256(f"newsroom:{host}".encode()).hexdigest()[:24]
