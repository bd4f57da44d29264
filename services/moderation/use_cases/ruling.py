"""A person decides: guarded by version and lease, written like any decision, and a lesson for the learner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.language import detect
from services.moderation.domain.phrases import explain
from services.moderation.storage import people
from services.moderation.storage.tables import Comment
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.deciding import Finding, locked, write_down
from shared.events import CommentModerated, Verdict, VerdictReason

#: How much a decision teaches: one that overturned another counts three times.
LESSON = 1.0
OVERTURNED = 3.0


class UnknownComment(LookupError):
    """There is no such comment."""


class Refused(ValueError):
    """A decision that must not be applied; `why` is a slug, the message a sentence."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Order:
    """What a person decided. `version` is the comment's as they saw it; None decides whatever it is now."""

    comment_id: UUID
    verdict: Verdict
    by: str
    codes: tuple[str, ...] = ()
    note: str | None = None
    version: int | None = None
    overturns: bool = False


async def rule(session: AsyncSession, order: Order, court: Court, now: datetime) -> tuple[Comment, CommentModerated]:
    """Apply one person's decision. Raises UnknownComment or Refused."""
    found = await locked(session, order.comment_id, now)
    if found is None:
        raise UnknownComment(f"there is no comment {order.comment_id}")
    comment, authors = found
    _refuse_stale(comment, order, now)
    sitting = await court.sit(session)
    overturned = order.overturns or (comment.decided_by not in {None, "machine"} and comment.verdict != order.verdict)
    language = comment.language if comment.decided_at else detect(comment.text, comment.language)[0]
    finding = Finding(
        comment=comment,
        verdict=order.verdict,
        reasons=_reasons(order),
        inputs={"version": comment.version, "reports": comment.reports, "before": comment.verdict},
        policy=sitting.name,
        model="person",
        decided_by=order.by,
        note=order.note,
        trains=0.0 if order.verdict == "hold" else OVERTURNED if overturned else LESSON,
        language=language,
    )
    facts = await write_down(session, [finding], authors, now)
    if order.verdict != "hold":
        await _settle_reports(session, comment.id, order.verdict, now)
    return comment, facts[0]


def _refuse_stale(comment: Comment, order: Order, now: datetime) -> None:
    if comment.state == "withdrawn":
        raise Refused("withdrawn", "The author has deleted this comment; there is nothing left to decide.")
    if order.version is not None and order.version != comment.version:
        raise Refused(
            "stale-decision",
            f"You saw version {order.version}; the comment is at {comment.version} now. Look again, then decide.",
        )
    leased = comment.lease_by is not None and comment.lease_until is not None and comment.lease_until > now
    if leased and comment.lease_by != order.by:
        raise Refused("leased", f"{comment.lease_by} is working on it until {comment.lease_until:%H:%M:%S} UTC.")


def _reasons(order: Order) -> tuple[VerdictReason, ...]:
    codes = order.codes or (f"person.{order.verdict}",)
    return tuple(
        VerdictReason(code=code, rule="person", message=order.note or explain(code), verdict=order.verdict)
        for code in codes
    )


async def _settle_reports(session: AsyncSession, comment_id: UUID, verdict: Verdict, now: datetime) -> None:
    """A rejection proves the reporters right, an approval wrong; their next reports weigh accordingly."""
    outcome = "upheld" if verdict == "reject" else "dismissed"
    reporters = await people.close_reports(session, comment_id, outcome)
    if not reporters:
        return
    rows = await people.authors(session, dict.fromkeys(reporters, ""), now)
    right = int(verdict == "reject")
    await people.settle(
        session,
        [
            {
                "b_id": reporter,
                "reports_right": rows[reporter].reports_right + right,
                "reports_wrong": rows[reporter].reports_wrong + 1 - right,
            }
            for reporter in reporters
        ],
    )
