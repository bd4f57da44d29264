"""Authors: what is known of them, their standing, and the nudge before they send."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Header
from pydantic import AwareDatetime, BaseModel, Field

from services.moderation.api.problems import unknown
from services.moderation.api.views import CommentView, ReasonView, reasons_of, view_comment
from services.moderation.domain.case import AuthorStatus, Case
from services.moderation.domain.trust import Standing as Evidence
from services.moderation.storage import comments, people
from services.moderation.storage.tables import AuthorState
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.standing import Senseless, Standing, set_standing
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, Tx, Who, allow, part, utc_now

router = DoorRouter(tags=["authors"])


class AuthorView(BaseModel):
    """An author: `trust` in 0..1; counts are of comments as they stand now."""

    author_id: str
    name: str
    first_seen_at: datetime
    status: str
    status_reason: str | None
    status_until: datetime | None
    status_by: str | None
    trust: float
    approved: int
    held: int
    rejected: int
    reports_right: int
    reports_wrong: int
    comments: list[CommentView] = []


class SetStanding(BaseModel):
    """What is to hold of an author from now on. The reason is told to them."""

    status: AuthorStatus
    reason: str = Field(min_length=3, max_length=500)
    until: AwareDatetime | None = None
    for_hours: int | None = Field(None, ge=1, le=24 * 365)


class TryComment(BaseModel):
    """A comment somebody is about to send."""

    text: str = Field(max_length=20_000)
    language: str | None = None


class Nudge(BaseModel):
    """What would offend, with spans, so that it can be said otherwise. `fine` when nothing does."""

    fine: bool
    reasons: list[ReasonView]
    tell: list[str]


_NUDGED = ("length", "links", "words", "shouting", "contact")


@router.get("/v1/authors/{author_id}", dependencies=[allow(Role.MODERATOR)])
async def show_author(author_id: str, session: Reading) -> AuthorView:
    """An author with their latest comments."""
    author = await people.author(session, author_id)
    if author is None:
        raise unknown("author", author_id)
    latest = await comments.of_author(session, author_id, 20)
    return view_author(author, utc_now(), [view_comment(comment) for comment in latest])


@router.post("/v1/authors/{author_id}/standing", dependencies=[allow(Role.MODERATOR)])
async def change_standing(author_id: str, body: SetStanding, tx: Tx, who: Who) -> AuthorView:
    """Premoderate, suspend until a time, ban, or lift it. What of theirs waits is decided again."""
    now = utc_now()
    until = now + timedelta(hours=body.for_hours) if body.for_hours else body.until
    try:
        author = await set_standing(tx.session, author_id, Standing(body.status, body.reason, until, who.id), now)
    except Senseless as error:
        raise Problem(422, "senseless-standing", "This standing cannot be.", detail=str(error)) from None
    return view_author(author, now, [])


@router.post("/v1/nudges", dependencies=[allow(Role.PUBLIC)])
async def nudge(
    body: TryComment,
    session: Reading,
    court: Annotated[Court, part(Court)],
    accept_language: Annotated[str, Header()] = "en",
) -> Nudge:
    """Say, before a comment is sent, what in it offends. Nothing is kept."""
    sitting = await court.sit(session)
    ruling = sitting.judge.judge(Case(uuid4(), uuid4(), 1, body.text))
    told = [r for r in ruling.reasons if r.rule in _NUDGED and r.verdict != "approve" and not r.shadow]
    language = (body.language or accept_language)[:2]
    reasons: list[dict[str, Any]] = [reason.model_dump(mode="json") for reason in told]
    views = reasons_of(reasons)
    return Nudge(fine=not views, reasons=views, tell=[view.tell["vi" if language == "vi" else "en"] for view in views])


def view_author(author: AuthorState, now: datetime, latest: list[CommentView]) -> AuthorView:
    """An author as moderators see them."""
    names = set(AuthorView.model_fields) - {"trust", "comments"}
    trust = Evidence(author.good, author.bad, author.as_of).at(now).trust
    return AuthorView(**{name: getattr(author, name) for name in names}, trust=round(trust, 4), comments=latest)
