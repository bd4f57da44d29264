"""What is known of who writes: new, distrusted, under premoderation, suspended, banned."""

from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`author.banned|suspended|premoderated` by standing, `author.new` and `author.distrusted` by record."""
    part, author = policy.author, case.author
    reasons: list[VerdictReason] = []
    match author.status:
        case "banned":
            reasons += finding("author.banned", part.banned, "The author is banned.")
        case "suspended":
            reasons += finding("author.suspended", part.suspended, "The author is suspended for a time.")
        case "premoderated":
            reasons += finding(
                "author.premoderated", part.premoderated, "A person looks first at what this author writes."
            )
        case "ok":
            pass
    if author.approved < part.first_comments:
        reasons += finding("author.new", part.new_author, f"One of the author's first {part.first_comments} comments.")
    if author.trust < part.little_trust and author.rejected:
        reasons += finding(
            "author.distrusted",
            part.distrusted,
            f"Many of the author's comments were refused (trust {author.trust:.2f}).",
            score=author.trust,
        )
    return reasons
