"""The people's doors: one transaction a request, committed before the answer leaves; every route names who may."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import StreamingResponse

from shared.events.access import Role
from shared.runtime.auth import ANONYMOUS, Authenticate, Principal, Tokens, bearer, with_included
from shared.runtime.correlation import correlation_of
from shared.runtime.database import Database, Transaction
from shared.runtime.envelope import Cause
from shared.runtime.handlers import Parts
from shared.runtime.problems import Problem
from shared.runtime.tables import idempotency_keys

P = TypeVar("P")
_KEPT_HEADERS = ("location", "etag", "link")
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A word of your own for this request: repeated with it, it has one effect and one answer.",
    "schema": {"type": "string", "maxLength": 200},
    "example": "0b9f6d1e",
}


class Door:
    """What one request has opened."""

    def __init__(
        self,
        request: Request,
        database: Database,
        parts: Parts,
        bootstrap: str | None,
        known: Tokens,
        also: list[Authenticate],
    ):
        self.request, self.database, self.parts = request, database, parts
        self.bootstrap, self.known, self.also = bootstrap, known, also
        self.session: AsyncSession | None = None
        self.reader: AsyncSession | None = None
        self.tx: Transaction | None = None
        self._principal: Principal | None = None

    def open_session(self) -> AsyncSession:
        """The session of this request's transaction, opened at its first use."""
        if self.session is None:
            self.session = AsyncSession(self.database.engine, expire_on_commit=False)
        return self.session

    def open_reader(self) -> AsyncSession:
        """The session of a request that only reads; nothing that is changed in it is written."""
        if self.reader is None:
            self.reader = AsyncSession(self.database.reader, expire_on_commit=False, autoflush=False)
        return self.reader

    async def close(self) -> None:
        """Give the connections back."""
        for session in (self.session, self.reader):
            if session is not None:  # a body that is streamed reads through a session of its own
                await session.close()

    def transaction(self) -> Transaction:
        """The transaction of this request."""
        if self.tx is None:
            cause = Cause.fresh(correlation_of(self.request.scope), self.request.headers.get("traceparent"))
            self.tx = Transaction(self.open_session(), cause)
        return self.tx

    async def principal(self) -> Principal:
        """Who asks."""
        if self._principal is None:
            found = None
            if "authorization" in self.request.headers:
                found = await bearer(self.request, self.known, self.bootstrap)
            for authenticate in self.also if found is None else ():
                async with AsyncSession(self.database.reader, expire_on_commit=False) as session:
                    found = found or await authenticate(self.request, session)
            found = found or ANONYMOUS
            self._principal = Principal(found.id, found.name, with_included(found.roles))
        return self._principal

    async def finish(self, failed: bool) -> None:
        """Commit what was done, or undo it."""
        if self.session is None:
            return
        if self.tx is not None and not failed:
            await self.database.commit(self.tx)
        else:
            await self.session.rollback()


class DoorRoute(APIRoute):
    """One transaction around one route; with an Idempotency-Key, one effect however often it is asked for."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if "POST" in (options.get("methods") or ()):
            options["openapi_extra"] = {"parameters": [_IDEMPOTENCY_KEY], **(options.get("openapi_extra") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, inside a door."""
        inner = super().get_route_handler()

        async def enter(request: Request) -> Response:
            door: Door = request.app.state.open_door(request)
            request.state.door = door
            try:
                key = request.headers.get("idempotency-key") if request.method == "POST" else None
                response = await (_once(door, key, inner) if key else inner(request))
                await door.finish(failed=response.status_code >= 400)
            except BaseException:
                if door.session is not None:
                    await door.session.rollback()
                raise
            finally:
                await door.close()
            return response

        return enter


