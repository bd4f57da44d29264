"""Shouting: capitals all over, or one sign again and again."""

import re
from collections.abc import Iterable
from typing import Final

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason

_RUN: Final = re.compile(r"([^\w\s])\1{3,}|(?:[!?]){4,}")
_SIGNS: Final = re.compile(r"[^\w\s]{4}")


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`shouting.capitals` and `shouting.signs`."""
    part, text = policy.shouting, case.text
    reasons: list[VerdictReason] = []
    upper = sum(map(str.isupper, text))
    if upper >= part.from_letters * part.capitals:
        cased = upper + sum(map(str.islower, text))
        if cased >= part.from_letters and upper / cased >= part.capitals:
            reasons += finding(
                "shouting.capitals", part.shouted, f"{upper / cased:.0%} of it is in capitals.", score=upper / cased
            )
    spans = (
        [m.span() for m in _RUN.finditer(text) if m.end() - m.start() >= part.run_of_signs]
        if _SIGNS.search(text)
        else []
    )
    if spans:
        reasons += finding("shouting.signs", part.signs, "One sign is repeated again and again.", spans=spans)
    return reasons
