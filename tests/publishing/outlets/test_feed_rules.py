"""Every feed of the house keeps every rule; and each rule notices when it is broken."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.publishing.outlets import Tombstone, atom, jsonfeed, opml, rss, sitemap
from shared.events import Picture, PublishedArticle
from tests.publishing.outlets import feed_rules
from tests.publishing.outlets.builders import AT, ID, a_published_article, another, kill, publish
from tests.publishing.outlets.conftest import OpenHouse
from tests.publishing.outlets.test_feeds import a_channel

Check = Callable[[bytes], list[str]]
CHECKS: dict[str, tuple[Any, Check]] = {
    "atom": (atom.render, feed_rules.atom),
    "rss": (rss.render, feed_rules.rss),
    "json": (jsonfeed.render, feed_rules.json_feed),
}
ARTICLES: dict[str, PublishedArticle] = {
    "the reference": a_published_article(),
    "without anything optional": a_published_article(
        byline=None,
        authors=[],
        wire=None,
        section=None,
        section_name=None,
        tags=[],
        pictures=[],
        related=[],
        corrections=[],
    ),
    "in Vietnamese": a_published_article(language="vi", headline="Đường sắt ven biển có vốn", summary="Tóm tắt."),
    "with a body that acts": a_published_article(
        body_html='<p onclick="x()" style="a">a</p><script>b</script><iframe src="c"></iframe><a href="data:d">e</a>'
    ),
    "with addresses that are not whole": a_published_article(body_html='<p><a href="/a">b</a><img src="c.jpg"></p>'),
    "with what XML cannot say": a_published_article(headline="a\x00b\x0bc", body_html="<p>\ufffe\x08</p>"),
    "with markup in its text": a_published_article(headline="<b>A</b> & <script>B</script>", summary="<i>c</i> &nbsp;"),
    "from another zone": a_published_article(
        published_at=datetime(2024, 11, 6, 16, 5, tzinfo=UTC).astimezone(tz=None),
        updated_at=AT + timedelta(microseconds=7),
    ),
    "with a picture of no known kind": a_published_article(pictures=[Picture(url="https://img.example/a?b=1&c=2")]),
    "with a picture as a page": a_published_article(pictures=[Picture(url="https://img.example/a.html", caption="A")]),
}


@pytest.mark.parametrize("kind", list(CHECKS))
@pytest.mark.parametrize("which", list(ARTICLES))
def test_a_feed_keeps_every_rule(kind: str, which: str) -> None:
    render, check = CHECKS[kind]
    stone = Tombstone(ID, "http://news.example/articles/x", "kill", AT)
    channel = a_channel(articles=[ARTICLES[which], another(2)], gone=[stone])
    assert check(render(channel)) == []


@pytest.mark.parametrize("kind", list(CHECKS))
def test_an_empty_feed_keeps_every_rule(kind: str) -> None:
    render, check = CHECKS[kind]
    assert check(render(a_channel(articles=[], gone=[], hub=None, language=None))) == []


def test_opml_and_sitemap_keep_every_rule() -> None:
    lines = [opml.Outline(g, g, f"http://x/feeds/{n}.atom", "http://x/") for n, g in enumerate(("a & b", "đ", "<c>"))]
    assert feed_rules.opml(opml.render("All", lines, AT)) == []
    found = [another(n, language=language) for n, language in enumerate(("en", "vi", "pt-BR", "zh-CN"))]
    assert feed_rules.news_sitemap(sitemap.render("Newsroom", found, AT), AT) == []


async def test_what_is_served_keeps_every_rule(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, another(1), another(2, language="vi"), another(3))
        await kill(house.database, another(3))
        for shelf in (
            "all",
            "sections/political-system",
            "tags/kremlin",
            "authors/hoa-vu",
            "outlets/vtc-news",
            "languages/vi",
        ):
            for kind, (_, check) in CHECKS.items():
                answer = await house.client.get(f"/feeds/{shelf}.{kind}")
                assert check(answer.content) == [], shelf
        assert feed_rules.opml((await house.client.get("/feeds/all.opml")).content) == []


BROKEN_ATOM = [
    ("<id>http", "<id>", "feed id is no absolute IRI"),
    ("</updated>", "!</updated>", "is no date and time with a zone"),
    ('rel="self"', 'rel="selves"', "does not link to itself once"),
    ("<author>", "<contributor>", "not well-formed"),
    ("<published>", "<published>1", "is no date and time"),
    ("<name>Hoa Vu</name>", "<name> </name>", "author without a name"),
    ('href="https://vtcnews', 'href="//vtcnews', "which is not absolute"),
    ('type="image/jpeg"', 'type="image/*"', "links to the type 'image/*'"),
    ('term="kremlin"', 'term=""', "category without a term"),
    ('xml:lang="en"', 'xml:lang="e_n"', "is no language"),
    ('type="html"', 'type="pdf"', "content is not what its type says"),
    ("&lt;p&gt;According", "&lt;script&gt;&lt;/script&gt;According", "holds <script>"),
    ("&lt;p&gt;According", '&lt;p onclick="x"&gt;According', "holds the attribute onclick"),
    ("&lt;p&gt;According", '&lt;img src="a.jpg"&gt;According', "holds the address 'a.jpg'"),
    ("<generator>Newsroom</generator>", "<mood>calm</mood>", "unknown element mood"),
    ("<subtitle>The latest.</subtitle>", "<subtitle>a</subtitle><subtitle>b</subtitle>", "2 subtitle"),
    ("<title>Russia", "<title>a</title><title>Russia", "has 2 title"),
]
BROKEN_RSS = [
    ('version="2.0"', 'version="0.9"', "not RSS 2.0"),
    ("<description>The latest.</description>", "", "channel has 0 description"),
    ("<link>http://news.example/</link>", "<link>news.example</link>", "channel link is not absolute"),
    ("Wed, 06 Nov 2024", "Thu, 06 Nov 2024", "no RFC 822 date with its own weekday"),
    ("Wed, 06 Nov 2024", "06 Nov 24", "no RFC 822 date"),
    ('isPermaLink="false"', 'isPermaLink="true"', "guid says it is an address"),
    ("<dc:publisher>", "<author>Hoa Vu</author><dc:publisher>", "author is no mail address"),
    ("<dc:publisher>", "<author>a@b.example</author><dc:publisher>", "both author and dc:creator"),
    ("<dc:publisher>", '<enclosure url="http://a.example/b"/><dc:publisher>', "enclosure needs"),
    ("<dc:publisher>", "<pubDate>Wed, 06 Nov 2024 09:05:00 +0000</pubDate><dc:publisher>", "has 2 pubDate"),
    ("<dc:publisher>", "<mood>calm</mood><dc:publisher>", "unknown element mood"),
    ("<category>Kremlin</category>", "<category/>", "empty category"),
    ('url="https://img', 'url="img', "media address is not absolute"),
    ('width="1200"', 'width="12.5"', "media size is no number"),
    ("<dc:language>en", "<dc:language>english_us", "is no language"),
    ("&lt;p&gt;According", "&lt;iframe&gt;According", "holds <iframe>"),
    ('type="application/rss+xml"', 'type="text/xml"', "does not link to itself once"),
]
BROKEN_JSON: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("version", lambda f: f.update(version="https://jsonfeed.org/version/1"), "is not that of JSON Feed 1.1"),
    ("no title", lambda f: f.pop("title"), "feed has no title"),
    ("author", lambda f: f["items"][0].update(author={"name": "A"}), "unknown name author"),
    ("no id", lambda f: f["items"][0].update(id=""), "has no id"),
    ("twice", lambda f: f["items"].append(f["items"][0]), "stands 2 times"),
    ("no content", lambda f: f["items"][0].pop("content_html"), "has no content"),
    ("url", lambda f: f["items"][0].update(url="/a"), "url is not absolute"),
    ("date", lambda f: f["items"][0].update(date_published="2024-11-06"), "no date and time"),
    ("nobody", lambda f: f["items"][0].update(authors=[{}]), "an author who is nobody"),
    ("tag", lambda f: f["items"][0].update(tags=[1]), "a tag that is no text"),
    ("language", lambda f: f.update(language="e n"), "is no language"),
    ("script", lambda f: f["items"][0].update(content_html="<script>"), "holds <script>"),
]


@pytest.mark.parametrize(("old", "new", "why"), BROKEN_ATOM, ids=[case[2] for case in BROKEN_ATOM])
def test_the_atom_rules_notice(old: str, new: str, why: str) -> None:
    text = atom.render(a_channel()).decode()
    assert old in text
    assert why in " ".join(feed_rules.atom(text.replace(old, new, 1).encode()))


@pytest.mark.parametrize(("old", "new", "why"), BROKEN_RSS, ids=[case[2] for case in BROKEN_RSS])
def test_the_rss_rules_notice(old: str, new: str, why: str) -> None:
    text = rss.render(a_channel()).decode()
    assert old in text
    assert why in " ".join(feed_rules.rss(text.replace(old, new, 1).encode()))


@pytest.mark.parametrize(("name", "change", "why"), BROKEN_JSON, ids=[case[0] for case in BROKEN_JSON])
def test_the_json_feed_rules_notice(name: str, change: Callable[[dict[str, Any]], Any], why: str) -> None:
    feed = json.loads(jsonfeed.render(a_channel()))
    change(feed)
    assert why in " ".join(feed_rules.json_feed(json.dumps(feed).encode())), name
