"""A language the thread does not take."""

from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`language.unexpected`, only where the detection is sure and the text long enough to tell."""
    part = policy.language
    if not part.expected or case.language in {"und", *part.expected} or case.language_sure < part.sure:
        return []
    if sum(map(str.isalpha, case.text)) < part.from_letters:
        return []
    return finding(
        "language.unexpected",
        part.unexpected,
        f"Written in {case.language}; this thread takes {', '.join(part.expected)}.",
        score=case.language_sure,
    )
