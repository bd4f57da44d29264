"""The made-up outlets: every address their feeds name is served, and nothing else is."""

import re
from xml.etree import ElementTree as ET

import pytest

from ops.demo.load import HERE, SOURCES
from ops.demo_site import fetch

SITE = "http://127.0.0.1:8004"


@pytest.mark.parametrize("feed", [source.feed for source in SOURCES])
def test_every_story_and_picture_of_a_feed_is_served_under_the_real_address(feed: str) -> None:
    found = fetch(f"/{feed}", SITE, updated=False)
    assert found is not None
    text = found[1].decode()
    ET.fromstring(text)  # noqa: S314  # our own file
    assert "demo.newsroom.example/" not in text
    assert "{{" not in text
    links = set(re.findall(rf'{SITE}(/[\w-]+/[\w-]+)(?=[<"])', text)) - {"/demo/pictures"}
    pictures = set(re.findall(rf"{SITE}(/demo/pictures/[\w.-]+)", text))
    assert len(links) >= 10
    assert [path for path in links | pictures if fetch(path, SITE, updated=False) is None] == []


def test_a_feed_that_has_a_later_state_shows_it_when_told_to() -> None:
    before, after = (fetch("/feeds/lagoon-post.xml", SITE, updated=updated) for updated in (False, True))
    assert before is not None
    assert after is not None
    assert b"2,340 roofs" not in before[1]
    assert b"2,340 roofs" in after[1]


@pytest.mark.parametrize(
    "path",
    ["/", "/feeds", "/feeds/../load.py", "/feeds/%2e%2e%2fload.py", "/../load.py", "/feeds/..%5cload.py", "/x/y"],
)
def test_nothing_outside_the_demo_is_served(path: str) -> None:
    assert (HERE / "load.py").exists()
    assert fetch(path, SITE, updated=False) is None
