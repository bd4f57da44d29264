"""The fetch log: what was read, what came of it, and why it failed where it failed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.ingest.api.views import FetchView
from services.ingest.storage import sources
from shared.events import Role
from shared.runtime import DoorRouter, Page, Reading, allow, decode_cursor, encode_cursor, link_next

router = DoorRouter(tags=["fetches"])


@router.get("/v1/fetches", dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)])
async def list_fetches(
    session: Reading,
    request: Request,
    response: Response,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    source_id: UUID | None = None,
    outcome: str | None = None,
) -> Page[FetchView]:
    """The log, newest first; `outcome` is ok, partly, not_modified or failed."""
    before: tuple[datetime, UUID] | None = None
    if cursor:
        moment, name = decode_cursor(cursor, str, str)
        before = (datetime.fromisoformat(moment), UUID(name))
    found = await sources.fetches(session, before, limit + 1, source_id, outcome)
    last = found[limit - 1] if len(found) > limit else None
    following = encode_cursor(last.at.isoformat(), str(last.id)) if last else None
    link_next(response, request, following)
    return Page(items=[FetchView.of(fetch) for fetch in found[:limit]], next=following)
