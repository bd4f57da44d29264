"""What a feed says is what its readers get: every field, through two parsers of different make."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import fastfeedparser
import feedparser
import pytest

from services.publishing.outlets import Channel, atom, clean_html, excerpt, rss
from shared.events import PublishedArticle
from tests.publishing.outlets.builders import AT, a_published_article, another
from tests.publishing.outlets.test_feeds import a_channel

Render = Callable[[Channel], bytes]
RENDERS = pytest.mark.parametrize("render", [rss.render, atom.render], ids=["rss", "atom"])
ARTICLES = [
    a_published_article(),
    another(2, headline="“Đường sắt” & <soon> — 100 %", language="vi", body_html="<p>Ninh Thuận <b>đợi</b> &lt;3.</p>"),
    another(3, summary="Short & sweet <b>.", authors=["Lan Phạm", 'O\'Hara, "Bo"'], byline=None),
    another(4, tags=[], pictures=[], section=None, section_name=None, corrections=[], wire=None),
    another(5, body_html="<p>" + "Dài lắm. " * 3000 + "</p>", headline="😀 \u2028 \u00a0 end"),
]


def moment(text: str) -> datetime:
    """A parser's date, however it writes it."""
    return datetime.fromisoformat(text)


def names(article: PublishedArticle) -> set[str]:
    """What a feed calls the article's section and tags."""
    section = {article.section_name or article.section or ""} - {""}
    return section | {tag.name for tag in article.tags}


@RENDERS
@pytest.mark.parametrize("article", ARTICLES, ids=range(len(ARTICLES)))
def test_feedparser_gets_every_field_back(render: Render, article: PublishedArticle) -> None:
    feed: Any = feedparser.parse(render(a_channel(articles=[article])), sanitize_html=False)
    assert not feed.bozo
    entry = feed.entries[0]
    assert _folded(entry.title) == _folded(article.headline)
    assert (entry.id, entry.link) == (f"urn:uuid:{article.article_id}", article.url)
    assert tuple(entry.published_parsed) == article.published_at.utctimetuple()
    assert tuple(entry.updated_parsed) == article.updated_at.utctimetuple()
    assert _folded(entry.summary) == _folded(excerpt(article))
    assert entry.content[0].value == clean_html(article.body_html, article.source_url)
    if article.authors:
        assert [author.name for author in entry.authors] == article.authors
    assert {tag.get("label") or tag.term for tag in entry.get("tags", ())} == names(article)
    if article.pictures:
        found = entry.get("media_content") or [link for link in entry.links if link.rel == "enclosure"]
        assert [one.get("url") or one.get("href") for one in found] == [picture.url for picture in article.pictures]


@RENDERS
@pytest.mark.parametrize("article", ARTICLES, ids=range(len(ARTICLES)))
def test_fastfeedparser_gets_every_field_back(render: Render, article: PublishedArticle) -> None:
    feed: Any = fastfeedparser.parse(render(a_channel(articles=[article])))
    entry = feed.entries[0]
    assert _folded(entry.title) == _folded(article.headline)
    assert (entry.id, entry.link) == (f"urn:uuid:{article.article_id}", article.url)
    assert moment(entry.published) == article.published_at
    if render is atom.render:
        assert moment(entry.updated) == article.updated_at
    assert entry.content[0]["value"].strip() == clean_html(article.body_html, article.source_url)
    if article.authors:
        assert article.authors[0] in entry.author
    assert {tag.get("label") or tag["term"] for tag in entry.get("tags") or ()} == names(article)


@RENDERS
def test_both_parsers_get_the_whole_channel_in_its_order(render: Render) -> None:
    articles = [another(n, updated_at=AT + timedelta(hours=n)) for n in range(50)]
    body = render(a_channel(articles=articles))
    wanted = [f"urn:uuid:{article.article_id}" for article in articles]
    for parse in (feedparser.parse, fastfeedparser.parse):
        feed: Any = parse(body)
        assert [entry.id for entry in feed.entries] == wanted
        assert feed.feed.title == "News & views"
    assert feedparser.parse(body).feed.language == "en"


def _folded(text: str) -> str:
    return " ".join(text.split())
