"""The moderators' queue: what waits for a person, the most urgent first; claiming by lease."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.moderation.api.views import CommentView, view_comment
from services.moderation.domain.keys import KEYS
from services.moderation.domain.phrases import explain
from services.moderation.domain.queueing import shares
from services.moderation.settings import Settings
from services.moderation.storage import decisions, queue
from services.moderation.use_cases.court import Court
from shared.events import Role
from shared.runtime import (
    DoorRouter,
    Page,
    Reading,
    Tx,
    Who,
    allow,
    decode_cursor,
    encode_cursor,
    link_next,
    part,
    utc_now,
)

router = DoorRouter(tags=["queue"])


class ClaimComments(BaseModel):
    """How many comments a moderator takes on."""

    count: int = Field(10, ge=1, le=100)


class ReleaseComments(BaseModel):
    """Which leases are given back."""

    comment_ids: list[UUID] = Field(min_length=1, max_length=200)


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


@router.get("/v1/queue/counts", dependencies=[allow(Role.MODERATOR)])
async def show_counts(session: Reading) -> dict[str, int]:
    """How many comments stand in each state, wait, and are leased; counted at this moment."""
    return await queue.counts(session, utc_now())


@router.get("/v1/queue/keys", dependencies=[allow(Role.MODERATOR)])
async def show_keys() -> dict[str, dict[str, object]]:
    """The keys a decision may be given by, and what each means."""
    return {
        key: {"verdict": verdict, "codes": codes, "means": explain((codes or (f"person.{verdict}",))[0])}
        for key, (verdict, codes) in KEYS.items()
    }


@router.post("/v1/queue/claims", status_code=201, dependencies=[allow(Role.MODERATOR)])
async def claim_comments(
    body: ClaimComments,
    tx: Tx,
    who: Who,
    court: Annotated[Court, part(Court)],
    settings: Annotated[Settings, part(Settings)],
) -> list[CommentView]:
    """Lease comments: most by urgency, the policy's `uncertain_share` by the learner's doubt and at random.

    Nobody else can decide them until the lease ends; deciding or releasing ends it sooner.
    """
    now = utc_now()
    sitting = await court.sit(tx.session)
    ranked, unsure, audit = shares(body.count, sitting.policy.uncertain_share)
    until = now + timedelta(seconds=settings.lease_seconds)
    taken = await queue.claim(tx.session, who.id, now, until, ranked, unsure, audit)
    reasons = await decisions.reasons_of(tx.session, [c.decision_id for c in taken if c.decision_id])
    for comment in taken:
        comment.lease_by, comment.lease_until = who.id, until
    return [
        view_comment(comment, reasons.get(comment.decision_id) if comment.decision_id else None) for comment in taken
    ]


@router.post("/v1/queue/releases", dependencies=[allow(Role.MODERATOR)])
async def release_comments(body: ReleaseComments, tx: Tx, who: Who) -> dict[str, int]:
    """Give one's own leases back."""
    return {"released": await queue.release(tx.session, who.id, body.comment_ids)}
