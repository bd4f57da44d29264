"""Too many comments by one author in a short time."""

from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`flood.drowning` for a torrent, `flood.author` for more than a person would write."""
    part, author = policy.flood, case.author
    if author.last_minute >= part.drowning_per_minute:
        return finding("flood.drowning", part.drowning, f"{author.last_minute} comments in the last minute.")
    if author.last_minute >= part.per_minute:
        return finding("flood.author", part.action, f"{author.last_minute} comments in the last minute.")
    if author.last_hour >= part.per_hour:
        return finding("flood.author", part.action, f"{author.last_hour} comments in the last hour.")
    return []
