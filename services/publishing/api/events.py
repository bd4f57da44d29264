"""The public log over HTTP: pulled page by page, or followed live as server-sent events at the same address."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Header, Query, Request
from fastapi.responses import Response

from services.publishing.api.filters import position_ahead, wanted_by
from services.publishing.outlets.frames import Frame
from services.publishing.outlets.hub import STREAM, Hub
from services.publishing.outlets.keeper import Keeper
from services.publishing.outlets.piecemeal import Piecemeal
from services.publishing.outlets.sse import EventStream, Listener, Listeners
from services.publishing.outlets.wanted import Wanted
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Who, allow, part
from shared.runtime.database import Database
from shared.runtime.log import head

router = DoorRouter(tags=["events"])
open_to_all = [allow(Role.PUBLIC)]

NDJSON = "application/x-ndjson"
_LONGEST_WAIT = 30.0
_SCANNED = 5000  # entries looked at for one page of a filtered reading
_LARGEST = 8 << 20  # bytes of one page
#: Pages of other origins may read it: the log is public, and nothing in it depends on a cookie.
_FOR_BROWSERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "newsroom-next, newsroom-head, link",
}


@dataclass(frozen=True)
class Asked:
    """How a reader wants the log; `format` None leaves it to `Accept`."""

    after: int | None
    limit: int
    wait: float | None
    thin: bool
    format: Literal["json", "ndjson", "sse"] | None


def asked_for(
    after: Annotated[int | None, Query(ge=0, le=2**62, description="The last position the reader has.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[float | None, Query(ge=0, le=_LONGEST_WAIT, description="Seconds to wait for news.")] = None,
    payload: Literal["full", "thin"] = "full",
    format: Annotated[  # noqa: A002  # its public name
        Literal["json", "ndjson", "sse"] | None, Query(description="Wins over `Accept`.")
    ] = None,
) -> Asked:
    """What the query string asks for beside the filter."""
    return Asked(after, limit, wait, payload == "thin", format)


@router.get(
    "/v1/events",
    dependencies=open_to_all,
    operation_id="readEvents",
    summary="The log of publications: pull pages of it, or follow it live (Accept: text/event-stream)",
    response_class=Response,
    responses={
        200: {
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["items", "next", "head"],
                        "properties": {
                            "items": {"type": "array", "items": {"type": "object"}},
                            "next": {"type": "string"},
                            "head": {"type": "integer"},
                        },
                    }
                },
                NDJSON: {},
                "text/event-stream": {},
            },
            "description": "Events after the position, in order. `next` is the `after` of the next call.",
        },
        409: {"description": "The position is beyond the end of the log."},
        503: {"description": "Too many open streams in this process; try again."},
    },
)
async def read_events(
    request: Request,
    who: Who,
    hub: Annotated[Hub, part(Hub)],
    listeners: Annotated[Listeners, part(Listeners)],
    database: Annotated[Database, part(Database)],
    keeper: Annotated[Keeper, part(Keeper)],
    wanted: Annotated[Wanted, Depends(wanted_by)],
    asked: Annotated[Asked, Depends(asked_for)],
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Without `after` a pull begins at the log's beginning and answers at once; with it, it waits up to 30 s for news.

    An SSE reader without `after` or `Last-Event-ID` begins at the end of the log.
    """
    kind = asked.format or _accepted(request.headers.get("accept", ""))
    if kind == "sse":
        position = await _known(hub, database, _resume_at(last_event_id, asked.after))
        if len(listeners.open) >= listeners.most:
            raise Problem(
                503, "too-many-streams", "Too many open streams.", detail="Try again.", headers={"Retry-After": "5"}
            )
        listener = Listener(position, wanted, thin=asked.thin)
        if who.id != "anonymous":
            listener.token, listener.name = who.id, who.name
        return EventStream(listeners, listener)
    position = await _known(hub, database, asked.after or 0)
    if who.id != "anonymous" and position:
        keeper.heard("pull", who.name, position, who.id)
    return await _pull(request, hub, wanted, asked, position, lines=kind == "ndjson")


async def _pull(request: Request, hub: Hub, wanted: Wanted, asked: Asked, position: int, *, lines: bool) -> Response:
    patience = asked.wait if asked.wait is not None else (0.0 if asked.after is None else _LONGEST_WAIT)
    until = asyncio.get_running_loop().time() + patience
    while True:
        found, upto = await _page(hub, wanted, position, asked.limit)
        left = until - asyncio.get_running_loop().time()
        if found or left <= 0 or await request.is_disconnected():
            break
        position = upto
        await hub.wait(position, left)
    bodies = [frame.thin if asked.thin else frame.event for frame in found]
    end = max(hub.head, upto)
    headers = {"cache-control": "no-store", "newsroom-next": str(upto), "newsroom-head": str(end), **_FOR_BROWSERS}
    if lines:
        return Piecemeal([piece for body in bodies for piece in (body, b"\n")], NDJSON, headers)
    headers["link"] = f'<{request.url.include_query_params(after=upto)}>; rel="next"'
    pieces = [piece for body in bodies for piece in (b",", body)][1:]
    tail = b'],"next":"%d","head":%d}' % (upto, end)
    return Piecemeal([b'{"items":[', *pieces, tail], "application/json", headers)


async def _page(hub: Hub, wanted: Wanted, after: int, limit: int) -> tuple[list[Frame], int]:
    """The wanted frames after a position, and how far was looked: a page may be short and still have more behind it."""
    found: list[Frame] = []
    upto, scanned, size = after, 0, 0
    while len(found) < limit and scanned < _SCANNED and size < _LARGEST:
        frames = await hub.read(upto, limit if wanted.everything else 500)
        for frame in frames:
            upto, scanned = frame.position, scanned + 1
            if wanted.takes(frame.facts) if not wanted.everything else True:
                found.append(frame)
                size += len(frame.event)
            if len(found) == limit or size >= _LARGEST:
                break
        if not frames:
            break
    return found, upto


def _resume_at(last_event_id: str | None, after: int | None) -> int | None:
    """`Last-Event-ID` wins: a browser sends it when it reconnects to the same address."""
    if last_event_id is None or last_event_id == "":
        return after
    if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
        detail = f"Last-Event-ID {last_event_id[:40]!r} is no position; send the `id` of the last event you handled."
        raise Problem(400, "bad-position", "This is no position.", detail=detail)
    return int(last_event_id)


async def _known(hub: Hub, database: Database, position: int | None) -> int:
    """The position to read on from; None is the end. Raises Problem 409 where the log does not reach that far."""
    await hub.ready()
    if position is None:
        return hub.head
    if position > hub.head:
        async with database.reading() as session:
            end = await head(session, STREAM)
        if position > end:
            raise position_ahead(position, end)
    return position


def _accepted(accept: str) -> Literal["json", "ndjson", "sse"]:
    for kind in (item.split(";")[0].strip().lower() for item in accept.split(",")):
        if kind == "text/event-stream":
            return "sse"
        if kind in {NDJSON, "application/ndjson"}:
            return "ndjson"
        if kind in {"application/json", "*/*"}:
            return "json"
    return "json"
