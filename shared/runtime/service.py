"""Joins a service: its doors, its relay, its consumers and its clock, from start to a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from redis import exceptions as redis_errors
from sqlalchemy import text

from shared.events.access import TokenIssued, TokenRevoked
from shared.events.base import EVENTS
from shared.runtime import auth, ops_doors, problems
from shared.runtime import clock as clocks
from shared.runtime.clock import Clock
from shared.runtime.consumer import Consumer, Retries
from shared.runtime.database import Database
from shared.runtime.doors import Door, unguarded
from shared.runtime.handlers import Handler, Handlers, Parts, _read
from shared.runtime.outbox import streams_of
from shared.runtime.redis import connect
from shared.runtime.relay import Relay
from shared.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)
_STALE = 20.0  # seconds without a sign of life after which a consumer or the relay counts as stuck
LAG = Gauge("newsroom_lag_entries", "Entries a consumer group has not read yet.", ["service", "stream"])


class Service:
    """One service of the house."""

    def __init__(self, name: str, settings: ServiceSettings) -> None:
        self.name, self.settings = name, settings
        self.database = Database(settings, name)
        self.redis = connect(settings.redis_url)
        self.parts = Parts()
        self.parts.add(self.database, settings)
        self._authenticators: list[auth.Authenticate] = []
        self.consumers: list[Consumer] = []
        self.relay: Relay | None = None

    def provide(self, *parts: Any) -> None:
        """Parts that handlers, clock tasks and doors ask for by type; async context managers are entered at start."""
        self.parts.add(*parts)

    def authenticate(self, how: auth.Authenticate) -> None:
        """Another way to tell who asks, e.g. the desk's session cookie."""
        self._authenticators.append(how)

    def join(
        self, *, handlers: Handlers | None = None, routers: Sequence[APIRouter] = (), clock: Clock | None = None
    ) -> FastAPI:
        """The service as an ASGI application. Raises TypeError where a route names nobody who may come through."""
        app = FastAPI(title=f"Newsroom {self.name}", lifespan=self._lifespan)
        self.handlers, self.clock = handlers or Handlers(self.name), clock or Clock()
        token = self.settings.token.get_secret_value() if self.settings.token else None
        app.state.open_door = lambda request: Door(request, self.database, self.parts, token, self._authenticators)
        app.state.lags = self.lags
        problems.install(app)
        for router in [ops_doors.router, *routers]:
            app.include_router(router)
        missing = unguarded(app.routes)
        if missing:
            raise TypeError(
                f"{self.name}: no permission is declared on {', '.join(missing)}; add `dependencies=[allow(…)]`"
            )
        self._add_health(app)
        return app

    def _registry(self) -> dict[str, Handler]:
        own = {
            TokenIssued.stream_name(): _read(TokenIssued, auth.keep_token),
            TokenRevoked.stream_name(): _read(TokenRevoked, auth.drop_token),
        }
        return {**own, **self.handlers.registry}

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.database.close)
            stack.push_async_callback(self.redis.aclose)
            for part in list(self.parts):  # left before what they stand on is closed
                if hasattr(part, "__aenter__"):
                    await stack.enter_async_context(part)
            tasks = self._start()
            try:
                yield
            finally:
                await self._stop(tasks)

    def _start(self) -> list[asyncio.Task[None]]:
        partitions = self.settings.stream_partitions
        told = sorted({s for e in EVENTS.values() if e.teller == self.name for s in streams_of(e, partitions)})
        self.relay = Relay(self.database, self.redis, self.settings, told)
        self.consumers = [
            Consumer(stream, handler, self.handlers.group, self.database, self.redis, self.parts, self.settings)
            for handler in self._registry().values()
            for stream in streams_of(handler.event, partitions)
        ]
        retries = Retries({c.stream: c for c in self.consumers}, self.handlers.group, self.database, self.settings)
        jobs = [
            self.relay.run(),
            *(consumer.run() for consumer in self.consumers),
            *(clocks.keep(task, self.database, self.parts) for task in self.clock.tasks),
            self._forever(self._claims, self.settings.claim_after / 4),
            self._forever(retries.once, 0.25),
            self._forever(self._prune, 60.0),
        ]
        return [asyncio.create_task(job) for job in jobs]

    async def _stop(self, tasks: list[asyncio.Task[None]]) -> None:
        for consumer in self.consumers:
            consumer.stopping = True
        deadline = time.monotonic() + self.settings.stop_within
        while any(consumer.busy for consumer in self.consumers) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _forever(self, act: Any, seconds: float) -> None:
        while True:
            try:
                if await act() is True:
                    continue
            except Exception as error:  # noqa: BLE001  # an outage; the next turn comes
                log.debug("housekeeping waits", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(seconds)

    async def _claims(self) -> None:
        for consumer in self.consumers:
            with contextlib.suppress(redis_errors.ResponseError):
                await consumer.claim_abandoned()

    async def _prune(self) -> None:
        """Let go what is older than it is kept: internal facts, inbox entries, answers to old keys; trim what all settled."""
        days = {"days": self.settings.keep_days}
        async with self.database.transaction() as tx:
            await tx.session.execute(text(
                "DELETE FROM outbox WHERE position IS NOT NULL AND stream <> 'publications' "
                "AND created_at < now() - make_interval(days => :days)"), days)  # fmt: skip
            await tx.session.execute(
                text("DELETE FROM inbox WHERE at < now() - make_interval(days => :days + 1)"), days
            )
            await tx.session.execute(text("DELETE FROM idempotency_keys WHERE at < now() - interval '2 days'"))
        for stream in self.relay.streams if self.relay else ():
            if stream != "publications":
                await self._trim(stream)

    async def _trim(self, stream: str) -> None:
        groups: Any = await self.redis.xinfo_groups(stream)
        if not groups:
            return
        settled = []
        for group in groups:
            pending: Any = await self.redis.xpending(stream, group["name"])
            first = pending["min"] if pending["pending"] else None
            settled.append(int((first or group["last-delivered-id"]).split(b"-")[0]))
        async with self.database.reading() as session:
            old = (await session.execute(text(
                "SELECT max(position) FROM outbox WHERE stream = :stream AND position IS NOT NULL "
                "AND created_at < now() - make_interval(secs => :secs)"),
                {"stream": stream, "secs": self.settings.keep_stream_seconds})).scalar()  # fmt: skip
        if old is not None:
            await self.redis.xtrim(stream, minid=min(*settled, int(old)), approximate=True)

    async def lags(self) -> dict[str, Any]:
        """Entries each of our groups has not read, by stream."""
        lag: dict[str, int] = {}
        for consumer in self.consumers:
            with contextlib.suppress(redis_errors.RedisError):
                info: Any = await self.redis.xinfo_groups(consumer.stream)
                mine = next((g for g in info if g["name"] == consumer.group.encode()), None)
                if mine:
                    lag[consumer.stream] = int(mine.get("lag") or 0) + int(mine["pending"])
        return {"lag": sum(lag.values()), "lags": lag}

    async def troubles(self) -> list[str]:
        """Why this service is not ready; empty when it is."""
        found = []
        for name, check in (("database", self.database.ping), ("redis", self.redis.ping)):
            try:
                await asyncio.wait_for(check(), 3)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
                found.append(f"{name}: {type(error).__name__}: {error}")
        now = time.monotonic()
        for consumer in self.consumers:
            if consumer.problem or (now - consumer.beat > _STALE and not consumer.busy):
                found.append(f"consumer of {consumer.stream}: {consumer.problem or 'gives no sign of life'}")
        if self.relay and (self.relay.problem or now - self.relay.beat > _STALE):
            found.append(f"relay: {self.relay.problem or 'gives no sign of life'}")
        return found

    def _add_health(self, app: FastAPI) -> None:
        @app.get("/healthz", include_in_schema=False)
        async def healthz() -> dict[str, str]:
            return {"status": "alive", "service": self.name}

        @app.get("/readyz", include_in_schema=False)
        async def readyz(_request: Request) -> Response:
            found = await self.troubles()
            if found:
                return problems.Problem(503, "not-ready", "Not ready.", detail="; ".join(found)).response()
            return Response(b'{"status":"ready"}', media_type="application/json")

        @app.get("/metrics", include_in_schema=False)
        async def metrics() -> Response:
            for stream, lag in (await self.lags())["lags"].items():
                LAG.labels(self.name, stream).set(lag)
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
