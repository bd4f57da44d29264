"""Which day a text means: the order of day and month is answered by evidence, never by a silent guess."""

import re
from datetime import UTC, datetime

from services.ingest.domain.habits import Habits

Day = tuple[int, int, int]  # year, month, day
Reading = tuple[Day, str, float]  # the day, why it is read so, how sure (0..1)

_MONTH_FIRST_PLACES = {"en-us", "en_us"}
_DAY_FIRST = {
    "vi", "fr", "de", "es", "it", "pt", "ru", "uk", "pl", "nl", "id", "ms", "th", "tr", "el", "cs", "sk", "ro",
    "bg", "da",
    "nb", "no", "fi", "en-gb", "en-au", "en-nz", "en-in", "en-ie", "en-vn", "en-sg", "en-za",
}  # fmt: skip
MONTHS = {
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
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))

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
_NAMED_DAY = re.compile(rf"\b({_MONTH})\b\.?\s+(\d{{1,2}})(?!\d|:)", re.IGNORECASE)
#: Days in digits, which hide a clock or an offset beside them.
IN_DIGITS = (_ISO, _NUMERIC, _YEAR_FIRST, _COMPACT)


def days_in(raw: str, habits: Habits) -> list[Reading]:
    """Every way to read the first day in a text, best first."""
    for pattern, order in ((_ISO, "ymd"), (_YEAR_FIRST, "ymd"), (_VIETNAMESE, "dmy"), (_COMPACT, "ymd")):
        if found := pattern.search(raw):
            first, second, third = (int(found.group(i)) for i in (1, 2, 3))
            return [((first, second, third) if order == "ymd" else (third, second, first), "written in full", 1.0)]
    if found := _DAY_MONTH.search(raw):
        return [((int(found.group(3)), MONTHS[found.group(2).lower()], int(found.group(1))), "month by name", 1.0)]
    if found := _MONTH_DAY.search(raw):
        return [((int(found.group(3)), MONTHS[found.group(1).lower()], int(found.group(2))), "month by name", 1.0)]
    if found := _NUMERIC.search(raw):
        year = int(found.group(4))
        year += 2000 if year < 70 else 1900 if year < 100 else 0
        return _orders(int(found.group(1)), int(found.group(3)), year, habits)
    return []


def _orders(first: int, second: int, year: int, habits: Habits) -> list[Reading]:
    """Which of two small numbers is the day: what the numbers allow, what was set, what the page shows, its country."""
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


def _ranked(orders: tuple[Day, Day], *, day: bool, why: str, sure: float) -> list[Reading]:
    first, second = orders if day else orders[::-1]
    return [(first, why, sure), (second, "the other order", 0.4)]


def _mentioned(habits: Habits, year: int) -> list[datetime]:
    """Days that the text names with their month, given the year in question."""
    found = []
    for month, day in [(m.group(1), m.group(2)) for m in _NAMED_DAY.finditer(habits.mentions)]:
        try:
            found.append(datetime(year, MONTHS[month.lower()], int(day), tzinfo=UTC))
        except ValueError:
            continue
    return found


def _is_near(day: Day, near: datetime) -> bool:
    try:
        return abs((datetime(*day, tzinfo=UTC) - near).total_seconds()) < 3 * 86_400
    except ValueError:
        return False
