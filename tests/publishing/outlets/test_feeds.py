"""Feeds say all that is public, validly, and readers of every make get it back unchanged."""

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree as ET

import fastfeedparser
import feedparser
import pytest

from services.publishing.outlets import Channel, Tombstone, atom, jsonfeed, opml, plain, rss, sitemap
from tests.publishing.outlets.builders import AT, ID, a_published_article

ATOM = "{http://www.w3.org/2005/Atom}"
STONE = "{http://purl.org/atompub/tombstones/1.0}"


def a_channel(**changes: Any) -> Channel:
    facts: dict[str, Any] = {
        "title": "News & views",
        "description": "The latest.",
        "home": "http://news.example/",
        "address": "http://news.example/feeds/all.atom",
        "updated": AT + timedelta(hours=2),
        "language": "en",
        "articles": [a_published_article()],
        "gone": [Tombstone(ID, "http://news.example/articles/x", "kill", AT)],
        "hub": "http://news.example/websub",
    }
    return Channel(**{**facts, **changes})


@pytest.mark.parametrize("render", [rss.render, atom.render], ids=["rss", "atom"])
def test_feedparser_reads_back_what_was_published(render: Any) -> None:
    article = a_published_article()
    feed = feedparser.parse(render(a_channel()))
    assert not feed.bozo, feed.get("bozo_exception")
    entry = feed.entries[0]
    assert feed.feed.title == "News & views"
    assert entry.title == article.headline
    assert entry.id == f"urn:uuid:{article.article_id}"
    assert entry.link == article.url
    assert entry.published_parsed[:6] == AT.timetuple()[:6]
    assert plain(entry.content[0].value) == plain(article.body_html)
    assert "Hoa Vu" in [author.name for author in entry.authors]
    assert {"Kremlin", "Elections"} <= {tag.get("label") or tag.term for tag in entry.tags}


@pytest.mark.parametrize("render", [rss.render, atom.render], ids=["rss", "atom"])
def test_fastfeedparser_reads_back_the_same(render: Any) -> None:
    article = a_published_article()
    feed = fastfeedparser.parse(render(a_channel(articles=[article])))
    entry = feed.entries[0]
    assert entry.title == article.headline
    assert entry.link == article.url
    assert entry.id == f"urn:uuid:{article.article_id}"
    assert entry.published.startswith("2024-11-06T09:05:00")


def test_rss_has_what_the_specification_requires() -> None:
    root = ET.fromstring(rss.render(a_channel()))  # noqa: S314  # our own document
    channel = root.find("channel")
    assert root.attrib["version"] == "2.0"
    assert channel is not None
    assert [channel.findtext(name) for name in ("title", "link", "description")] == [
        "News & views",
        "http://news.example/",
        "The latest.",
    ]
    item = channel.find("item")
    assert item is not None
    guid = item.find("guid")
    assert guid is not None
    assert guid.attrib["isPermaLink"] == "false"
    assert parsedate_to_datetime(item.findtext("pubDate") or "") == AT
    links = {link.attrib["rel"]: link.attrib["href"] for link in channel.findall(f"{ATOM}link")}
    assert links == {"self": "http://news.example/feeds/all.atom", "hub": "http://news.example/websub"}


def test_atom_names_what_was_killed() -> None:
    root = ET.fromstring(atom.render(a_channel()))  # noqa: S314  # our own document
    stone = root.find(f"{STONE}deleted-entry")
    assert stone is not None
    assert stone.attrib == {"ref": f"urn:uuid:{ID}", "when": AT.isoformat()}
    assert stone.findtext(f"{STONE}comment") == "kill"


def test_atom_has_what_the_rfc_requires() -> None:
    root = ET.fromstring(atom.render(a_channel()))  # noqa: S314  # our own document
    for node in [root, *root.findall(f"{ATOM}entry")]:
        assert [len(node.findall(f"{ATOM}{name}")) for name in ("id", "title", "updated")] == [1, 1, 1]
    for entry in root.findall(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}author/{ATOM}name") is not None
        alternates = [link for link in entry.findall(f"{ATOM}link") if link.attrib["rel"] == "alternate"]
        assert len(alternates) == 1


def test_a_correction_moves_updated_and_keeps_the_id() -> None:
    before = a_published_article(updated_at=AT, revision=2)
    after = a_published_article(updated_at=AT + timedelta(hours=5))
    first, second = (feedparser.parse(atom.render(a_channel(articles=[a]))).entries[0] for a in (before, after))
    assert first.id == second.id
    assert first.published == second.published
    assert first.updated < second.updated


def test_json_feed_says_everything() -> None:
    feed = json.loads(jsonfeed.render(a_channel()))
    item = feed["items"][0]
    article = a_published_article()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["hubs"] == [{"type": "WebSub", "url": "http://news.example/websub"}]
    assert item["id"] == f"urn:uuid:{article.article_id}"
    assert item["title"] == article.headline
    assert item["content_html"] == article.body_html
    assert item["external_url"] == article.source_url
    assert item["image"] == article.pictures[0].url
    assert item["_newsroom"]["corrections"][0]["new"] == "2019"
    assert feed["_newsroom"]["gone"][0]["id"] == f"urn:uuid:{ID}"


@pytest.mark.parametrize(
    "nasty", ["\x00", "\x0b", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "\ufffe"]
)
def test_characters_that_xml_forbids_do_not_break_a_feed(nasty: str) -> None:
    article = a_published_article(headline=f"a{nasty}b", body_html=f"<p>c{nasty}d</p>")
    for render in (rss.render, atom.render):
        assert not feedparser.parse(render(a_channel(articles=[article]))).bozo


def test_no_feed_carries_what_acts() -> None:
    article = a_published_article(
        body_html='<p onclick="x()">a</p><script>alert(1)</script><a href="javascript:x">b</a>'
    )
    for render in (rss.render, atom.render, jsonfeed.render):
        text = render(a_channel(articles=[article])).decode()
        assert "alert(1)" not in text
        assert "onclick" not in text
        assert "javascript:" not in text


def test_the_news_sitemap_holds_two_days() -> None:
    old = a_published_article(first_published_at=AT - timedelta(days=3))
    root = ET.fromstring(sitemap.render("Newsroom", [a_published_article(), old], AT))  # noqa: S314  # our own
    site, news = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.google.com/schemas/sitemap-news/0.9}"
    urls = root.findall(f"{site}url")
    assert len(urls) == 1
    assert urls[0].findtext(f"{news}news/{news}publication/{news}language") == "en"
    assert urls[0].findtext(f"{news}news/{news}title") == a_published_article().headline


def test_opml_groups_feeds() -> None:
    lines = [opml.Outline("Sections", "News", "http://x/feeds/sections/news.atom", "http://x/sections/news")]
    root = ET.fromstring(opml.render("All feeds", lines, AT))  # noqa: S314  # our own document
    assert root.attrib["version"] == "2.0"
    leaf = root.find("body/outline/outline")
    assert leaf is not None
    assert leaf.attrib["xmlUrl"] == "http://x/feeds/sections/news.atom"
    assert leaf.attrib["type"] == "rss"
