"""One way to a Redis, whichever the URL says: one server, a master that Sentinels watch, or a Redis Cluster.

`redis://…` `rediss://…` `unix://…` · `redis-sentinel://[user:password@]host:26379,host:26379/newsroom` (the path is the
master's name) · `redis-cluster://[user:password@]host:7000,host:7001`. `rediss-…` is the same over TLS.
Timeouts are the ones that MESSAGING's measurements ask for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import unquote, urlsplit

import hiredis
from faststream.redis import RedisBroker
from faststream.redis.broker.cluster_broker import RedisClusterBroker
from faststream.redis.broker.sentinel_broker import RedisSentinelBroker
from faststream.redis.configs import state
from redis import asyncio as aioredis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialBackoff, NoBackoff

Redis: TypeAlias = "aioredis.Redis"  # a cluster's client has the same methods and no type in common

#: Longer than any blocking read (`poll_ms` ≤ 3000), short enough that a silent network is noticed.
SOCKET_TIMEOUT = 15.0
_CONNECTING = 5.0
_PORTS = {"single": 6379, "sentinel": 26379, "cluster": 6379}


class _Watchers(Sentinel):
    """Sentinels, asked by one task at a time.

    redis-py moves the one that answered to the front of its list. Two tasks that do so at once put one Sentinel there
    twice and lose another: with every failover fewer would be known, until the only one left dies too.
    """

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)  # type: ignore[no-untyped-call]
        self._turn = asyncio.Lock()

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        async with self._turn:
            found: tuple[str, int] = await super().discover_master(service_name)
            return found


vars(state)["Sentinel"] = _Watchers  # FastStream's clients ask in the same way


@dataclass(frozen=True)
class Place:
    """Where a Redis is, as its URL says."""

    kind: Literal["single", "sentinel", "cluster"]
    nodes: tuple[tuple[str, int], ...] = ()
    master: str = ""
    options: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, url: str) -> Place:
        """Read a URL. Raises ValueError that says what is wrong with it, without its password."""
        scheme, _, kind = urlsplit(url).scheme.partition("-")
        if not kind:
            return cls("single")
        if scheme not in ("redis", "rediss") or kind not in ("sentinel", "cluster"):
            raise ValueError(
                f"REDIS_URL begins with {urlsplit(url).scheme!r}; see docs/decisions/0061 for what it takes"
            )
        who, _, where = urlsplit(url).netloc.rpartition("@")
        user, _, password = who.partition(":")
        given = {"username": unquote(user) or None, "password": unquote(password) or None}
        options = {name: value for name, value in given.items() if value}
        if scheme == "rediss":
            options["ssl"] = "yes"
        nodes = tuple(_node(each, _PORTS[kind]) for each in where.split(",") if each)
        master = urlsplit(url).path.strip("/")
        if not nodes or (kind == "sentinel" and not master):
            raise ValueError(
                f"REDIS_URL names no {'host' if not nodes else 'master: add /NAME, as the Sentinels know it'}"
            )
        return cls("sentinel" if kind == "sentinel" else "cluster", nodes, master, tuple(options.items()))

    @property
    def given(self) -> dict[str, Any]:
        """Credentials and TLS, as redis-py takes them."""
        return {name: True if name == "ssl" else value for name, value in self.options}


def _node(text: str, port: int) -> tuple[str, int]:
    host, colon, digits = text.rpartition(":")
    if colon and not digits.isdigit():
        raise ValueError(f"REDIS_URL: {digits!r} is no port")
    return (host, int(digits)) if colon else (text, port)


class Connection(aioredis.Connection):
    """A plain connection whose commands hiredis packs, which unpacks the answers anyway: a relay's have 800 words each.

    redis-py lets it do so in its blocking client only, and packs word by word in Python here.
    """

    def pack_command(self, *args: Any) -> list[bytes]:
        """A command as the bytes that are sent."""
        name, *words = args
        return [hiredis.pack_command((*name.split(), *words))]  # two words in one, like XINFO STREAM, are sent apart


def connect(url: str) -> Redis:
    """A client, which connects at first use. It never retries by itself but to find the new master of a failover."""
    place = Place.of(url)
    waits: dict[str, Any] = {"socket_timeout": SOCKET_TIMEOUT, "socket_connect_timeout": _CONNECTING}
    if place.kind == "cluster":
        nodes = [ClusterNode(*node) for node in place.nodes]
        return cast("Redis", RedisCluster(startup_nodes=nodes, retry=_failing_over(), **place.given, **waits))
    never = {"retry": Retry(NoBackoff(), 0), "health_check_interval": 0}
    if place.kind == "sentinel":
        watchers = _Watchers(list(place.nodes), sentinel_kwargs=_asking(place), **place.given, **waits, **never)
        client: Redis = watchers.master_for(place.master)
        return client
    alive = None if url.startswith("unix:") else True
    return aioredis.from_url(url, connection_class=Connection, socket_keepalive=alive, **waits, **never)


def broker(url: str, *, stop_within: float) -> RedisBroker:
    """FastStream's broker for the same place."""
    place = Place.of(url)
    told: dict[str, Any] = {
        "apply_types": False,
        "logger": logging.getLogger("faststream"),
        "log_level": logging.DEBUG,
        "graceful_timeout": stop_within,
        "socket_timeout": SOCKET_TIMEOUT,
        "socket_connect_timeout": _CONNECTING,
        **place.given,
    }
    if place.kind == "cluster":
        host, port = place.nodes[0]
        rest = place.nodes[1:]
        return RedisClusterBroker(f"redis://{host}:{port}", startup_nodes=rest, retry=_failing_over(), **told)
    if place.kind == "sentinel":
        names: dict[str, Any] = {"sentinels": list(place.nodes), "sentinel_master_name": place.master}
        return RedisSentinelBroker(**names, sentinel_kwargs=_asking(place), **told)
    return RedisBroker(url, **told)


