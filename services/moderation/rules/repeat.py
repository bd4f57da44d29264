"""The same text again: by the same author, or by several."""

from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`repeat.same_author`, `repeat.many` (the same author again and again), `repeat.across` (other authors)."""
    part, alike = policy.repeat, case.alike
    reasons: list[VerdictReason] = []
    share = f"{alike.likeness:.0%} alike"
    if alike.by_author >= part.many_from:
        reasons += finding(
            "repeat.many",
            part.many_same_author,
            f"Sent {alike.by_author} times before ({share}).",
            score=alike.likeness,
        )
    elif alike.by_author >= part.same_author_from:
        reasons += finding(
            "repeat.same_author", part.same_author, f"The author sent this before ({share}).", score=alike.likeness
        )
    if alike.by_others >= part.across_from:
        reasons += finding(
            "repeat.across",
            part.across_authors,
            f"Sent by {alike.by_others} other authors before ({share}).",
            score=alike.likeness,
        )
    return reasons
