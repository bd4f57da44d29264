"""When a delivery is tried again, and when no more: the whole schedule as pure decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

#: Seconds to wait before attempts 1, 2, 3, …: at once, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
WAITS = (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
JITTER = 0.1  # of each wait, on top
PATIENCE = timedelta(days=5)  # how long an endpoint may fail without a single success
_LONGEST = timedelta(seconds=86400)  # of a Retry-After
SECONDS = 15.0  # one attempt
ANSWER = 4096  # bytes of an answer that are read


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. `status` is None when there was no answer; `error` then says why."""

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None
    milliseconds: int = 0

    @property
    def delivered(self) -> bool:
        """Only 2xx counts; a redirect is not followed and is no delivery."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Next:
    """What to do with the delivery now; `due` only where it is tried again."""

    act: Literal["delivered", "retry", "exhausted", "disable"]
    due: datetime | None = None


def decide(outcome: Outcome, attempts: int, now: datetime, luck: float) -> Next:
    """What follows attempt number `attempts` (from 1). `luck` in 0..1 spreads the waits."""
    if outcome.delivered:
        return Next("delivered")
    if outcome.status == 410:
        return Next("disable")
    if attempts >= len(WAITS):
        return Next("exhausted")
    due = now + timedelta(seconds=WAITS[attempts] * (1 + JITTER * luck))
    if outcome.status in {429, 503}:
        due = max(due, now + _asked_wait(outcome.retry_after, now))
    return Next("retry", due)


def gives_up(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has failed so long, without one success, that its subscription is paused."""
    return failing_since is not None and now - failing_since >= PATIENCE


def story(number: int, outcome: Outcome, now: datetime) -> Mapping[str, object]:
    """One line of a delivery's log."""
    line = {"attempt": number, "at": now.isoformat(), "ms": outcome.milliseconds, "status": outcome.status}
    return line if outcome.error is None else {**line, "error": outcome.error[:500]}


def _asked_wait(retry_after: str | None, now: datetime) -> timedelta:
    """RFC 9110 §10.2.3: seconds or a date; at most a day, nothing where it makes no sense."""
    text = (retry_after or "").strip()
    try:
        asked = timedelta(seconds=int(text)) if text.isdecimal() else parsedate_to_datetime(text) - now
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
    return min(max(asked, timedelta(0)), _LONGEST)
