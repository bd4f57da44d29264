"""An author deletes their comment: it leaves every page, its text is erased, the record of decisions stays."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.phrases import explain
from services.moderation.storage import comments
from services.moderation.use_cases.deciding import Finding, locked, write_down
from services.moderation.use_cases.ruling import UnknownComment
from shared.events import CommentModerated, VerdictReason


class NotYours(PermissionError):
    """Only its author, or a moderator for them, may delete a comment."""


async def withdraw(
    session: AsyncSession, comment_id: UUID, by: str, *, for_author: bool, now: datetime
) -> list[CommentModerated]:
    """Erase a comment at its author's wish. Nothing is told when it was deleted before."""
    found = await locked(session, comment_id, now)
    if found is None:
        raise UnknownComment(f"there is no comment {comment_id}")
    comment, authors = found
    if comment.author_id != by and not for_author:
        raise NotYours("this comment is somebody else's")
    if comment.state == "withdrawn":
        return []
    reason = VerdictReason(
        code="person.withdrawn", rule="person", message=explain("person.withdrawn"), verdict="reject"
    )
    finding = Finding(
        comment=comment,
        verdict="reject",
        reasons=(reason,),
        inputs={"before": comment.verdict},
        policy="author",
        model="person",
        decided_by=f"author {comment.author_id}",
        language=comment.language,
        state="withdrawn",
    )
    facts = await write_down(session, [finding], authors, now)
    await comments.erase(session, comment_id)
    return facts