@contextlib.asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Redis]:
    """A client for a moment."""
    client = connect(url)
    try:
        yield client
    finally:
        await close(client)


async def close(redis: Redis) -> None:
    """Close a client and the Sentinels it asked, which redis-py leaves open."""
    await redis.aclose()
    watch = getattr(getattr(redis, "connection_pool", None), "sentinel_manager", None)
    await asyncio.gather(*(each.aclose() for each in (watch.sentinels if watch else [])))


async def servers(url: str) -> list[Redis]:
    """A client of every single server behind a URL, replicas too: for what Redis does not replicate (its users)."""
    place = Place.of(url)
    if place.kind == "single":
        return [connect(url)]
    async with visiting(url) as some:
        client: Any = some
        if place.kind == "cluster":
            await client.initialize()
            found = [(node.host, node.port) for node in client.get_nodes()]
        else:
            watch: Any = client.connection_pool.sentinel_manager
            found = [await watch.discover_master(place.master), *await watch.discover_slaves(place.master)]
    waits: dict[str, Any] = {"socket_timeout": SOCKET_TIMEOUT, "socket_connect_timeout": _CONNECTING}
    return [aioredis.Redis(host=host, port=port, **place.given, **waits) for host, port in found]


async def answers(redis: Redis) -> None:
    """Raise unless Redis answers: of a cluster, every master."""
    client: Any = redis
    if isinstance(client, RedisCluster):
        await client.ping(target_nodes=RedisCluster.PRIMARIES)
    else:
        await client.ping()


async def mend_routing(redis: Redis) -> None:
    """Let a cluster's client give up a default node that died. No harm with any other Redis.

    redis-py asks the default node where the keys of an XREAD stand, and looks for another one only when a command of
    its own fails there: without this, a reader whose default node died stays deaf although the cluster is whole again.
    """
    client: Any = redis
    if isinstance(client, RedisCluster):
        await client.ping(target_nodes=RedisCluster.DEFAULT_NODE)


def _failing_over() -> Retry:
    return Retry(ExponentialBackoff(cap=1.0, base=0.1), 3)


def _asking(place: Place) -> dict[str, Any]:
    """How to ask a Sentinel: soon given up, for another one knows as much."""
    return {
        **{n: v for n, v in place.given.items() if n == "ssl"},
        "socket_timeout": 1.0,
        "socket_connect_timeout": 1.0,
        "retry": Retry(NoBackoff(), 0),
    }
