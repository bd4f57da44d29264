"""Moderation's verdicts on readers' comments: only what was approved is shown, and what is no longer approved goes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage import articles, comments, public
from services.publishing.storage.comments import Comment
from shared.events import CommentModerated, CommentRemoved, CommentShown, Publication

_STATES = {"approve": "shown", "hold": "held", "reject": "rejected"}


async def take_verdicts(session: AsyncSession, batch: Sequence[CommentModerated], now: datetime) -> list[Publication]:
    """Let each verdict stand unless a newer one does or its comment was rewritten; tell what readers see changed."""
    # An article that is let out at this moment must see our comments, or we must see that it is out.
    await articles.hold_articles(session, {verdict.article_id for verdict in batch})
    kept = await comments.lock_comments(session, {verdict.comment_id for verdict in batch})
    visible = await public.public_many(session, {comment.article_id for comment in kept.values()})
    told: list[Publication] = []
    for verdict in sorted(batch, key=lambda v: v.sequence):
        comment = kept.get(verdict.comment_id)
        if comment and verdict.revision == comment.revision and verdict.sequence > comment.sequence:
            told += _stand(comment, verdict, visible.keys(), now)
    return told


def _stand(comment: Comment, verdict: CommentModerated, visible: Collection[UUID], now: datetime) -> list[Publication]:
    comment.state, comment.sequence = _STATES[verdict.verdict], verdict.sequence
    comment.reasons = [reason.model_dump(mode="json") for reason in verdict.reasons if not reason.shadow]
    known = comment.shown_at is not None
    if comment.state != "shown" and known:  # also where its article is away: it may come back
        return [removed(comment, "no longer approved by moderation", now)]
    if comment.state == "shown" and not known and comment.article_id in visible:
        return [shown(comment, now)]
    return []


async def tell_approved(session: AsyncSession, ids: Collection[UUID], now: datetime) -> dict[UUID, list[CommentShown]]:
    """What of the comments under articles that come out now was approved while they were away, by article."""
    told: dict[UUID, list[CommentShown]] = {}
    for comment in await comments.untold_comments(session, ids) if ids else ():
        told.setdefault(comment.article_id, []).append(shown(comment, now))
    return told


def shown(comment: Comment, now: datetime) -> CommentShown:
    """The fact that a comment is public."""
    comment.shown_at = now
    return CommentShown(
        comment_id=comment.id,
        article_id=comment.article_id,
        revision=comment.revision,
        reply_to=comment.reply_to,
        author_name=comment.author_name,
        text=comment.text,
        submitted_at=comment.submitted_at,
        shown_at=now,
    )


def removed(comment: Comment, reason: str, now: datetime) -> CommentRemoved:
    """The fact that a comment is not public any more."""
    comment.shown_at = None
    return CommentRemoved(
        comment_id=comment.id,
        article_id=comment.article_id,
        revision=comment.revision,
        reason=reason,
        removed_at=now,
    )
