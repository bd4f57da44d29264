"""The schedule of attempts, in virtual time."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.publishing.outlets.attempts import JITTER, PATIENCE, WAITS, Outcome, decide, gives_up

NOW = datetime(2024, 11, 6, 9, 5, tzinfo=UTC)


def test_the_waits_are_those_we_publish() -> None:
    assert WAITS == (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_is_a_delivery(status: int) -> None:
    assert decide(Outcome(status), 1, NOW, 0).act == "delivered"


@pytest.mark.parametrize("status", [100, 301, 302, 304, 307, 308, 400, 401, 404, 409, 429, 500, 502, 503, 599, None])
def test_everything_else_is_tried_again(status: int | None) -> None:
    assert decide(Outcome(status, error="x" if status is None else None), 1, NOW, 0).act == "retry"


def test_410_disables() -> None:
    assert decide(Outcome(410), 1, NOW, 0).act == "disable"


@pytest.mark.parametrize("attempt", range(1, 10))
@pytest.mark.parametrize("luck", [0.0, 0.5, 1.0])
def test_each_wait_is_the_published_one_and_at_most_a_tenth_more(attempt: int, luck: float) -> None:
    what = decide(Outcome(500), attempt, NOW, luck)
    assert what.due is not None
    wait = (what.due - NOW).total_seconds()
    assert WAITS[attempt] <= wait <= WAITS[attempt] * (1 + JITTER)


def test_the_whole_schedule_takes_ten_attempts_over_three_days() -> None:
    now, attempts = NOW, 0
    while True:
        attempts += 1
        what = decide(Outcome(500), attempts, now, 0)
        if what.act == "exhausted":
            break
        assert what.due is not None
        now = what.due
    assert attempts == 10
    assert now - NOW == timedelta(seconds=sum(WAITS))


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_in_seconds_and_as_a_date(status: int) -> None:
    asked = decide(Outcome(status, retry_after="120"), 1, NOW, 0)
    assert asked.due == NOW + timedelta(seconds=120)
    dated = decide(Outcome(status, retry_after=format_datetime(NOW + timedelta(hours=1), usegmt=True)), 1, NOW, 0)
    assert dated.due == NOW + timedelta(hours=1)


@pytest.mark.parametrize("text", ["soon", "", "-5", "1e3", "９"])
def test_a_senseless_retry_after_changes_nothing(text: str) -> None:
    what = decide(Outcome(503, retry_after=text), 1, NOW, 0)
    assert what.due is not None
    assert what.due <= NOW + timedelta(seconds=9)


def test_retry_after_never_shortens_a_wait_nor_lasts_more_than_a_day() -> None:
    assert decide(Outcome(503, retry_after="1"), 3, NOW, 0).due == NOW + timedelta(seconds=WAITS[3])
    assert decide(Outcome(503, retry_after="999999999"), 1, NOW, 0).due == NOW + timedelta(days=1)


def test_retry_after_counts_only_with_429_and_503() -> None:
    assert decide(Outcome(500, retry_after="3600"), 1, NOW, 0).due == NOW + timedelta(seconds=5)


def test_five_days_without_a_success_are_enough() -> None:
    assert not gives_up(None, NOW)
    assert not gives_up(NOW - PATIENCE + timedelta(seconds=1), NOW)
    assert gives_up(NOW - PATIENCE, NOW)
