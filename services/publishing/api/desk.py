"""What changes on the desk, live: server-sent events for everybody who has it open."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from time import monotonic
from typing import Annotated

import orjson
from fastapi import Header, Query, Request
from fastapi.responses import StreamingResponse

from services.publishing.storage import desk as rows
from services.publishing.storage.desk import DeskChange
from shared.events import Role
from shared.runtime import DoorRouter, Problem, allow, part, utc_now
from shared.runtime.database import Database
from shared.runtime.doors import Door

router = DoorRouter(tags=["desk"])
_LOOK_EVERY = 0.5
_BEAT_EVERY = 15.0
_ASK_AGAIN = 2.0
#: Ids are given before the commit: what commits late has a lower id than what was seen already.
_OVERLAP = timedelta(seconds=10)


@router.get(
    "/v1/desk/events",
    dependencies=[allow(Role.CONTRIBUTOR)],
    summary="What changes on the desk, live",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "`data` is {article_id, what, revision, by, at}."}
    },
)
async def read_desk_events(
    request: Request,
    database: Annotated[Database, part(Database)],
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
    after: Annotated[int | None, Query(ge=0, description="As Last-Event-ID.")] = None,
) -> StreamingResponse:
    """From now on, or from the given id on (a day is kept). Every change at least once; `id` tells repeats."""
    start = last_event_id if last_event_id is not None else after
    return StreamingResponse(_changes(request, database, start), media_type="text/event-stream", headers=_HEADERS)


_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def _may_listen(request: Request) -> bool:
    """Whether who asked still may: tokens are revoked and sessions end while a desk is open."""
    door: Door = request.app.state.open_door(request)
    try:
        return Role.CONTRIBUTOR in (await door.principal()).roles
    except Problem:
        return False
    finally:
        await door.close()


async def _changes(request: Request, database: Database, start: int | None) -> AsyncIterator[bytes]:
    seen: dict[int, None] = {}
    async with database.reading() as session:
        floor = await rows.last_change(session) if start is None else start
    since = utc_now() - (timedelta(days=1) if start is not None else _OVERLAP)
    yield b"retry: 2000\n\n"
    quiet, asked = 0.0, monotonic()
    while True:
        if monotonic() - asked > _ASK_AGAIN:
            asked = monotonic()
            if not await _may_listen(request):
                return
        async with database.reading() as session:
            found = await rows.changes_since(session, after=floor, since=since)
        new = [row for row in found if row.id is not None and row.id not in seen]
        for row in new:
            yield _event(row)
        seen = dict.fromkeys([*seen, *(row.id for row in new if row.id is not None)][-5000:])
        floor = _floor(floor, found)
        since = max(since, utc_now() - _OVERLAP) if not new else since
        quiet = 0.0 if new else quiet + _LOOK_EVERY
        if quiet >= _BEAT_EVERY:
            quiet = 0.0
            yield b": beat\n\n"
        await asyncio.sleep(_LOOK_EVERY if not new else 0.05)


def _floor(floor: int, found: Sequence[DeskChange]) -> int:
    """Everything up to here is settled: it is older than any transaction that may still commit."""
    settled = utc_now() - _OVERLAP
    return max([floor, *(row.id for row in found if row.id is not None and row.at < settled)])


def _event(row: DeskChange) -> bytes:
    data = {"article_id": row.article_id, "what": row.what, "revision": row.revision, "by": row.by_name, "at": row.at}
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        row.id or 0,
        row.what.encode(),
        orjson.dumps(data, default=str),
    )  # the driver has a UUID of its own
