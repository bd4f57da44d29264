"""The demo content holds what its README promises: parseable feeds, honest pages, pictures that exist, sane dates."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree as ET

import fastfeedparser
import feedparser
import pytest

from ops.demo.load import HERE, PAGES, PICTURES, SOURCES, UPDATES, comments, rendered

SITE = "http://127.0.0.1:8000"
FEEDS = [source.feed for source in SOURCES]
SECTIONS = {"Heritage", "Figure", "Business", "News", "Political System", "Local", "Product"}
SECTIONS_VI = {"Di sản", "Nhân vật", "Doanh nghiệp", "Thời sự", "Hệ thống chính trị", "Địa phương", "Sản phẩm"}


def entries(name: str) -> list[Any]:
    parsed = feedparser.parse(rendered(name, SITE))
    assert not parsed.bozo, f"{name}: {parsed.get('bozo_exception')}"
    return list(parsed.entries)


def full_text(entry: Any) -> str:
    """Return the HTML content; feedparser also lists a picture's `media:description` among an entry's contents."""
    return str(max((part.value for part in entry.get("content", ()) if part.type == "text/html"), key=len, default=""))


def words(markup: str) -> int:
    return len(re.sub(r"<[^>]+>", " ", markup).split())


def canonical(page: str) -> str:
    found = re.search(r'<link rel="canonical" href="([^"]+)"', page)
    assert found, "the page has no canonical link"
    return found.group(1)


@pytest.mark.parametrize("name", [*FEEDS, *UPDATES])
def test_both_parsers_read_the_same_entries(name: str) -> None:
    ours = {entry.id: entry.title for entry in entries(name)}
    other = fastfeedparser.parse(rendered(name, SITE))
    assert ours == {entry.id: entry.title for entry in other.entries}
    assert ours


def test_there_are_enough_stories_and_no_guid_twice() -> None:
    guids = [entry.id for name in FEEDS for entry in entries(name)]
    links = {entry.link for name in FEEDS for entry in entries(name)}
    only_pages = {canonical(rendered(page, SITE).decode()) for page in PAGES} - links
    assert len(guids) == len(set(guids))
    assert len(guids) + len(only_pages) >= 48
    assert len(PAGES) >= 8


@pytest.mark.parametrize("name", FEEDS[:2])
def test_full_text_feeds_carry_text_section_author_and_a_credited_picture(name: str) -> None:
    for entry in entries(name):
        assert 150 <= words(full_text(entry)) <= 450, entry.id
        assert {tag.term for tag in entry.tags} & (SECTIONS | SECTIONS_VI), entry.id
        assert entry.author
        assert entry.media_content[0]["url"].startswith(SITE)
        assert entry.media_credit[0]["content"]


def test_every_section_of_the_portal_has_a_story() -> None:
    english = {tag.term for entry in entries(FEEDS[0]) for tag in entry.tags}
    vietnamese = {tag.term for entry in entries(FEEDS[1]) for tag in entry.tags}
    assert english >= SECTIONS
    assert vietnamese >= SECTIONS_VI


def test_the_vietnamese_feed_keeps_its_conventions() -> None:
    text = rendered("feeds/bao-cua-nhan.xml", SITE).decode()
    assert text.count("Theo Thông tấn Bán Đảo, ") >= 3
    assert text.count("(Nguồn: Thông tấn Bán Đảo)") >= 3
    assert text.count("(Ảnh: ") >= 20
    assert re.search(r"\b\d{2}/\d{2}/2026\b", text)


def test_the_atom_feed_only_summarises_and_most_stories_have_their_page() -> None:
    saved = {canonical(rendered(page, SITE).decode()) for page in PAGES}
    found = entries("feeds/delta-coast.atom")
    assert all(not full_text(entry) and 10 <= words(entry.summary) <= 80 for entry in found)
    assert sum(entry.link in saved for entry in found) == 8


@pytest.mark.parametrize("name", [*FEEDS, *UPDATES])
def test_dates_lie_in_the_autumn_of_2026(name: str) -> None:
    for entry in entries(name):
        moment = (
            parsedate_to_datetime(entry.published)
            if "," in entry.published
            else datetime.fromisoformat(entry.published)
        )
        assert datetime(2026, 10, 1, tzinfo=UTC) < moment < datetime(2026, 11, 20, tzinfo=UTC), entry.id


@pytest.mark.parametrize("name", [*FEEDS, *UPDATES, *PAGES])
def test_every_picture_named_exists_and_no_placeholder_is_left(name: str) -> None:
    text = rendered(name, SITE + "/").decode()
    used = set(re.findall(rf"{re.escape(SITE)}/demo/pictures/([\w-]+\.svg)", text))
    assert used
    assert used <= {path.name for path in PICTURES.iterdir()}
    assert "{{" not in text


def test_every_picture_is_used_and_is_plain_drawing() -> None:
    everything = b"".join(rendered(name, SITE) for name in [*FEEDS, *PAGES])
    for path in PICTURES.glob("*.svg"):
        assert path.name.encode() in everything, path.name
        tags = {element.tag.rpartition("}")[2] for element in ET.parse(path).iter()}  # noqa: S314 (our own file)
        assert not tags & {"script", "foreignObject", "image", "a"}, path.name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_promises_only_what_it_holds(name: str) -> None:
    page = rendered(name, SITE).decode()
    assert canonical(page).startswith("https://demo.newsroom.example/")
    linked = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert 'property="og:title"' in page
    if linked:
        data = json.loads(linked.group(1))
        assert data["@type"] == "NewsArticle"
        assert data["headline"] in page.replace("&amp;", "&")
        assert data["image"]["creditText"] in page.replace("&amp;", "&")


def test_pages_come_with_json_ld_with_opengraph_only_and_with_neither_date() -> None:
    pages = [rendered(name, SITE).decode() for name in PAGES]
    with_json_ld = [page for page in pages if "application/ld+json" in page]
    with_og_date = [page for page in pages if "article:published_time" in page]
    assert len(with_json_ld) >= 4
    assert len(with_og_date) >= 2
    assert len(pages) - len(with_json_ld) - len(with_og_date) == 2


def test_the_reference_page_has_the_shape_of_the_portal() -> None:
    page = rendered("pages/vinh-xanh-valdoria-reacts.html", SITE).decode()
    for part in (
        "06/11/2024",
        "According to Meridian Wire , ",
        "(Photo: Meridian Wire)",
        "</strong> (Source: Meridian",
    ):
        assert part in page
    for block in ("Comment (0)", "Same tag", "Same category", "Same author", "No videos available", *SECTIONS):
        assert block in page
    assert re.search(r'Source: <a href="https://demo\.newsroom\.example/', page)


def test_the_update_changes_a_story_that_exists() -> None:
    before = {entry.id: entry for entry in entries("feeds/lagoon-post.xml")}
    for entry in entries(UPDATES[0]):
        assert full_text(entry) != full_text(before[entry.id])
        assert entry.published == before[entry.id].published


def test_two_outlets_carry_the_same_wire_story() -> None:
    theirs = rendered("pages/strait-gazette-storm-ashore.html", SITE).decode()
    ours = next(entry for entry in entries("feeds/lagoon-post.xml") if entry.id.endswith("landfall"))
    sentences = [part for part in re.split(r"</?p>", full_text(ours)) if len(part) > 80]
    assert sum(sentence in theirs for sentence in sentences) >= 3


def test_comments_belong_to_stories_and_have_every_verdict() -> None:
    guids = {entry.id for name in FEEDS for entry in entries(name)}
    assert {comment.guid for comment in comments()} <= guids
    assert {comment.expect for comment in comments()} == {"approve", "hold", "reject"}
    assert any(comment.language == "vi" for comment in comments())


def test_a_file_that_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(FileNotFoundError, match=r"'feeds/none.xml'; it has: feeds/lagoon-post.xml"):
        rendered("feeds/none.xml", SITE)
    with pytest.raises(FileNotFoundError):
        rendered("../supervisor.py", SITE)
    assert HERE.name == "demo"
