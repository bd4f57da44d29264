"""Dates as pages write them: never in the future, and each says how sure it is and why.

A date without a time stands at noon of its zone (so that it is the same day in UTC), or at `now` where noon is to come.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from services.ingest.domain.clocks import clock_in, zone_in
from services.ingest.domain.days import MONTHS, days_in
from services.ingest.domain.habits import Habits
from services.ingest.domain.texts import line

_SKEW = timedelta(minutes=15)  # how far another clock may run ahead of ours
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_DIGIT = re.compile(r"\d")
_MACHINE_ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$")
_MACHINE_MAIL = re.compile(
    r"^[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:([+-])(\d\d)(\d\d)|GMT|UTC|Z)$"
)


@dataclass(frozen=True, slots=True)
class Read:
    """A date that was read: the instant, the words it was read from, why so, and how sure (0..1)."""

    moment: datetime
    raw: str
    evidence: str
    confidence: float
    has_time: bool


def read_date(text: str | None, habits: Habits) -> Read | None:
    """Read the first date in a text; None where there is none, where it is impossible or lies in the future."""
    raw = line(text, 200)
    if not _DIGIT.search(raw):
        return None
    if raw.isdigit() and len(raw) in (10, 13):
        return _epoch(raw, habits)
    if (exact := _exact(raw)) is not None:
        return Read(exact, raw, "written in full", 1.0, True) if _OLDEST <= exact <= habits.now + _SKEW else None
    readings = days_in(raw, habits)
    if not readings:
        return _by_mail_rules(raw, habits)
    zone, zone_said = zone_in(raw, habits)
    clock = clock_in(raw)
    possible = [
        (made, said, sure)
        for (year, month, day), said, sure in readings
        if (made := _at(year, month, day, clock, zone, habits.now)) and _OLDEST <= made <= habits.now + _SKEW
    ]
    if not possible:
        return None
    moment, said, sure = possible[0]
    if len(readings) > 1 and len(possible) == 1:
        said, sure = "only this order is not in the future", 0.9
    return Read(
        moment,
        raw,
        "; ".join(part for part in (said, zone_said if clock else "no time given") if part),
        sure,
        bool(clock),
    )


def _exact(raw: str) -> datetime | None:
    """RFC 3339 and RFC 822 with their zone: nearly all of what machines write, read without any guess."""
    if _MACHINE_ISO.match(raw):
        try:
            return datetime.fromisoformat(raw).replace(microsecond=0)
        except ValueError:
            return None
    found = _MACHINE_MAIL.match(raw)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(int(year), MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=zone)
    except (ValueError, KeyError):
        return None


def _at(year: int, month: int, day: int, clock: time | None, zone: tzinfo, now: datetime) -> datetime | None:
    try:
        made = datetime.combine(datetime(year, month, day, tzinfo=UTC).date(), clock or time(12), tzinfo=zone)
        today = now.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    if clock is None and made > now and made.date() == today.date():
        made = today.replace(microsecond=0)
    return made.replace(tzinfo=timezone(made.utcoffset() or timedelta()))


def _epoch(raw: str, habits: Habits) -> Read | None:
    made = datetime.fromtimestamp(int(raw[:10]), UTC)
    if not _OLDEST <= made <= habits.now + _SKEW:
        return None
    return Read(made, raw, "seconds since 1970", 0.9, True)


def _by_mail_rules(raw: str, habits: Habits) -> Read | None:
    """RFC 2822 with two-digit years and obsolete zones, as old feeds write it."""
    try:
        made = parsedate_to_datetime(raw)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if made.tzinfo is None:
        made = made.replace(tzinfo=UTC)
    try:
        return Read(made, raw, "written in full", 1.0, True) if _OLDEST <= made <= habits.now + _SKEW else None
    except OverflowError:
        return None
