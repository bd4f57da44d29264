"""What moderation answers with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.moderation.domain.phrases import explain
from services.moderation.storage.tables import Comment, Decision
from shared.events import Verdict, VerdictReason


class ReasonView(VerdictReason):
    """A reason with the sentence its author is told, in English and Vietnamese."""

    tell: dict[str, str] = {}


class DecisionView(BaseModel):
    """One decision as recorded."""

    position: int
    decision_id: UUID
    sequence: int
    revision: int
    verdict: Verdict
    reasons: list[ReasonView]
    policy: str
    model: str
    trust: float
    decided_by: str
    decided_at: datetime
    supersedes: UUID | None
    note: str | None
    inputs: dict[str, Any]
    text_sha256: str
    hash: str
    previous_hash: str


class CommentView(BaseModel):
    """A comment as moderators see it. `version` goes back with a decision, so that a stale one is refused."""

    comment_id: UUID
    article_id: UUID
    revision: int
    version: int
    reply_to: UUID | None
    author_id: str
    author_name: str
    text: str
    language: str
    section: str | None
    article_headline: str | None
    submitted_at: datetime
    state: str
    verdict: Verdict | None
    decided_by: str | None
    risk: float
    reports: int
    queued_at: datetime | None
    lease_by: str | None
    lease_until: datetime | None
    reasons: list[ReasonView] = []


class CommentHistory(CommentView):
    """A comment with every decision on it, the latest first."""

    decisions: list[DecisionView]


def reasons_of(reasons: list[dict[str, Any]]) -> list[ReasonView]:
    """Stored reasons, with what the author is told."""
    return [
        ReasonView(**reason, tell={"en": explain(reason["code"]), "vi": explain(reason["code"], "vi")})
        for reason in reasons
    ]


def view_decision(row: Decision) -> DecisionView:
    """A decision record as the API shows it."""
    values = {name: getattr(row, name) for name in DecisionView.model_fields if name not in {"decision_id", "reasons"}}
    return DecisionView(decision_id=row.id, reasons=reasons_of(row.reasons), **values)


def view_comment(comment: Comment, reasons: list[dict[str, Any]] | None = None) -> CommentView:
    """A comment as the queue shows it."""
    return CommentView(**_fields(comment), reasons=reasons_of(reasons or []))


def view_history(comment: Comment, rows: list[Decision]) -> CommentHistory:
    """A comment with its decisions, the latest first."""
    latest = rows[-1].reasons if rows else []
    return CommentHistory(
        **_fields(comment), reasons=reasons_of(latest), decisions=[view_decision(row) for row in reversed(rows)]
    )


def _fields(comment: Comment) -> dict[str, Any]:
    renamed = {"comment_id": comment.id, "article_headline": comment.headline}
    names = set(CommentView.model_fields) - {"reasons", *renamed}
    return {**renamed, **{name: getattr(comment, name) for name in names}}
