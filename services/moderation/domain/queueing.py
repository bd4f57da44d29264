"""What a moderator sees first."""

from collections.abc import Iterable
from typing import Final

from shared.events import VerdictReason

_WEIGHTS: Final = {"approve": 0.1, "hold": 0.5, "reject": 1.0}


def risk_of(reasons: Iterable[VerdictReason], report_weight: float) -> float:
    """How urgent a look is: 1 − Π(1 − weight of each live reason), raised by what readers' reports weigh."""
    calm = 1.0
    for reason in reasons:
        if not reason.shadow and reason.verdict != "approve":
            share = reason.score if reason.score is not None and 0.0 <= reason.score <= 1.0 else 1.0
            calm *= 1.0 - 0.9 * _WEIGHTS[reason.verdict] * max(0.2, share)
    return round((1.0 - calm) * (1.0 + report_weight), 4)


def shares(count: int, uncertain: float) -> tuple[int, int, int]:
    """How many of a claim are taken by urgency, by uncertainty, and at random from what was approved (an audit)."""
    apart = min(count, round(count * uncertain))
    audit = apart // 2
    return count - apart, apart - audit, audit
