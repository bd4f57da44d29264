"""Too short to say anything, or too long to be read."""

from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`length.empty`, `length.short`, `length.long`; lengths are code points that a reader sees."""
    part = policy.length
    size = len(case.reading.marked.text.strip())
    if size == 0:
        return finding("length.empty", "reject", "There is nothing to read in it.")
    if size < part.shortest:
        return finding("length.short", part.too_short, f"{size} characters; {part.shortest} are asked for.")
    if size > part.longest:
        return finding("length.long", part.too_long, f"{size} characters; at most {part.longest} are taken.")
    return []