async def _once(door: Door, key: str, inner: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    request = door.request
    fingerprint = hashlib.sha256(await request.body()).hexdigest()  # kept by the request: a form may be read after it
    who = await door.principal()
    whose = who.id
    if who.id == ANONYMOUS.id:  # who shows no token shares a name with everybody, and not their answers
        whose += f"@{request.client.host if request.client else ''}"
    name = f"{whose} {request.method} {request.url.path} {key[:200]}"
    session = door.transaction().session
    claim = insert(idempotency_keys).values(key=name, fingerprint=fingerprint).on_conflict_do_nothing()
    if not (await session.execute(claim.returning(idempotency_keys.c.key))).scalar():
        return await _again(session, name, fingerprint)
    response = await inner(request)
    if response.status_code < 400 and not isinstance(response, StreamingResponse):
        if "no-store" in response.headers.get("cache-control", ""):
            await _keep(session, name, _shown_once().response())
            return response
        await _keep(session, name, response)
    return response


async def _keep(session: AsyncSession, name: str, response: Response) -> None:
    values = {
        "status": response.status_code,
        "media_type": response.headers.get("content-type", ""),
        "body": bytes(response.body),
        "headers": {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS},
    }
    await session.execute(update(idempotency_keys).where(idempotency_keys.c.key == name).values(values))


def _shown_once() -> Problem:
    """Instead of an answer that holds a secret: we keep none, not even to repeat it."""
    detail = "It was done and answered before. Its answer held a secret, which is shown once and kept nowhere."
    return Problem(409, "shown-once", "That answer cannot be repeated.", detail=detail)


async def _again(session: AsyncSession, name: str, fingerprint: str) -> Response:
    row = (await session.execute(select(idempotency_keys).where(idempotency_keys.c.key == name))).one()
    if row.fingerprint != fingerprint:
        detail = "This Idempotency-Key came with another body before. Use a new key for a new request."
        raise Problem(422, "idempotency-key-reused", "The key was used for something else.", detail=detail)
    headers = {**row.headers, "Idempotency-Replayed": "true"}
    return Response(bytes(row.body), row.status, headers, media_type=row.media_type or None)


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "`/problems/<name>`: a page that explains it and says what to do."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What, where, and what to do."},
    },
}
#: Every way in which a door may refuse, as RFC 9457 problems.
ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {"application/problem+json": {"schema": _PROBLEM}}}
    for status, words in {
        400: "Something could not be read: a cursor, an ETag, the body.",
        401: "Who are you?",
        403: "Not yours to do.",
        404: "Nothing is there.",
        409: "Not possible now; `detail` says why.",
        410: "It was here and is gone for good.",
        412: "Somebody changed it meanwhile.",
        422: "A field is not as it should be; `errors` names each.",
        428: "Say which revision you looked at: If-Match.",
        429: "Too often; Retry-After says when again.",
        503: "The database or Redis is away; Retry-After says when again.",
    }.items()
}


class DoorRouter(APIRouter):
    """An APIRouter whose routes are doors."""

    def __init__(self, **options: Any) -> None:
        kept = {"responses": ANSWERS, "generate_unique_id_function": _operation, "route_class": DoorRoute}
        super().__init__(**{**kept, **options})


def _operation(route: APIRoute) -> str:
    """`list_articles` → `listArticles`: the name a generated client gives the operation."""
    first, *more = route.name.split("_")
    return first + "".join(word.capitalize() for word in more)


async def _door(request: Request) -> Door:
    found: Door = request.state.door
    return found


async def _tx(request: Request) -> Transaction:
    return (await _door(request)).transaction()


async def _reading(request: Request) -> AsyncSession:
    return (await _door(request)).open_reader()


async def _who(request: Request) -> Principal:
    return await (await _door(request)).principal()


Tx = Annotated[Transaction, Depends(_tx)]
Reading = Annotated[AsyncSession, Depends(_reading)]
Who = Annotated[Principal, Depends(_who)]


def part(kind: type[P]) -> Any:
    """A part that app.py provides: `fetcher: Annotated[Fetcher, part(Fetcher)]`."""

    async def find(request: Request) -> P:
        found: P = (await _door(request)).parts.find(kind)
        return found

    return Depends(find)


class Allowed:
    """Who may come through a route."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    async def __call__(self, who: Who) -> None:
        if Role.PUBLIC in self.roles or who.roles & self.roles:
            return
        names = " or ".join(sorted(role.value for role in self.roles))
        if who is ANONYMOUS or who.id == ANONYMOUS.id:
            detail = f"This takes the role {names}. Send `Authorization: Bearer <token>`."
            raise Problem(401, "token-missing", "Who are you?", detail=detail, headers={"WWW-Authenticate": "Bearer"})
        raise Problem(403, "role-missing", "Not yours to do.", detail=f"This takes the role {names}.")


def allow(*roles: Role) -> Any:
    """A dependency that lets these roles (and those that include them) through."""
    if not roles:
        raise TypeError("allow() names at least one role; `allow(Role.PUBLIC)` opens a route to all")
    return Depends(Allowed(frozenset(roles)))


def every_route(routes: Iterable[Any]) -> Iterator[Any]:
    """All routes, those of included routers too: FastAPI keeps an included router whole, behind one entry."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from every_route(included.routes)


def unguarded(routes: Iterable[Any]) -> list[str]:
    """Routes of DoorRouters that name nobody who may."""
    missing = []
    for route in every_route(routes):
        if isinstance(route, DoorRoute):
            calls = [dependency.call for dependency in route.dependant.dependencies]
            if not any(isinstance(call, Allowed) for call in calls):
                missing.append(f"{'/'.join(sorted(route.methods or ()))} {route.path}")
    return missing
