"""Keyset pages: a cursor holds the sort values of the last item, so that pages never skip or repeat."""

import base64
import binascii
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from shared.runtime.problems import Problem

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some items, and the cursor of those behind them (null: these are the last)."""

    items: list[T]
    next: str | None = None


def encode_cursor(*values: Any) -> str:
    """A cursor that holds these values."""
    return (
        base64.urlsafe_b64encode(orjson.dumps([str(v) if isinstance(v, UUID) else v for v in values]))
        .decode()
        .rstrip("=")
    )


def decode_cursor(text: str, *types: type) -> tuple[Any, ...]:
    """The values of a cursor. Raises Problem 400 when it is none of ours."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return tuple(_read(value, kind) for value, kind in zip(values, types, strict=True))
    except (ValueError, TypeError, binascii.Error) as error:
        detail = "Take `next` of the page before as it is, or leave it out to begin."
        raise Problem(400, "bad-cursor", "This is no cursor.", detail=detail) from error


def _read(value: Any, kind: type) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(value)


def link_next(response: Response, request: Request, cursor: str | None) -> None:
    """Set the Link header to the next page, where there is one."""
    if cursor is not None:
        name = "after" if "after" in request.query_params else "cursor"
        response.headers["Link"] = f'<{request.url.include_query_params(**{name: cursor})}>; rel="next"'
