"""`fields=`: an answer with only what was asked for."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import orjson
from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel

from shared.runtime import Problem

FIELDS_HELP = "Only these fields, separated by commas; all where it is left out."
Fields = Annotated[
    str | None, Query(alias="fields", max_length=1000, description=FIELDS_HELP, examples=["id,headline,state"])
]


def asked(fields: str | None, model: type[BaseModel]) -> frozenset[str] | None:
    """The fields named, of those the model has; None: all. Raises Problem 422 for one it does not have."""
    if fields is None:
        return None
    names = frozenset(name.strip() for name in fields.split(",") if name.strip())
    unknown = sorted(names - model.model_fields.keys())
    if unknown or not names:
        known = ", ".join(sorted(model.model_fields))
        what = f"There is no {', '.join(unknown)} here" if unknown else "None is named"
        raise Problem(422, "unknown-field", "No such field.", detail=f"`fields`: {what}; choose from {known}.")
    return names


def page(items: Iterable[Mapping[str, Any]], following: str | None, wanted: frozenset[str] | None) -> bytes:
    """A page of lines as JSON. They need no validation: fifty models a page would cost as much as all else."""
    lines = [line if wanted is None else {k: v for k, v in line.items() if k in wanted} for line in items]
    return orjson.dumps(
        {"items": lines, "next": following}, default=str, option=orjson.OPT_UTC_Z
    )  # `str`: the driver has a UUID of its own


def models(items: Iterable[BaseModel], following: str | None, wanted: frozenset[str]) -> Response:
    """Some fields of each model of a page."""
    lines = [item.model_dump(mode="json", include=set(wanted)) for item in items]
    return Response(page(lines, following, None), media_type="application/json")


def only(model: BaseModel, wanted: frozenset[str], headers: Mapping[str, str]) -> Response:
    """Some fields of a model."""
    body = model.model_dump_json(include=set(wanted))
    return Response(body, media_type="application/json", headers=dict(headers))
