"""Joins a service: its doors, its relay, its consumers and its clock, from start to a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.events.access import TokenIssued, TokenRevoked
from shared.events.base import EVENTS
from shared.runtime import auth, housekeeping, logs, metrics, ops_doors, problems
from shared.runtime import clock as clocks
from shared.runtime.bodiless import HeadAsGet
from shared.runtime.caretaker import Claimer, Retrier
from shared.runtime.clock import Clock
from shared.runtime.consumer import Consumer, House
from shared.runtime.correlation import Correlated
from shared.runtime.database import Database
from shared.runtime.doors import Door, unguarded
from shared.runtime.ending import end
from shared.runtime.garbage import collect_less
from shared.runtime.handlers import Handler, Handlers, Parts, _read
from shared.runtime.outbox import streams_of
from shared.runtime.reader import Reader
from shared.runtime.redis import answers, close, connect
from shared.runtime.relay import Relay
from shared.runtime.settings import ServiceSettings
from shared.runtime.streams import Subscription

log = structlog.get_logger(__name__)
_SOON = 3.0  # seconds within which a server that is there answers
_STALE = 20.0  # seconds without a sign of life after which a consumer or the relay counts as stuck


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
        self.reader: Reader | None = None
        self.held: housekeeping.Held = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = contextlib.AsyncExitStack()

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
        logs.configure(self.name, self.settings)  # before the server says its first word
        app = FastAPI(title=f"Newsroom {self.name}", lifespan=self._lifespan)
        self.handlers, self.clock = handlers or Handlers(self.name), clock or Clock()
        token = self.settings.token.get_secret_value() if self.settings.token else None
        known = auth.Tokens(self.database.reader)
        app.state.open_door = lambda request: Door(
            request, self.database, self.parts, token, known, self._authenticators
        )
        app.state.lags, app.state.held = self.lags, self.held
        problems.install(app)
        app.add_middleware(HeadAsGet)
        app.add_middleware(Correlated)
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
        logs.configure(self.name, self.settings)  # where several services share a process, the one that starts last
        await self.start()
        collect_less()
        try:
            yield
        finally:
            await self.stop()

    async def start(self) -> None:
        """Enter the parts, then let facts travel: relay, consumers, retries, clock."""
        stack = self._stack
        stack.push_async_callback(self.database.close)
        stack.push_async_callback(close, self.redis)
        for part in list(self.parts):  # left before what they stand on is closed
            if hasattr(part, "__aenter__"):
                await stack.enter_async_context(part)
        self._tasks = [asyncio.create_task(job) for job in self._jobs()]
        if self.reader:
            self.reader.start()

    async def stop(self) -> None:
        """Drain what runs, within `stop_within` seconds, and close everything."""
        if self.reader:
            await self.reader.stop()
        await end(self._tasks)
        await self._stack.aclose()

    def _jobs(self) -> list[Coroutine[Any, Any, None]]:
        partitions, group = self.settings.stream_partitions, self.handlers.group
        told = sorted({s for e in EVENTS.values() if e.teller == self.name for s in streams_of(e, partitions)})
        house = House(group, self.database, self.redis, self.settings, self.parts)
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"  # one a process, or they share a list
        self.consumers = [
            Consumer(house, Subscription(stream, group), handler, name)
            for handler in self._registry().values()
            for stream in streams_of(handler.event, partitions)
        ]
        self.relay = Relay(self.database, self.redis, self.settings, told)
        self.reader = Reader(house, self.consumers, self.settings.redis_url)
        return [
            self.relay.run(),
            Claimer(house, self.consumers).run(),
            Retrier(house, self.consumers).run(),
            *(clocks.keep(task, self.database, self.parts) for task in self.clock.tasks),
            housekeeping.run(self.database, self.redis, self.settings, told, self.held),
        ]

    async def lags(self) -> dict[str, Any]:
        """Entries each of our groups has not settled, by stream; of a Redis that does not answer soon, none."""
        asked = (asyncio.wait_for(self._lag(each.subscription), _SOON) for each in self.consumers)
        found = await asyncio.gather(*asked, return_exceptions=True)
        known = zip(self.consumers, found, strict=True)
        lag = {each.subscription.stream: one for each, one in known if isinstance(one, int)}
        return {"lag": sum(lag.values()), "lags": lag}

    async def _lag(self, where: Subscription) -> int | None:
        info: Any = await self.redis.xinfo_groups(where.stream)
        mine = next((group for group in info if group["name"] == where.group.encode()), None)
        return int(mine.get("lag") or 0) + int(mine["pending"]) if mine else None

    async def troubles(self) -> list[str]:
        """Why this service is not ready; empty when it is."""
        found = []
        for name, check in (("database", self.database.ping), ("redis", partial(answers, self.redis))):
            try:
                await asyncio.wait_for(check(), _SOON)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
                found.append(f"{name}: {type(error).__name__}: {error}")
        now = time.monotonic()
        found += [
            f"consumer of {each.subscription.stream}: {each.problem or 'gives no sign of life'}"
            for each in self.consumers
            if each.problem or now - each.beat > _STALE
        ]
        if self.reader:
            found += [f"{name}: {problem}" for name, problem in self.reader.problems.items()]
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
        async def exposition() -> Response:
            for stream, lag in (await self.lags())["lags"].items():
                metrics.LAG.labels(self.name, stream).set(lag)
            for stream, groups in self.held.items():
                metrics.HELD.labels(self.name, stream).set(len(groups))
            with contextlib.suppress(Exception):  # a database that is away must not silence the other numbers
                async with self.database.reading() as session:
                    metrics.waiting(self.name, await ops_doors.counts(session))
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
