"""Facts about readers' comments: submitted, reported, moderated, and whether a thread takes any."""

from typing import Literal
from uuid import UUID

from shared.events.base import Event, Moment
from shared.events.words import Verdict, VerdictReason


class CommentSubmitted(Event):
    """A reader wrote or rewrote a comment; nobody sees it until it is approved. Told by publishing."""

    comment_id: UUID
    article_id: UUID
    revision: int = 1
    reply_to: UUID | None = None
    author_id: str
    author_name: str
    text: str
    language: str | None = None
    section: str | None = None
    article_headline: str | None = None
    submitted_at: Moment


class CommentReported(Event):
    """A reader says that a shown comment should be looked at again. Told by publishing."""

    report_id: UUID
    comment_id: UUID
    article_id: UUID
    reporter_id: str
    reason: Literal["spam", "abuse", "off_topic", "illegal", "other"] = "other"
    note: str | None = None
    reported_at: Moment


class CommentModerated(Event):
    """A verdict on one revision of a comment; `sequence` counts the verdicts on the comment from 1, the highest stands.

    Told by moderation.
    """

    comment_id: UUID
    article_id: UUID
    revision: int
    decision_id: UUID
    sequence: int
    verdict: Verdict
    reasons: list[VerdictReason]
    policy: str
    decided_by: str
    decided_at: Moment


class ThreadChanged(Event):
    """The comment thread of an article was opened, closed or given another mode of moderation. Told by publishing."""

    article_id: UUID
    revision: int
    open: bool
    mode: Literal["pre", "post", "reactive"] = "pre"
    changed_at: Moment
