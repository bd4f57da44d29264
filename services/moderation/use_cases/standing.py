"""An author's standing: premoderated, suspended, banned; with a reason, known to them, never in the shadow."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import AuthorStatus
from services.moderation.storage import comments, people
from services.moderation.storage.tables import AuthorState


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to hold of an author, why, until when (None: until changed), and who says so."""

    status: AuthorStatus
    reason: str
    until: datetime | None
    by: str


class Senseless(ValueError):
    """A standing that cannot be: a suspension without an end, an end in the past."""


async def set_standing(session: AsyncSession, author_id: str, standing: Standing, now: datetime) -> AuthorState:
    """Give an author a standing; what of theirs still waits is decided again."""
    if standing.status == "suspended" and standing.until is None:
        raise Senseless("a suspension needs an end (`until`); use `banned` for one without")
    if standing.until is not None and standing.until <= now:
        raise Senseless(f"`until` lies in the past ({standing.until.isoformat()})")
    author = (await people.authors(session, {author_id: ""}, now))[author_id]
    author.status, author.status_reason = standing.status, standing.reason
    author.status_until, author.status_by = standing.until, standing.by
    change = {
        "b_id": author_id,
        "status": standing.status,
        "status_reason": standing.reason,
        "status_until": standing.until,
        "status_by": standing.by,
    }
    await people.settle(session, [change])
    await comments.ask_again_of(session, author_id)
    return author
