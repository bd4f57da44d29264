"""The operator's own regular expressions, under a time limit: a slow one is an unknown signal, not a stuck desk."""

from collections.abc import Iterable
from functools import lru_cache

import regex

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


@lru_cache(maxsize=512)
def compiled(expression: str) -> "regex.Pattern[str]":
    """A pattern, compiled once. Raises `regex.error` saying where it is wrong."""
    return regex.compile(expression, regex.IGNORECASE)


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`pattern.<name>` with spans; `signal.unknown` for one that took longer than `pattern_seconds`."""
    reasons: list[VerdictReason] = []
    for pattern in policy.patterns:
        try:
            spans = [m.span() for m in compiled(pattern.expression).finditer(case.text, timeout=policy.pattern_seconds)]
        except TimeoutError:
            message = f"A signal is missing: pattern {pattern.name} ran out of time."
            reasons += finding("signal.unknown", policy.missing_signal, message)
            continue
        if spans:
            reasons += finding(f"pattern.{pattern.name}", pattern.action, pattern.message, spans=spans)
    return reasons
