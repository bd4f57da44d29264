"""The moderators' queue: what waits for a person, the most urgent first."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.moderation.api.views import CommentView, view_comment
from services.moderation.storage import queue
from shared.events import Role
from shared.runtime import DoorRouter, Page, Reading, allow, decode_cursor, encode_cursor, link_next, utc_now

router = DoorRouter(tags=["queue"])


@router.get("/v1/queue", dependencies=[allow(Role.MODERATOR)])
async def show_queue(
    request: Request,
    response: Response,
    session: Reading,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page[CommentView]:
    """Comments that wait for a person, by risk × reports × waiting; the reasons of the last decision with each."""
    now, after = utc_now(), None
    if cursor is not None:
        now, rank, last = decode_cursor(cursor, datetime, float, UUID)
        after = (rank, last)
    rows = await queue.waiting(session, now, limit + 1, after)
    more = None
    if len(rows) > limit:
        more = encode_cursor(now, rows[limit - 1].rank, rows[limit - 1].comment.id)
    link_next(response, request, more)
    return Page(items=[view_comment(row.comment, row.reasons) for row in rows[:limit]], next=more)
