"""Appeals: opened by authors, heard by another moderator than the one who decided."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.moderation.api.problems import refused, unknown, unknown_comment
from services.moderation.api.whose import Myself
from services.moderation.settings import Settings
from services.moderation.storage import appeals
from services.moderation.storage.tables import Appeal
from services.moderation.use_cases.appealing import Outcome, Plea, appeal, hear
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.ruling import Refused, UnknownComment
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

router = DoorRouter(tags=["appeals"])


class OpenAppeal(BaseModel):
    """An author's word against a rejection."""

    comment_id: UUID
    text: str = Field(min_length=3, max_length=4000)


class DecideAppeal(BaseModel):
    """The outcome, with an answer to the author."""

    outcome: Outcome
    answer: str = Field(min_length=3, max_length=2000)


class AppealView(BaseModel):
    """An appeal. `overdue` once its deadline passed without an outcome."""

    appeal_id: UUID
    comment_id: UUID
    decision_id: UUID
    author_id: str
    text: str
    opened_at: datetime
    deadline: datetime
    overdue: bool
    outcome: str | None
    answer: str | None
    decided_by: str | None
    decided_at: datetime | None


@router.post("/v1/appeals", status_code=201, dependencies=[allow(Role.PUBLIC)])
async def open_appeal(
    body: OpenAppeal, tx: Tx, who: Who, myself: Myself, settings: Annotated[Settings, part(Settings)]
) -> AppealView:
    """Ask for another look at a rejected comment of one's own; once per decision."""
    now = utc_now()
    plea = Plea(body.comment_id, myself, body.text, for_author=Role.MODERATOR in who.roles)
    try:
        return _view(await appeal(tx.session, plea, settings.appeal_days, now), now)
    except UnknownComment:
        raise unknown_comment(body.comment_id) from None
    except Refused as refusal:
        raise refused(refusal) from None


@router.get("/v1/appeals", dependencies=[allow(Role.MODERATOR)])
async def list_appeals(
    request: Request,
    response: Response,
    session: Reading,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page[AppealView]:
    """Open appeals, the nearest deadline first."""
    after = decode_cursor(cursor, datetime, UUID) if cursor else None
    rows = await appeals.waiting(session, limit + 1, after)
    more = encode_cursor(rows[limit - 1].deadline, rows[limit - 1].id) if len(rows) > limit else None
    link_next(response, request, more)
    return Page(items=[_view(row, utc_now()) for row in rows[:limit]], next=more)


@router.get("/v1/appeals/{appeal_id}", dependencies=[allow(Role.PUBLIC)])
async def show_appeal(appeal_id: UUID, session: Reading, who: Who, myself: Myself) -> AppealView:
    """One appeal: to moderators, and to the author whose it is."""
    row = await appeals.get(session, appeal_id)
    if row is None or (Role.MODERATOR not in who.roles and row.author_id != myself):
        raise unknown("appeal", appeal_id)
    return _view(row, utc_now())


@router.post("/v1/appeals/{appeal_id}/decision", status_code=201, dependencies=[allow(Role.MODERATOR)])
async def decide_appeal(
    appeal_id: UUID, body: DecideAppeal, tx: Tx, who: Who, court: Annotated[Court, part(Court)]
) -> AppealView:
    """Hear an appeal. Refused to whoever took the decision; overturning approves the comment."""
    now = utc_now()
    try:
        row, facts = await hear(tx.session, appeal_id, body.outcome, body.answer, who.id, court, now)
    except UnknownComment:
        raise unknown("appeal", appeal_id) from None
    except Refused as refusal:
        raise refused(refusal) from None
    tx.tell(*facts)
    return _view(row, now)


def _view(row: Appeal, now: datetime) -> AppealView:
    names = set(AppealView.model_fields) - {"appeal_id", "overdue"}
    overdue = row.outcome is None and row.deadline < now
    return AppealView(appeal_id=row.id, overdue=overdue, **{name: getattr(row, name) for name in names})
