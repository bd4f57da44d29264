"""Dates as pages write them: the day-first question answered by evidence, never by a silent guess, never in the future.

A date without a time stands at noon of its zone (so that it is the same day in UTC), or at `now` where noon is to come.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.ingest.domain.texts import line

_SKEW = timedelta(minutes=15)  # how far another clock may run ahead of ours
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_HOME: dict[str, str] = {"vi": "Asia/Ho_Chi_Minh", "ja": "Asia/Tokyo", "ko": "Asia/Seoul", "th": "Asia/Bangkok"}
_MONTH_FIRST_PLACES = {"en-us", "en_us"}
_DAY_FIRST = {
    "vi", "fr", "de", "es", "it", "pt", "ru", "uk", "pl", "nl", "id", "ms", "th", "tr", "el", "cs", "sk", "ro",
    "bg", "da",
    "nb", "no", "fi", "en-gb", "en-au", "en-nz", "en-in", "en-ie", "en-vn", "en-sg", "en-za",
}  # fmt: skip
_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "ET": -5, "CT": -6, "PT": -8,
    "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "ICT": 7, "SGT": 8, "HKT": 8,
    "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "IST": 5.5,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero", "february feb februar février febrero", "march mar märz mars marzo",
            "april apr avril abril", "may mai mayo", "june jun juni juin junio", "july jul juli juillet julio",
            "august aug août agosto", "september sep sept septembre septiembre",
            "october oct oktober octobre octubre okt",
            "november nov novembre noviembre", "december dec dezember décembre diciembre dez",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))

_DIGIT = re.compile(r"\d")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"\b((?:19|20)\d{2})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?)?(?![\d-])")
_YEAR_FIRST = re.compile(r"\b((?:19|20)\d{2})[/.](\d{1,2})[/.](\d{1,2})\b")
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})\s*([/.-])\s*(\d{1,2})\s*\2\s*((?:19|20)\d{2}|\d{2})(?![\d/])")
_VIETNAMESE = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2})(?:\s*,|\s+năm)?\s+((?:19|20)\d{2})", re.IGNORECASE)
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?({_MONTH})\b\.?,?\s+(?:de\s+)?((?:19|20)\d{{2}})",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(rf"\b({_MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+((?:19|20)\d{{2}})", re.IGNORECASE)
_MACHINE_ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$")
_MACHINE_MAIL = re.compile(
    r"^[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:([+-])(\d\d)(\d\d)|GMT|UTC|Z)$"
)
_NAMED_DAY = re.compile(rf"\b({_MONTH})\b\.?\s+(\d{{1,2}})(?!\d|:)", re.IGNORECASE)
_TIME = re.compile(
    r"(?<![\d:/+-])([01]?\d|2[0-3])\s*(?:[:h]|giờ)\s*([0-5]\d)(?::([0-5]\d)(?:[.,]\d+)?)?\s*([ap]\.?m\.?|SA|CH)?(?![\d])",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d:/])(1[0-2]|[1-9])\s*([ap]\.?m\.?)(?!\w)", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])\s?(\d{1,2})(?::?(\d{2}))?\b(?!\s*[/.-]\s*\d)")
_ABBREVIATION = re.compile(r"\b(" + "|".join(_ABBREVIATIONS) + r")\b|(?<=\d)(Z)\b")


@dataclass(frozen=True, slots=True)
class Read:
    """A date that was read: the instant, the words it was read from, why so, and how sure (0..1)."""

    moment: datetime
    raw: str
    evidence: str
    confidence: float
    has_time: bool


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of a page before its date is read.

    `day_first` was set for the source; `site_day_first` is the habit of the site's country; `near` are days the page
    shows
    elsewhere without ambiguity; `mentions` is its text, which may name the day in words ("on November 6").
    """

    now: datetime
    language: str | None = None
    timezone: str | None = None
    day_first: bool | None = None
    site_day_first: bool | None = None
    near: tuple[datetime, ...] = ()
    mentions: str = ""


def read_date(text: str | None, habits: Habits) -> Read | None:
    """Read the first date in a text; None where there is none, where it is impossible, or where it lies in the
    future.
    """
    raw = line(text, 200)
    if not _DIGIT.search(raw):
        return None
    if raw.isdigit() and len(raw) in (10, 13):
        return _epoch(raw, habits)
    if (exact := _exact(raw)) is not None:
        return Read(exact, raw, "written in full", 1.0, True) if _OLDEST <= exact <= habits.now + _SKEW else None
    readings = _days(raw, habits)
    if not readings:
        return _by_mail_rules(raw, habits)
    zone, zone_said = _zone(raw, habits)
    clock = _clock(raw)
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
        return datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=zone)
    except (ValueError, KeyError):
        return None


def _days(raw: str, habits: Habits) -> list[tuple[tuple[int, int, int], str, float]]:
    """Every way to read the day, best first, as ((year, month, day), evidence, confidence)."""
    for pattern, order in ((_ISO, "ymd"), (_YEAR_FIRST, "ymd"), (_VIETNAMESE, "dmy"), (_COMPACT, "ymd")):
        if found := pattern.search(raw):
            first, second, third = (int(found.group(i)) for i in (1, 2, 3))
            return [((first, second, third) if order == "ymd" else (third, second, first), "written in full", 1.0)]
    if found := _DAY_MONTH.search(raw):
        return [((int(found.group(3)), _MONTHS[found.group(2).lower()], int(found.group(1))), "month by name", 1.0)]
    if found := _MONTH_DAY.search(raw):
        return [((int(found.group(3)), _MONTHS[found.group(1).lower()], int(found.group(2))), "month by name", 1.0)]
    if found := _NUMERIC.search(raw):
        year = int(found.group(4))
        year += 2000 if year < 70 else 1900 if year < 100 else 0
        return _orders(int(found.group(1)), int(found.group(3)), year, habits)
    return []


