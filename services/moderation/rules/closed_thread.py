"""A thread that was closed, or whose story was killed, takes no comment."""

from collections.abc import Iterable

from services.moderation.domain.case import Case
from services.moderation.domain.judge import finding
from services.moderation.domain.policy import Policy
from shared.events import VerdictReason


def check(case: Case, policy: Policy) -> Iterable[VerdictReason]:
    """`thread.killed` always rejects; `thread.closed` does what the policy says."""
    if case.thread.killed:
        return finding("thread.killed", "reject", "The story was taken down; its thread is closed.")
    if not case.thread.open:
        return finding("thread.closed", policy.closed_thread, "The thread is closed.")
    return []
