"""Which time of day a text means, and in which zone."""

import re
from datetime import UTC, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.ingest.domain.days import IN_DIGITS
from services.ingest.domain.habits import Habits

_HOME: dict[str, str] = {"vi": "Asia/Ho_Chi_Minh", "ja": "Asia/Tokyo", "ko": "Asia/Seoul", "th": "Asia/Bangkok"}
_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "ET": -5, "CT": -6, "PT": -8,
    "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "ICT": 7, "SGT": 8, "HKT": 8,
    "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "IST": 5.5,
}  # fmt: skip
_TIME = re.compile(
    r"(?<![\d:/+-])([01]?\d|2[0-3])\s*(?:[:h]|giờ)\s*([0-5]\d)(?::([0-5]\d)(?:[.,]\d+)?)?\s*([ap]\.?m\.?|SA|CH)?(?![\d])",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d:/])(1[0-2]|[1-9])\s*([ap]\.?m\.?)(?!\w)", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])\s?(\d{1,2})(?::?(\d{2}))?\b(?!\s*[/.-]\s*\d)")
_ABBREVIATION = re.compile(r"\b(" + "|".join(_ABBREVIATIONS) + r")\b|(?<=\d)(Z)\b")


def clock_in(raw: str) -> time | None:
    """The time of day a text names; None where it names none."""
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


def zone_in(raw: str, habits: Habits) -> tuple[tzinfo, str]:
    """The zone a text names, or the one to be assumed, with the reason where it was assumed."""
    after_day = raw
    for pattern in IN_DIGITS:
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
