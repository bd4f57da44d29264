"""What an author is told of their comment: how it stands, why, in two languages, and what they can do about it."""

from datetime import datetime

from pydantic import BaseModel

from services.moderation.domain.phrases import explain
from services.moderation.storage.tables import Appeal, AuthorState, Comment, Decision


class Told(BaseModel):
    """One reason in words, and where in the comment it shows."""

    en: str
    vi: str
    spans: list[tuple[int, int]] = []


class AuthorStanding(BaseModel):
    """What holds of the author's account; never kept from them."""

    status: str
    reason: str | None
    until: datetime | None


class Explanation(BaseModel):
    """`state`: pending, hold (a person will look), approve, reject, withdrawn. `note` is what the moderator wrote."""

    state: str
    reasons: list[Told]
    note: str | None
    decided_at: datetime | None
    may_appeal: bool
    appeal_outcome: str | None
    appeal_answer: str | None
    appeal_deadline: datetime | None
    standing: AuthorStanding


def explain_to_author(
    comment: Comment, decision: Decision | None, author: AuthorState | None, appeal: Appeal | None, now: datetime
) -> Explanation:
    """Only reasons that count are told, each sentence once; what shadows say and who decided is the desk's own."""
    counted = [r for r in decision.reasons if not r["shadow"] and r["verdict"] != "approve"] if decision else []
    if decision is not None and comment.state in {"approve", "withdrawn"}:
        counted = [r for r in decision.reasons if r["rule"] == "person"]
    told: dict[str, Told] = {}
    for reason in counted:
        sentence = explain(reason["code"])
        known = told.setdefault(sentence, Told(en=sentence, vi=explain(reason["code"], "vi")))
        known.spans += [(start, end) for start, end in reason["spans"]]
    by_person = decision is not None and decision.decided_by != "machine"
    return Explanation(
        state=comment.state,
        reasons=list(told.values()),
        note=decision.note if decision is not None and by_person else None,
        decided_at=comment.decided_at,
        may_appeal=comment.state == "reject" and decision is not None and appeal is None,
        appeal_outcome=appeal.outcome if appeal else None,
        appeal_answer=appeal.answer if appeal else None,
        appeal_deadline=appeal.deadline if appeal else None,
        standing=_standing(author, now),
    )


def _standing(author: AuthorState | None, now: datetime) -> AuthorStanding:
    over = author is not None and author.status_until is not None and author.status_until <= now
    if author is None or author.status == "ok" or over:
        return AuthorStanding(status="ok", reason=None, until=None)
    return AuthorStanding(status=author.status, reason=author.status_reason, until=author.status_until)
