"""One plausible fact of every kind, made from the schema itself, so that a new event needs no new sample."""

import types
import typing
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel

from shared.events import EVENTS, Event

_SPACE = UUID("0b1d5a9e-6f7c-5f52-9a3e-0f4a3c2d1e00")


def sample(kind: type[Event], number: int) -> Event:
    """The fact of this class with this number; different numbers are about different things."""
    return kind.model_validate(_fill(kind, f"{kind.__name__} {number}"))


def kinds() -> list[type[Event]]:
    """Every event class, in a fixed order."""
    return [EVENTS[name] for name in sorted(EVENTS)]


def _fill(model: type[BaseModel], seed: str) -> dict[str, Any]:
    return {
        name: _value(field.annotation, f"{seed} {name}")
        for name, field in model.model_fields.items()
        if field.is_required()
    }


def _value(kind: Any, seed: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _value(arguments[0], seed)
    if origin in {typing.Union, types.UnionType}:
        return _value(next(one for one in arguments if one is not type(None)), seed)
    if origin is Literal:
        return arguments[0]
    if origin is list:
        return []
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _fill(kind, seed)
    plain = {bool: True, int: 1, float: 0.5, str: seed, dict: {}, UUID: uuid5(_SPACE, seed)}
    return plain[kind] if kind in plain else datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
