"""One comment: its history of decisions, and a new one by a person."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.moderation.api.views import CommentHistory, CommentView, view_comment, view_history
from services.moderation.storage import comments, decisions
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.ruling import Order, Refused, UnknownComment, rule
from shared.events import Role, Verdict
from shared.runtime import DoorRouter, Problem, Reading, Tx, Who, allow, part, utc_now

router = DoorRouter(tags=["comments"])


class DecideComment(BaseModel):
    """A person's verdict. `codes` say why (e.g. `person.spam`); `version` is the comment's as it was seen."""

    verdict: Verdict
    codes: list[Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=60)]] = Field([], max_length=10)
    note: str | None = Field(None, max_length=2000)
    version: int | None = None


def unknown(comment_id: UUID) -> Problem:
    """The answer where there is no such comment."""
    return Problem(
        404, "unknown-comment", "There is no such comment.", detail=f"comment {comment_id} was never heard of here"
    )


@router.get("/v1/comments/{comment_id}", dependencies=[allow(Role.MODERATOR)])
async def show_comment(comment_id: UUID, session: Reading) -> CommentHistory:
    """A comment with every decision on it and every reason behind each."""
    comment = await comments.get(session, comment_id)
    if comment is None:
        raise unknown(comment_id)
    return view_history(comment, await decisions.of_comment(session, comment_id))


@router.post("/v1/comments/{comment_id}/decisions", status_code=201, dependencies=[allow(Role.MODERATOR)])
async def decide_comment(
    comment_id: UUID, body: DecideComment, tx: Tx, who: Who, court: Annotated[Court, part(Court)]
) -> CommentView:
    """Decide. A stale version, or a comment that another moderator holds, is refused (409)."""
    order = Order(comment_id, body.verdict, who.id, tuple(body.codes), body.note, body.version)
    try:
        comment, fact = await rule(tx.session, order, court, utc_now())
    except UnknownComment:
        raise unknown(comment_id) from None
    except Refused as refusal:
        raise Problem(409, refusal.why, "The decision was not applied.", detail=str(refusal)) from None
    tx.tell(fact)
    return view_comment(comment, [reason.model_dump(mode="json") for reason in fact.reasons])
