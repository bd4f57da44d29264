"""A reader speaks: writing a comment and reporting one, whether through the API or the form under the article."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.comments import Comment, Report, find_comment, find_report, find_thread
from services.publishing.storage.public import PublicArticle
from shared.events import CommentReported, CommentSubmitted
from shared.runtime import new_id

Reason = Literal["spam", "abuse", "off_topic", "illegal", "other"]
Refusal = Literal["closed", "no_such_comment"]


@dataclass(frozen=True)
class Reader:
    """Who speaks: an id that stays the same for a browser or a token, and the name shown."""

    id: str
    name: str


async def submit_comment(
    session: AsyncSession, row: PublicArticle, reader: Reader, text: str, reply_to: UUID | None, now: datetime
) -> CommentSubmitted | Refusal:
    """Keep a comment that nobody sees until it is approved; the fact to tell, or why it was not taken."""
    if row.gone or not (await find_thread(session, row.article_id)).open:
        return "closed"
    if reply_to is not None:
        parent = await find_comment(session, reply_to)
        if parent is None or parent.article_id != row.article_id or parent.state != "shown":
            return "no_such_comment"
    comment = Comment(
        id=new_id(),
        article_id=row.article_id,
        reply_to=reply_to,
        author_id=reader.id,
        author_name=reader.name,
        text=text,
        submitted_at=now,
    )
    session.add(comment)
    return CommentSubmitted(
        comment_id=comment.id,
        article_id=row.article_id,
        reply_to=reply_to,
        author_id=reader.id,
        author_name=reader.name,
        text=text,
        section=row.section,
        article_headline=row.article.get("headline"),
        submitted_at=now,
    )


async def report_comment(
    session: AsyncSession, comment_id: UUID, reader: Reader, reason: Reason, note: str | None, now: datetime
) -> CommentReported | Refusal | None:
    """Keep a reader's report of a shown comment; None where that reader reported it before."""
    comment = await find_comment(session, comment_id)
    if comment is None or comment.state != "shown":
        return "no_such_comment"
    if await find_report(session, comment_id, reader.id) is not None:
        return None
    report = Report(
        id=new_id(), comment_id=comment_id, reporter_id=reader.id, reason=reason, note=note, reported_at=now
    )
    session.add(report)
    return CommentReported(
        report_id=report.id,
        comment_id=comment_id,
        article_id=comment.article_id,
        reporter_id=reader.id,
        reason=reason,
        note=note,
        reported_at=now,
    )
