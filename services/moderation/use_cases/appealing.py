"""Appeals: an author asks for another look; another moderator gives it, by a deadline, with an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage import appeals, comments, decisions
from services.moderation.storage.tables import Appeal
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.ruling import Order, Refused, UnknownComment, rule
from shared.events import CommentModerated
from shared.runtime import new_id

Outcome = Literal["upheld", "overturned"]


@dataclass(frozen=True, slots=True)
class Plea:
    """What an author says against a rejection."""

    comment_id: UUID
    by: str
    text: str
    for_author: bool = False


async def appeal(session: AsyncSession, plea: Plea, days: int, now: datetime) -> Appeal:
    """Open an appeal against a comment's rejection. Raises UnknownComment or Refused."""
    comment = await comments.get(session, plea.comment_id, lock=True)
    if comment is None or (comment.author_id != plea.by and not plea.for_author):
        raise UnknownComment(f"you have no comment {plea.comment_id}")
    if comment.state != "reject" or comment.decision_id is None:
        raise Refused("nothing-to-appeal", f"The comment is not rejected (it stands at {comment.state!r}).")
    if await appeals.of_decision(session, comment.decision_id) is not None:
        raise Refused("appealed-before", "This decision was appealed already; an appeal is heard once.")
    row: dict[str, Any] = {
        "id": new_id(),
        "comment_id": comment.id,
        "decision_id": comment.decision_id,
        "author_id": comment.author_id,
        "text": plea.text,
        "opened_at": now,
        "deadline": now + timedelta(days=days),
    }
    if not await appeals.open_one(session, row):
        raise Refused("appealed-before", "An appeal on this comment is open already.")
    return Appeal(**row)


async def hear(
    session: AsyncSession, appeal_id: UUID, outcome: Outcome, answer: str, by: str, court: Court, now: datetime
) -> tuple[Appeal, list[CommentModerated]]:
    """Decide an appeal. Whoever decided the first time may not. Overturning approves, and teaches the learner more."""
    held = await appeals.get(session, appeal_id, lock=True)
    if held is None:
        raise UnknownComment(f"there is no appeal {appeal_id}")
    if held.outcome is not None:
        raise Refused("appeal-decided", f"It was {held.outcome} by {held.decided_by} already.")
    against = await decisions.get(session, held.decision_id)
    if against is not None and against.decided_by == by:
        raise Refused("own-decision", "You took the decision that is appealed; another moderator has to hear this.")
    facts: list[CommentModerated] = []
    if outcome == "overturned":
        order = Order(held.comment_id, "approve", by, ("person.appeal_granted",), answer, overturns=True)
        facts.append((await rule(session, order, court, now))[1])
    await appeals.close(session, appeal_id, outcome, answer, by, now)
    held.outcome, held.answer, held.decided_by, held.decided_at = outcome, answer, by, now
    return held, facts
