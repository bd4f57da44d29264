"""What decides how a date is meant where its words leave it open."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of a page before its date is read.

    `day_first` was set for the source; `site_day_first` is the habit of the site's country; `near` are days the page
    shows elsewhere without ambiguity; `mentions` is its text, which may name the day in words ("on November 6").
    """

    now: datetime
    language: str | None = None
    timezone: str | None = None
    day_first: bool | None = None
    site_day_first: bool | None = None
    near: tuple[datetime, ...] = ()
    mentions: str = ""
