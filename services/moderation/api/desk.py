"""The moderators' desk in a browser: what is yours to decide, one key each, and a comment with all that was decided."""

from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import Query, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.api.authors import SetStanding, change_standing, view_author
from services.moderation.api.comments import DecideComment, decide_comment
from services.moderation.api.desk_door import AtDesk, Visit, desk_router, moderators
from services.moderation.api.problems import unknown_comment
from services.moderation.api.queue import ClaimComments, ReleaseComments, claim_comments, release_comments
from services.moderation.api.views import CommentView, view_comment, view_history
from services.moderation.domain.case import AuthorStatus
from services.moderation.domain.keys import KEYS, WORDS
from services.moderation.settings import Settings
from services.moderation.storage import appeals, comments, decisions, people, queue
from services.moderation.use_cases.court import Court
from shared.runtime import Problem, Reading, Tx, Who, part, utc_now
from shared.runtime.browsers import Sent, SentForm, one, to, unfit

router = desk_router()
AskCourt = Annotated[Court, part(Court)]
AskSettings = Annotated[Settings, part(Settings)]
#: How many comments one press of the button takes on, and how many of those that wait are shown.
_TAKE, _SHOWN = 10, 20


@router.get("/desk", dependencies=moderators)
async def show_desk(visit: AtDesk, done: Annotated[str, Query(max_length=20)] = "", on: UUID | None = None) -> Response:
    """The comments you hold, each with its reasons and one button for every answer; else what waits."""
    return await _desk(visit, done=WORDS.get(done), on=on)


async def _desk(
    visit: Visit, *, done: str | None = None, on: UUID | None = None, problem: Problem | None = None
) -> Response:
    session, now = visit.session, utc_now()
    rows = await queue.held(session, visit.who.id, now)
    waiting = [] if rows else await queue.waiting(session, now, _SHOWN)
    views = [view_comment(row.comment, row.reasons) for row in rows or waiting]
    facts = {
        "here": "queue",
        "counts": await queue.length(session, now),
        "appeals": await appeals.count_open(session),
        "keys": _keys(),
        "mine": bool(rows),
        "until": min((row.comment.lease_until for row in rows if row.comment.lease_until), default=None),
        "cards": views,
        **await _around(session, views),
    }
    return visit.page("queue.html", problem=problem, done=done, on=on, **facts)


async def _around(session: AsyncSession, views: list[CommentView]) -> dict[str, Any]:
    """What a comment is judged beside: its author's past, and what it answers."""
    now = utc_now()
    authors = await people.several(session, {view.author_id for view in views})
    answered = await comments.several(session, {view.reply_to for view in views if view.reply_to})
    return {"authors": {name: view_author(row, now, []) for name, row in authors.items()}, "answered": answered}


def _keys() -> dict[str, tuple[str, str]]:
    """Key → what its button says, and the verdict it gives."""
    return {key: (WORDS[key], verdict) for key, (verdict, _) in KEYS.items()}


@router.post("/desk/claims", dependencies=moderators)
async def take(tx: Tx, who: Who, court: AskCourt, settings: AskSettings) -> Response:
    """Take on ten."""
    await claim_comments(ClaimComments(count=_TAKE), tx, who, court, settings)
    return to("/desk")


@router.post("/desk/releases", dependencies=moderators)
async def give_back(tx: Tx, who: Who) -> Response:
    """Give back what is left."""
    held = await queue.held(tx.session, who.id, utc_now())
    if held:
        await release_comments(ReleaseComments(comment_ids=[row.comment.id for row in held]), tx, who)
    return to("/desk")


@router.post("/desk/comments/{comment_id}/decision", dependencies=moderators)
async def decide(comment_id: UUID, visit: AtDesk, tx: Tx, court: AskCourt, sent: SentForm) -> Response:
    """One answer to one comment, as it was seen; a stale one is refused and the comment shown as it is now."""
    try:
        await decide_comment(comment_id, _decision(sent), tx, visit.who, court)
    except Problem as refused:
        if one(sent, "alone"):
            return await _comment(comment_id, visit, problem=refused)
        return await _desk(visit, problem=refused)
    if one(sent, "alone"):
        return to(f"/desk/comments/{comment_id}?done={one(sent, 'key')}")
    return to(f"/desk?done={one(sent, 'key')}&on={comment_id}")


def _decision(sent: Sent) -> DecideComment:
    version = one(sent, "version")
    try:
        return DecideComment(
            key=one(sent, "key") or None,
            note=one(sent, "note").strip() or None,
            version=int(version) if version.isdecimal() else None,
        )
    except ValidationError as wrong:
        raise unfit("Not decided.", wrong) from None


@router.get("/desk/comments/{comment_id}", dependencies=moderators)
async def show_comment(comment_id: UUID, visit: AtDesk, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """A comment with every decision on it, and its author."""
    return await _comment(comment_id, visit, done=WORDS.get(done))


async def _comment(
    comment_id: UUID, visit: Visit, *, done: str | None = None, problem: Problem | None = None
) -> Response:
    session = visit.session
    found = await comments.get(session, comment_id)
    if found is None:
        raise unknown_comment(comment_id)
    view = view_history(found, await decisions.of_comment(session, comment_id))
    latest = await comments.of_author(session, view.author_id, 10)
    facts = {
        "here": None,
        "appeals": await appeals.count_open(session),
        "keys": _keys(),
        "view": view,
        "others": [view_comment(other) for other in latest if other.id != comment_id],
        "statuses": get_args(AuthorStatus),
        **await _around(session, [view]),
    }
    return visit.page("comment.html", problem=problem, done=done, **facts)


@router.post("/desk/comments/{comment_id}/standing", dependencies=moderators)
async def give_standing(comment_id: UUID, tx: Tx, session: Reading, who: Who, sent: SentForm) -> Response:
    """What is to hold of a comment's author from now on."""
    found = await comments.get(session, comment_id)
    if found is None:
        raise unknown_comment(comment_id)
    hours = one(sent, "for_hours")
    try:
        body = SetStanding.model_validate(
            {"status": one(sent, "status"), "reason": one(sent, "reason").strip(), "for_hours": hours or None}
        )
    except ValidationError as wrong:
        raise unfit("The standing was not changed.", wrong) from None
    await change_standing(found.author_id, body, tx, who)
    return to(f"/desk/comments/{comment_id}")
