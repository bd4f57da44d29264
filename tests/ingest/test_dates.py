"""Dates as pages write them."""

from datetime import UTC, datetime

import pytest

from services.ingest.domain.dates import read_date
from services.ingest.domain.habits import Habits

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("06/11/2024", "vi", "2024-11-06T12:00:00+07:00"),
        ("Thứ tư, 06/11/2024 14:30 (GMT+7)", "vi", "2024-11-06T14:30:00+07:00"),
        ("Thứ Tư, ngày 6 tháng 11 năm 2024", "vi", "2024-11-06T12:00:00+07:00"),
        ("06-11-2024 | 08h15", "vi", "2024-11-06T08:15:00+07:00"),
        ("6/11/2024, 02:05 CH", "vi", "2024-11-06T14:05:00+07:00"),
        ("11/06/2024", "en-US", "2024-11-06T12:00:00+00:00"),
        ("06/11/2024", "en-GB", "2024-11-06T12:00:00+00:00"),
        ("25/12/2024", "en-US", "2024-12-25T12:00:00+00:00"),
        ("12/25/2024", "vi", "2024-12-25T12:00:00+07:00"),
        ("Nov 6, 2024 10:00 AM EST", "en", "2024-11-06T10:00:00-05:00"),
        ("Wednesday, November 6th, 2024", "en", "2024-11-06T12:00:00+00:00"),
        ("6. November 2024 18:04 Uhr", "de", "2024-11-06T18:04:00+00:00"),
        ("2024-11-06T10:00:00.123Z", None, "2024-11-06T10:00:00+00:00"),
        ("2024-11-06T10:00:00+0530", None, "2024-11-06T10:00:00+05:30"),
        ("20241106T101530Z", None, "2024-11-06T10:15:30+00:00"),
        ("Wed, 06 Nov 2024 10:00:00 +0700", None, "2024-11-06T10:00:00+07:00"),
        ("Wed, 06 Nov 24 10:00:00 GMT", None, "2024-11-06T10:00:00+00:00"),
        ("1730880000", None, "2024-11-06T08:00:00+00:00"),
        ("2024/11/06 07:08", "ja", "2024-11-06T07:08:00+09:00"),
    ],
)
def test_a_date_is_read_as_it_was_meant(text: str, language: str | None, expected: str) -> None:
    read = read_date(text, Habits(now=NOW, language=language))
    assert read is not None
    assert read.moment.isoformat() == expected
    assert read.evidence
    assert 0 < read.confidence <= 1


@pytest.mark.parametrize(
    "text",
    ["", "no date", "31/02/2024", "99/99/2024", "2126-01-01", "2026-03-02T00:00:00Z", "32 November 2024", "0000-00-00"],
)
def test_what_is_no_possible_past_date_is_none(text: str) -> None:
    assert read_date(text, Habits(now=NOW)) is None


def test_an_order_that_would_lie_in_the_future_gives_way_to_the_other() -> None:
    read = read_date("02/04/2026", Habits(now=NOW, language="vi"))
    assert read is not None
    assert read.moment.date().isoformat() == "2026-02-04"
    assert "future" in read.evidence


def test_other_evidence_on_the_page_decides_before_the_language_does() -> None:
    by_address = Habits(now=NOW, language="en-US", near=(datetime(2024, 11, 6, tzinfo=UTC),))
    by_text = Habits(now=NOW, language="en", mentions="he said at a press conference on November 6.")
    for habits in (by_address, by_text):
        read = read_date("06/11/2024", habits)
        assert read is not None
        assert read.moment.date().isoformat() == "2024-11-06"
        assert "agrees with" in read.evidence


def test_the_sources_own_habit_decides_before_all() -> None:
    read = read_date("06/11/2024", Habits(now=NOW, language="vi", day_first=False))
    assert read is not None
    assert read.moment.date().isoformat() == "2024-06-11"


def test_a_guess_says_that_it_is_one() -> None:
    read = read_date("06/11/2024", Habits(now=NOW))
    assert read is not None
    assert read.confidence <= 0.5
    assert "ambiguous" in read.evidence


def test_today_without_a_time_is_never_in_the_future() -> None:
    early = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    read = read_date("01/03/2026", Habits(now=early, language="vi"))
    assert read is not None
    assert read.moment <= early
