"""When a source is asked again, and when its silence is strange: its own rhythm, what it asks for, patience."""

from datetime import timedelta

import pytest

from services.ingest.domain.rhythm import LONGEST, SHORTEST, backoff, interval_of, is_strangely_quiet, next_check
from tests.ingest.builders import NOW, Asked, House, Web, a_feed, an_entry, long_text

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("gap", "expected"),
    [(timedelta(minutes=2), SHORTEST), (HOUR, HOUR / 2), (timedelta(days=9), LONGEST)],
)
def test_a_source_is_asked_at_its_own_rhythm_within_bounds(gap: timedelta, expected: timedelta) -> None:
    assert interval_of([NOW - gap * n for n in range(10)]) == expected


def test_failures_are_waited_out_longer_each_time_with_jitter_and_a_day_at_most() -> None:
    waits = [backoff(n, HOUR, 0.5) for n in range(8)]
    assert waits[:4] == [HOUR, HOUR * 2, HOUR * 4, HOUR * 8]
    assert waits[-1] == timedelta(hours=24)
    assert backoff(0, HOUR, 0.0) < backoff(0, HOUR, 1.0)


def test_what_a_feed_asks_for_is_honoured() -> None:
    plain = next_check(NOW, HOUR, asked=None, ttl_minutes=None, skip_hours=[])
    assert plain == NOW + HOUR
    assert next_check(NOW, HOUR, asked=HOUR * 3, ttl_minutes=None, skip_hours=[]) == NOW + HOUR * 3
    assert next_check(NOW, HOUR, asked=None, ttl_minutes=240, skip_hours=[]) == NOW + HOUR * 4
    assert next_check(NOW, HOUR, asked=None, ttl_minutes=None, skip_hours=[13, 14]) == NOW.replace(hour=15)


def test_silence_is_strange_only_against_a_sources_own_rhythm() -> None:
    assert not is_strangely_quiet(NOW, None, HOUR)
    assert not is_strangely_quiet(NOW, NOW - HOUR * 11, HOUR)
    assert is_strangely_quiet(NOW, NOW - HOUR * 13, HOUR)
    assert not is_strangely_quiet(NOW, NOW - HOUR * 5, SHORTEST)


async def test_a_source_that_fell_silent_says_so(web: Web, house: House) -> None:
    source = await house.add(url=web.serve("/feed", a_feed(an_entry(text=long_text())), "application/rss+xml"))
    await house.fetch(source)
    assert (await house.source(source))["health"] == "well"
    await house.change("UPDATE sources SET last_story_at = now() - interval '5 days'")
    shown = await house.source(source)
    assert shown["health"] == "quiet"
    assert "strangely quiet" in shown["health_note"]


async def test_what_a_feed_asks_for_outlasts_an_answer_that_nothing_changed(web: Web, house: House) -> None:
    head = "<title>T</title><ttl>600</ttl>"

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if "if-none-match" in asked.headers:
            return 304, {"cache-control": "max-age=7200"}, b""
        return 200, {"etag": '"v1"'}, a_feed(an_entry(text=long_text()), head=head)

    web.routes["/feed"] = answer
    source = await house.add(url=f"{web.url}/feed")
    for outcome in ("ok", "not_modified"):
        report = await house.fetch(source)
        assert report["outcome"] == outcome
        (waited,) = await house.rows("SELECT next_at - last_checked_at AS waited FROM sources")
        assert waited["waited"] == timedelta(minutes=600)
