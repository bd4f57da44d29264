"""When to look at a source again: its own rhythm, what its server asked for, and patience with failures."""

import itertools
import statistics
from datetime import datetime, timedelta

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
_QUIET_FACTOR = 6


def interval_of(stories: list[datetime]) -> timedelta:
    """Half the median gap between a source's latest stories, between 5 minutes and 24 hours; 15 minutes when
    unknown.
    """
    ordered = sorted(stories)
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(ordered) if b > a]
    if len(gaps) < 3:
        return timedelta(minutes=15)
    return bounded(timedelta(seconds=statistics.median(gaps) / 2))


def bounded(wait: timedelta) -> timedelta:
    """No wait shorter than 5 minutes or longer than 24 hours."""
    return max(SHORTEST, min(LONGEST, wait))


def backoff(failures: int, interval: timedelta, chance: float) -> timedelta:
    """The wait after the n-th failure in a row: doubled each time, at most a day, spread by ±20 % (`chance` in
    0..1).
    """
    wait = min(max(interval, SHORTEST) * (1 << min(failures, 10)), LONGEST)
    return wait * (0.8 + 0.4 * chance)


def next_check(
    now: datetime, interval: timedelta, *, asked: timedelta | None, ttl_minutes: int | None, skip_hours: list[int]
) -> datetime:
    """When a source that answered well is due again.

    `asked` is what Cache-Control or Retry-After want, at most a day.
    """
    wait = interval
    for wish in (asked, timedelta(minutes=min(ttl_minutes, 24 * 60)) if ttl_minutes else None):
        if wish is not None:
            wait = max(wait, min(wish, LONGEST))
    due = now + wait
    for _ in range(24):
        if due.hour not in skip_hours:
            break
        due = (due + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return due


def is_strangely_quiet(now: datetime, last_story: datetime | None, interval: timedelta) -> bool:
    """No new story for much longer than the source's rhythm lets expect, and for six hours at least."""
    if last_story is None:
        return False
    return now - last_story > max(interval * 2 * _QUIET_FACTOR, timedelta(hours=6))
