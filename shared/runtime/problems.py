"""Errors for people and programs: RFC 9457 problem documents that name what, where and what to do."""

import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared.runtime.correlation import HEADER, correlation_of
from shared.runtime.outages import is_outage, is_unstorable

log = structlog.get_logger(__name__)


class Problem(Exception):
    """An answer that is an error: `type` becomes `/problems/<slug>`."""

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        *,
        detail: str = "",
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{title} {detail}".strip())
        self.status, self.slug, self.title, self.detail = status, slug, title, detail
        self.headers, self.extra = dict(headers or {}), extra

    def response(self) -> JSONResponse:
        """The document."""
        body = {"type": f"/problems/{self.slug}", "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        content = jsonable_encoder({**body, **self.extra})
        return JSONResponse(content, self.status, self.headers, media_type="application/problem+json")


def unavailable() -> Problem:
    """The database or Redis does not answer; nothing was done."""
    return Problem(
        503,
        "unavailable",
        "Not available right now.",
        detail="Nothing was changed. Try again in a moment.",
        headers={"Retry-After": "2"},
    )


def explain(error: Exception) -> Problem:
    """Any exception as a problem; what is nobody's fault outside is logged and told as little as possible."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        first = error.errors()[0] if error.errors() else {"loc": (), "msg": "invalid"}
        where = ".".join(str(part) for part in first["loc"])
        errors = [{"where": ".".join(map(str, e["loc"])), "what": e["msg"]} for e in error.errors()]
        return Problem(422, "invalid", "The request is not valid.", detail=f"{where}: {first['msg']}", errors=errors)
    if isinstance(error, HTTPException):
        slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "http")
        return Problem(error.status_code, slug, f"{error.detail}.", headers=error.headers)
    if is_outage(error):
        log.warning("a door is closed for now", error=f"{type(error).__name__}: {error}")
        return unavailable()
    if is_unstorable(error):
        return Problem(
            422,
            "invalid",
            "The request is not valid.",
            detail="A value cannot be stored: a number is out of range, or a text holds a NUL character.",
        )
    # Rendered here, without local variables: they hold tokens, and drawing them takes a service's breath for seconds.
    log.error("a door failed", error=repr(error), trace="".join(traceback.format_exception(error))[-8000:])
    return Problem(500, "internal", "Something went wrong here.", detail="It was logged with this request's id.")


def install(app: FastAPI) -> None:
    """Answer every error of this application with a problem document."""

    async def answer(request: Request, error: Exception) -> JSONResponse:
        problem = explain(error)
        if problem.status == 500:  # answered outside all middleware, so the id is put on it here
            known = correlation_of(request.scope)
            problem.extra["correlation_id"] = problem.headers[HEADER] = known
        return problem.response()

    # What is answered as `Exception` Starlette raises once more for the server's log; these are no surprises.
    known = (DBAPIError, PoolTimeout, RedisError, ConnectionError)
    for kind in (Problem, RequestValidationError, HTTPException, *known, Exception):
        app.add_exception_handler(kind, answer)
