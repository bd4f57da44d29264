"""Readers report comments; a report weighs as much as its reporter was right before."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage import comments, people
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.deciding import locked
from services.moderation.use_cases.receiving import decide_all
from shared.events import CommentModerated, CommentReported


class NotYetKnown(LookupError):
    """The report came before its comment; it is tried again until that has arrived."""


async def take_report(
    session: AsyncSession, report: CommentReported, court: Court, now: datetime
) -> list[CommentModerated]:
    """Keep the report; decide again if the comment stands by the machine's word, queue it if by a person's."""
    found = await locked(session, report.comment_id, now)
    if found is None:
        raise NotYetKnown(f"report {report.report_id} is about comment {report.comment_id}, which is not known yet")
    comment, _ = found
    weight = await _weight(session, report.reporter_id)
    row = {
        "id": report.report_id,
        "comment_id": report.comment_id,
        "reporter_id": report.reporter_id,
        "reason": report.reason,
        "note": report.note,
        "weight": weight,
        "reported_at": report.reported_at,
    }
    if not await people.keep_report(session, row):
        return []
    comment.reports, comment.report_weight = await people.report_weight(session, comment.id)
    change = {"b_id": comment.id, "reports": comment.reports, "report_weight": comment.report_weight}
    by_person = comment.decided_by not in {None, "machine"}
    if by_person and comment.state == "approve":
        change |= {"queued_at": comment.queued_at or now, "risk": max(comment.risk, 0.5 * comment.report_weight)}
    await comments.settle(session, [change])
    if by_person or comment.state != "approve":
        return []
    if court.scorers.all:
        await comments.settle(session, [{"b_id": comment.id, "redecide": True}])
        return []
    sitting = await court.sit(session)
    if comment.report_weight < sitting.policy.reports.weight:
        return []
    return await decide_all(session, [comment], sitting, now)


async def _weight(session: AsyncSession, reporter_id: str) -> float:
    """The mean of the reporter's Beta posterior: half for one nobody knows."""
    reporter = await people.author(session, reporter_id)
    right, wrong = (reporter.reports_right, reporter.reports_wrong) if reporter else (0, 0)
    return (right + 1.0) / (right + wrong + 2.0)
