"""One address for one page."""

import pytest

from services.ingest.domain.addresses import absolute, fold, site_of

SAME = [
    "https://lagoon.example/news/harbour-widens-123.html",
    "http://www.lagoon.example/news/harbour-widens-123.html",
    "https://m.lagoon.example/news/harbour-widens-123.html",
    "https://amp.lagoon.example/news/harbour-widens-123.html",
    "https://lagoon.example/news/harbour-widens-123.html?utm_source=rss&utm_medium=feed",
    "https://lagoon.example/news/harbour-widens-123.html?fbclid=abc#comments",
    "https://lagoon.example:443/news/harbour-widens-123.html?ref=homepage",
    "https://lagoon.example/news//harbour-widens-123.html/",
    "https://LAGOON.example/news/harbour%2Dwidens-123.html",
    "https://lagoon.example/news/harbour-widens-123-amp.html",
    "https://lagoon-example.cdn.ampproject.org/c/s/lagoon.example/news/harbour-widens-123.html",
]


@pytest.mark.parametrize("variant", SAME)
def test_variants_of_an_address_are_one(variant: str) -> None:
    assert fold(variant) == fold(SAME[0])


@pytest.mark.parametrize(
    "other",
    [
        "https://lagoon.example/news/harbour-widens-124.html",
        "https://lagoon.example/news/harbour-widens-123.html?page=2",
        "https://lagoon.example/news/?id=123",
        "https://lagoon.example/news/?id=124",
        "https://sport.lagoon.example/news/harbour-widens-123.html",
        "https://lagoon.example:8080/news/harbour-widens-123.html",
        "https://lagoon.example/news/harbour-widens-123.html?source=agency-desk-7",
    ],
)
def test_other_addresses_stay_others(other: str) -> None:
    assert fold(other) not in (None, fold(SAME[0]))


def test_the_order_of_a_query_does_not_count() -> None:
    assert fold("https://a.example/x?b=2&a=1") == fold("https://a.example/x?a=1&b=2")


@pytest.mark.parametrize(
    "bad",
    ["", None, "javascript:alert(1)", "file:///etc/passwd", "//", "http://", "http://[::1", "mailto:a@b", "urn:x:1"],
)
def test_what_is_no_web_address_has_no_key(bad: str | None) -> None:
    assert fold(bad) is None
    assert absolute(bad, None) is None


def test_a_site_is_its_registrable_name() -> None:
    assert site_of("https://www.news.bbc.co.uk/x") == site_of("https://bbc.co.uk/") == "bbc.co.uk"
    assert site_of("https://vtcnews.vn/a") == "vtcnews.vn"
