"""Listed words, found through disguises, with their spans. What stands in someone else's mouth counts less."""

from collections import defaultdict
from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from services.moderation.domain.wordlist import Matcher
from shared.events import VerdictReason


class WordRule:
    """`words.<category>` for each category found; `words.quoted` for what is only quoted."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def __call__(self, case: Case, policy: Policy) -> Iterable[VerdictReason]:
        """One reason per category, with every span."""
        part = policy.words
        own: dict[str, list[tuple[int, int]]] = defaultdict(list)
        quoted: list[tuple[int, int]] = []
        for hit in self._matcher.find(case.reading):
            if case.reading.spoken is not case.reading and case.reading.is_quoted(hit.span):
                quoted.append(hit.span)
            else:
                own[hit.entry.category].append(hit.span)
        reasons: list[VerdictReason] = []
        for category in sorted(own):
            action = part.actions.get(category, "hold")
            reasons += finding(f"words.{category}", action, f"Words listed as {category}.", spans=own[category])
        if quoted:
            reasons += finding("words.quoted", part.quoted, "Listed words inside quoted speech.", spans=quoted)
        return reasons
