"""Readers said that somebody should look."""

from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`reports.weight` once the reports, weighted by who reported, weigh enough."""
    part, reports = policy.reports, case.reports
    if not reports.count or reports.weight < part.weight:
        return []
    return finding(
        "reports.weight",
        part.action,
        f"Reported {reports.count} times (weight {reports.weight:.2f}).",
        score=reports.weight,
    )
