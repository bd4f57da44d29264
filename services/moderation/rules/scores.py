"""What the scorers said, weighed by thresholds that the desk's own decisions bear out."""

from collections.abc import Iterable

from services.moderation.domain.case import Case, Score
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Action, Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`score.<label>` per scorer; `score.thin` while evidence is thin; `signal.unknown` where one is silent."""
    reasons: list[VerdictReason] = []
    for score in case.scores:
        shadow = score.shadow or score.scorer in policy.scores.shadow
        found = list(_of(score, policy))
        reasons += [reason.model_copy(update={"shadow": True}) for reason in found] if shadow else found
    return reasons


def _of(score: Score, policy: Policy) -> Iterable[VerdictReason]:
    if score.scores is None:
        if score.on_failure == "ignore":
            return finding("score.silent", "note", f"{score.scorer} did not answer ({score.failure}).")
        message = f"A signal is missing: {score.scorer} did not answer ({score.failure})."
        return finding("signal.unknown", policy.missing_signal, message)
    label, value = max(score.scores.items(), key=lambda item: item[1], default=("", 0.0))
    reasons: list[VerdictReason] = []
    spans = list(score.spans)
    action: Action = "note"
    if score.reject_from is not None and value >= score.reject_from:
        action, message = "reject", f"{score.scorer}: {value:.2f}, at or above {score.reject_from:.2f} (reject)."
    elif score.hold_from is not None and value >= score.hold_from:
        action, message = "hold", f"{score.scorer}: {value:.2f}, at or above {score.hold_from:.2f} (unsure)."
    elif score.hold_from is None and policy.scores.approve_only_below and not score.shadow:
        return finding("score.thin", "hold", f"{score.scorer} has too little evidence to approve by.", score=value)
    else:
        message = f"{score.scorer}: {value:.2f}."
    reasons += finding(f"score.{label}", action, message, spans=spans, score=value)
    return reasons
