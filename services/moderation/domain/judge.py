"""Collect everything, then decide: all rules run, and the most severe live reason is the verdict.

The order, in one place: `reject` beats `hold` beats `approve`. A reason in shadow is recorded and never counts. A rule
that fails, and a scorer that did not answer, is a reason of its own (`signal.unknown`), as severe as the policy's
`missing_signal`. In a thread moderated after the fact, a `hold` for doubt becomes an approval that is queued.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.moderation.domain.case import Case
from services.moderation.domain.policy import Action, Policy
from shared.events import Verdict, VerdictReason

SEVERITY: dict[Verdict, int] = {"approve": 0, "hold": 1, "reject": 2}
Spans = list[tuple[int, int]]


class Rule(Protocol):
    """One rule: from a case to its findings. Pure; may raise, which makes its signal unknown."""

    def __call__(self, case: Case, policy: Policy) -> Iterable[VerdictReason]: ...


@dataclass(frozen=True, slots=True)
class Ruling:
    """The outcome: the verdict, every reason behind it, and whether a person should look although it is shown."""

    verdict: Verdict
    reasons: tuple[VerdictReason, ...]
    look_later: bool = False


def finding(
    code: str, action: Action, message: str, *, spans: Spans | None = None, score: float | None = None
) -> list[VerdictReason]:
    """A finding as a reason, or nothing when the policy says `off`. The rule's name is the code up to the first dot."""
    if action == "off":
        return []
    verdict: Verdict = "approve" if action == "note" else action
    return [
        VerdictReason(
            code=code, rule=code.partition(".")[0], message=message, verdict=verdict, spans=spans or [], score=score
        )
    ]


def most_severe(reasons: Iterable[VerdictReason]) -> Verdict:
    """The verdict that the live reasons add up to; `approve` when there are none."""
    return max((r.verdict for r in reasons if not r.shadow), key=SEVERITY.__getitem__, default="approve")


class Judge:
    """The rules under one policy."""

    def __init__(self, policy: Policy, rules: Sequence[Rule]) -> None:
        self.policy = policy
        self._rules = tuple(rules)

    def judge(self, case: Case) -> Ruling:
        """Every reason there is, and what they add up to."""
        reasons = list(self._unknown(case.missing))
        for rule in self._rules:
            try:
                reasons.extend(rule(case, self.policy))
            except Exception as error:  # noqa: BLE001 - a rule that fails is an unknown signal, never a pass
                reasons.extend(self._unknown([f"{_name(rule)} failed ({type(error).__name__})"]))
        shadow = self.policy.shadow
        if shadow:
            reasons = [r.model_copy(update={"shadow": True}) if r.code in shadow else r for r in reasons]
        return self._settle(case, reasons)

    def _unknown(self, signals: Iterable[str]) -> list[VerdictReason]:
        return [
            reason
            for signal in signals
            for reason in finding(
                "signal.unknown",
                self.policy.missing_signal,
                f"A signal is missing: {signal}. Nothing is shown on a guess.",
            )
        ]

    def _settle(self, case: Case, reasons: list[VerdictReason]) -> Ruling:
        verdict = most_severe(reasons)
        mode = self.policy.mode_of(str(case.article_id), case.section, case.thread.mode)
        if verdict != "hold" or mode == "pre":
            return Ruling(verdict, tuple(reasons))
        if any(r.verdict == "hold" and not r.shadow and r.code in self.policy.modes.never_shown_first for r in reasons):
            return Ruling(verdict, tuple(reasons))
        note = finding("mode.shown_first", "note", f"This thread is moderated in {mode} mode: shown first.")
        return Ruling("approve", (*reasons, *note), look_later=mode == "post")


def _name(rule: Rule) -> str:
    module = getattr(rule, "__module__", "")
    return f"rule {module.rpartition('.')[2] or type(rule).__name__}"
