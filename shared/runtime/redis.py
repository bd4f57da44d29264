"""One way to make a Redis client, with the timeouts that MESSAGING's measurements ask for."""

from typing import TypeAlias

from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

Redis: TypeAlias = "aioredis.Redis"

#: Longer than any blocking read (`poll_ms` ≤ 3000), short enough that a silent network is noticed.
SOCKET_TIMEOUT = 15.0


def connect(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`. It connects at first use and never retries by itself."""
    return aioredis.from_url(
        url,
        socket_timeout=SOCKET_TIMEOUT,
        socket_connect_timeout=5,
        socket_keepalive=None if url.startswith("unix:") else True,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
