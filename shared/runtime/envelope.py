"""The CloudEvents 1.0 envelope around every fact, on every stream, webhook and feed of events.

Format: CloudEvents 1.0 structured JSON. Extensions: `correlationid` (one id for all that one act at a door caused),
`causationid` (the event that caused this one), `traceparent` (W3C Trace Context), `position` once the relay gave one.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.events.base import EVENTS, Event, Moment
from shared.runtime.moments import new_id, utc_now

E = TypeVar("E", bound=Event)


class MalformedEvent(ValueError):
    """An entry of a stream that is no event; the message says what is wrong with it."""


class UnknownEvent(MalformedEvent):
    """An event whose type this service's schema does not know; a newer version may."""


class Envelope(BaseModel, Generic[E]):
    """One event as it travels. `data` is the fact itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: Moment
    datacontenttype: str = "application/json"
    correlationid: str
    causationid: str | None = None
    traceparent: str
    data: E


@dataclass(frozen=True, slots=True)
class Cause:
    """What a new fact follows from: the ids that its envelope inherits."""

    correlationid: str
    traceparent: str
    causationid: str | None = None

    @classmethod
    def fresh(cls, correlationid: str | None = None, traceparent: str | None = None) -> Cause:
        """The cause of facts that nothing inside the house caused."""
        return cls(correlationid=correlationid or str(new_id()), traceparent=next_span(traceparent))


_TRACE = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def next_span(traceparent: str | None) -> str:
    """A `traceparent` with the same trace id and a new span id; a new trace where there was none or it was broken."""
    known = _TRACE.fullmatch(traceparent or "")
    return f"00-{known[1] if known else secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def seal(fact: Event, source: str, cause: Cause) -> Envelope[Any]:
    """Put a fact into its envelope, with an id it keeps for ever."""
    return Envelope[Any].model_construct(
        specversion="1.0",
        id=new_id(),
        source=f"/newsroom/{source}",
        type=type(fact).type_name(),
        subject=fact.subject,
        time=utc_now(),
        datacontenttype="application/json",
        correlationid=cause.correlationid,
        causationid=cause.causationid,
        traceparent=next_span(cause.traceparent),
        data=fact,
    )


def write_down(fact: Event, source: str, cause: Cause) -> tuple[UUID, str]:
    """The same at once as JSON, with its id: the way of every fact told, so nothing is built that is not read."""
    event_id = new_id()
    head = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/newsroom/{source}",
        "type": type(fact).type_name(),
        "subject": fact.subject,
        "time": utc_now(),
        "datacontenttype": "application/json",
        "correlationid": cause.correlationid,
    }
    if cause.causationid is not None:  # CloudEvents has no null attributes; nulls inside `data` keep its shape
        head["causationid"] = cause.causationid
    head["traceparent"] = next_span(cause.traceparent)
    about = orjson.dumps(head, option=orjson.OPT_UTC_Z)
    return event_id, f'{about[:-1].decode()},"data":{fact.model_dump_json()}}}'


@cache
def _model(type_name: str) -> type[Envelope[Any]]:
    event = EVENTS.get(type_name)
    if event is None:
        raise UnknownEvent(f"no event of type {type_name!r} is known here")
    return Envelope[event]  # type: ignore[valid-type]  # the class is only known from the wire


def open_envelope(type_name: str, text: str | bytes) -> Envelope[Any]:
    """Read an envelope from its JSON. Raises MalformedEvent (or UnknownEvent) with the reason."""
    try:
        return _model(type_name).model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(p) for p in first["loc"]) or "the whole text"
        raise MalformedEvent(f"{type_name}: {first['msg']} at {where}") from error


def with_position(event: str, position: int) -> str:
    """The envelope's JSON with its position as first member; spliced, so that nobody parses 4 KB to add a number."""
    return f'{{"position":{position},{event[1:]}'
