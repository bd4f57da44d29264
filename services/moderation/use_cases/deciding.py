"""Writing decisions down: the record, the comment's state and the author's standing change in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Case
from services.moderation.domain.judge import Ruling
from services.moderation.domain.queueing import risk_of
from services.moderation.domain.records import Record, fingerprint
from services.moderation.domain.trust import Standing, weight_of
from services.moderation.storage import comments, decisions, people
from services.moderation.storage.tables import AuthorState, Comment
from shared.events import CommentModerated, Verdict, VerdictReason
from shared.runtime import new_id

_COUNTED = {"approve": "approved", "hold": "held", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A ruling on a comment, not yet written down. `trains`: the weight with which it teaches the learner."""

    comment: Comment
    verdict: Verdict
    reasons: tuple[VerdictReason, ...]
    inputs: dict[str, Any]
    policy: str
    model: str
    decided_by: str
    look_later: bool = False
    note: str | None = None
    trains: float = 0.0
    language: str = "und"
    state: str | None = None
    score: float | None = None


def by_machine(comment: Comment, case: Case, ruling: Ruling, policy: str) -> Finding:
    """The machine's ruling as a finding."""
    model = ",".join(score.model for score in case.scores) or "none"
    return Finding(
        comment=comment,
        verdict=ruling.verdict,
        reasons=ruling.reasons,
        inputs=case.inputs(),
        policy=policy,
        model=model,
        decided_by="machine",
        look_later=ruling.look_later,
        language=case.language,
        score=next(((score.scores or {}).get("reject") for score in case.scores if score.scorer == "learner"), None),
    )


async def write_down(
    session: AsyncSession, found: Sequence[Finding], authors: dict[str, AuthorState], now: datetime
) -> list[CommentModerated]:
    """Write decisions, states and standings; the facts to tell. Comments and authors are locked already."""
    if not found:
        return []
    records, settled = [], []
    for one in found:
        record = _record(one, authors[one.comment.author_id], now)
        _move(authors[one.comment.author_id], one.comment, record)
        settled.append(_settled(one, record))
        records.append(record)
    await comments.settle(session, settled)
    touched = {one.comment.author_id for one in found}
    await people.settle(session, [_standing_row(authors[author_id]) for author_id in sorted(touched)])
    placed = await decisions.append(session, records)
    return [_fact(record) for record in placed]


def _record(one: Finding, author: AuthorState, now: datetime) -> Record:
    comment = one.comment
    return Record(
        position=0,
        decision_id=new_id(),
        comment_id=comment.id,
        article_id=comment.article_id,
        revision=comment.revision,
        sequence=comment.sequence + 1,
        verdict=one.verdict,
        reasons=one.reasons,
        inputs=one.inputs,
        text_sha256=fingerprint(comment.text),
        language=one.language,
        policy=one.policy,
        model=one.model,
        trust=round(Standing(author.good, author.bad, author.as_of).at(now).trust, 4),
        decided_by=one.decided_by,
        decided_at=now,
        supersedes=comment.decision_id,
        note=one.note,
        trains=one.trains,
    )


def _move(author: AuthorState, comment: Comment, record: Record) -> None:
    """Take the superseded verdict out of the author's standing and counts, and put the new one in."""
    now = record.decided_at
    standing = Standing(author.good, author.bad, author.as_of).at(now)
    before = cast("Verdict | None", comment.verdict)
    if before is not None and comment.decided_at is not None and comment.decided_by is not None:
        standing = standing.without(before, weight_of(comment.decided_by), comment.decided_at, now)
        setattr(author, _COUNTED[before], getattr(author, _COUNTED[before]) - 1)
    standing = standing.after(record.verdict, weight_of(record.decided_by), now)
    setattr(author, _COUNTED[record.verdict], getattr(author, _COUNTED[record.verdict]) + 1)
    author.good, author.bad, author.as_of = standing.good, standing.bad, standing.as_of


def _settled(one: Finding, record: Record) -> dict[str, Any]:
    comment = one.comment
    waits = one.verdict == "hold" or one.look_later
    comment.sequence, comment.decision_id, comment.verdict = record.sequence, record.decision_id, record.verdict
    comment.state, comment.version = one.state or record.verdict, comment.version + 1
    comment.decided_by, comment.decided_at = record.decided_by, record.decided_at
    comment.queued_at = (comment.queued_at or record.decided_at) if waits else None
    comment.language = one.language
    comment.risk = risk_of(one.reasons, comment.report_weight)
    comment.lease_by, comment.lease_until = None, None
    comment.score = one.score if one.score is not None else comment.score
    return {
        "b_id": comment.id,
        "sequence": comment.sequence,
        "decision_id": comment.decision_id,
        "verdict": comment.verdict,
        "state": comment.state,
        "version": comment.version,
        "decided_by": comment.decided_by,
        "decided_at": comment.decided_at,
        "queued_at": comment.queued_at,
        "language": comment.language,
        "risk": comment.risk,
        "score": comment.score,
        "redecide": False,
        "lease_by": None,
        "lease_until": None,
    }


def _standing_row(author: AuthorState) -> dict[str, Any]:
    names = ("good", "bad", "as_of", "approved", "held", "rejected")
    return {"b_id": author.author_id, **{name: getattr(author, name) for name in names}}


def _fact(record: Record) -> CommentModerated:
    return CommentModerated(
        comment_id=record.comment_id,
        article_id=record.article_id,
        revision=record.revision,
        decision_id=record.decision_id,
        sequence=record.sequence,
        verdict=record.verdict,
        reasons=list(record.reasons),
        policy=record.policy,
        decided_by=record.decided_by,
        decided_at=record.decided_at,
    )


async def locked(
    session: AsyncSession, comment_id: UUID, now: datetime
) -> tuple[Comment, dict[str, AuthorState]] | None:
    """One comment and its author, locked in the order every door uses; None when there is no such comment."""
    comment = await comments.get(session, comment_id, lock=True)
    if comment is None:
        return None
    return comment, await people.authors(session, {comment.author_id: comment.author_name}, now)