def _orders(first: int, second: int, year: int, habits: Habits) -> list[tuple[tuple[int, int, int], str, float]]:
    day_first, month_first = (year, second, first), (year, first, second)
    if first > 12 or first == second:
        return [(day_first, "only a day can stand first" if first > 12 else "day and month are equal", 1.0)]
    if second > 12:
        return [(month_first, "only a month can stand first", 1.0)]
    orders = (day_first, month_first)
    if habits.day_first is not None:
        why = f"this source writes the {'day' if habits.day_first else 'month'} first"
        return _ranked(orders, day=habits.day_first, why=why, sure=0.95)
    for near, said in (
        *((n, "the address") for n in habits.near),
        *((m, "the text") for m in _mentioned(habits, year)),
    ):
        matches = [order for order in orders if _is_near(order, near)]
        if len(matches) == 1:
            return [(matches[0], f"agrees with {near.date().isoformat()} in {said}", 0.95)]
    if habits.site_day_first is not None:
        why = f"the {'day' if habits.site_day_first else 'month'} is written first where the site is"
        return _ranked(orders, day=habits.site_day_first, why=why, sure=0.9)
    tag = (habits.language or "").lower()
    if tag in _MONTH_FIRST_PLACES:
        return _ranked(orders, day=False, why=f"month first, as written in {tag}", sure=0.8)
    if tag in _DAY_FIRST or tag.split("-")[0] in _DAY_FIRST:
        return _ranked(orders, day=True, why=f"day first, as written in {tag}", sure=0.95)
    if (habits.timezone or "").startswith("America/"):
        return _ranked(orders, day=False, why=f"month first, as written in {habits.timezone}", sure=0.7)
    return _ranked(orders, day=True, why="ambiguous; day first, because nothing on the page says otherwise", sure=0.5)


def _ranked(
    orders: tuple[tuple[int, int, int], tuple[int, int, int]], *, day: bool, why: str, sure: float
) -> list[tuple[tuple[int, int, int], str, float]]:
    first, second = orders if day else orders[::-1]
    return [(first, why, sure), (second, "the other order", 0.4)]


def _mentioned(habits: Habits, year: int) -> list[datetime]:
    """Days that the text names with their month, given the year in question."""
    found = []
    for month, day in [(m.group(1), m.group(2)) for m in _NAMED_DAY.finditer(habits.mentions)]:
        try:
            found.append(datetime(year, _MONTHS[month.lower()], int(day), tzinfo=UTC))
        except ValueError:
            continue
    return found


def _is_near(day: tuple[int, int, int], near: datetime) -> bool:
    try:
        return abs((datetime(*day, tzinfo=UTC) - near).total_seconds()) < 3 * 86_400
    except ValueError:
        return False


def _clock(raw: str) -> time | None:
    if found := re.search(r"\d{8}T(\d{2})(\d{2})(\d{2})?", raw):
        return _time(int(found.group(1)), int(found.group(2)), int(found.group(3) or 0), "")
    if found := re.search(r"T(\d{2}):(\d{2})(?::(\d{2}))?", raw):
        return _time(int(found.group(1)), int(found.group(2)), int(found.group(3) or 0), "")
    if found := _TIME.search(raw):
        return _time(int(found.group(1)), int(found.group(2)), int(found.group(3) or 0), found.group(4) or "")
    if found := _HOUR.search(raw):
        return _time(int(found.group(1)), 0, 0, found.group(2))
    return None


def _time(hour: int, minute: int, second: int, half: str) -> time | None:
    after = half.lower().replace(".", "") in ("pm", "ch")
    before = half.lower().replace(".", "") in ("am", "sa")
    if after and hour < 12:
        hour += 12
    elif before and hour == 12:
        hour = 0
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _zone(raw: str, habits: Habits) -> tuple[tzinfo, str]:
    after_day = raw
    for pattern in (_ISO, _NUMERIC, _YEAR_FIRST, _COMPACT):
        after_day = pattern.sub(" ", after_day, count=1)
    if found := _OFFSET.search(after_day):
        hours, minutes = int(found.group(2)), int(found.group(3) or 0)
        if hours <= 14 and minutes < 60:
            size = timedelta(hours=hours, minutes=minutes)
            return timezone(-size if found.group(1) == "-" else size), ""
    if found := _ABBREVIATION.search(after_day):
        return timezone(timedelta(hours=_ABBREVIATIONS[found.group(1) or found.group(2)])), ""
    language = (habits.language or "").lower().split("-")[0]
    for name, said in ((habits.timezone, "zone of the source"), (_HOME.get(language), f"zone assumed from {language}")):
        if name and (zone := _known_zone(name)):
            return zone, f"{said}: {name}"
    return UTC, "zone unknown, taken as UTC"


def is_zone(name: str) -> bool:
    """Whether a time zone of that name is known."""
    return _known_zone(name) is not None


def _known_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
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
