"""Article pages: per field the most trusted evidence wins, and says so."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.ingest import extraction
from services.ingest.domain.items import Item, Unreadable
from services.ingest.sources.pages import read_page
from tests.ingest.builders import PARAGRAPHS, a_page, hints

REFERENCE = """<!DOCTYPE html><html lang="en"><head><title>Russia reacts cautiously - Portal</title>
<meta property="og:site_name" content="Portal.vn"><link rel="canonical" href="https://www.portal.example/en/russia-reacts">
</head><body><header><a href="/">Portal.vn - Nền tảng quảng bá</a></header><main><article>
<h1>Russia reacts cautiously after Trump's election victory</h1>
<div class="meta"><a href="/outlet/vtc"><img src="/logo-vtc.png" alt="VTC News"></a><a href="/outlet/vtc">VTC News</a>
<span>06/11/2024</span></div>
<p>According to Reuters , the Kremlin reacted cautiously after Donald Trump won the election, saying the
 country remains an
"unfriendly country" and that only time will prove whether his statement about ending the conflict will come true.</p>
<p>"Let's not forget that we are talking about an unfriendly country," the spokesman said at a press conference
 on November 6.</p>
<figure><img src="/images/osaka.jpg" alt="The two presidents meet in Osaka. (Photo: Reuters)">
<figcaption>The presidents met on the sidelines of the summit in Osaka in 2019. (Photo: Reuters)</figcaption></figure>
<p>He added that he had no information about whether the president had congratulated the winner on his victory,
 and said that
relations between the two capitals were at a record low.</p>
<p>Hoa Vu (Source: Reuters)</p></article>
<p>Source: <a href="https://vtcnews.example/nga-phan-ung-ar905977.html">https://vtcnews.example/nga-phan-ung-ar905977.html</a></p>
<section class="comments"><h2>Comment (0)</h2><p>No data</p></section>
<section><h2>Same tag</h2><a href="/x"><img src="/wind.jpg" alt="Wind">
<h3>Wind power field: coordinates for summer hearts</h3></a></section>
<section><h2>Same category</h2><a href="/y"><h3>Legend of Father Elephant Rock</h3></a></section></main></body>
</html>"""


def read(content: str | bytes, **given: Any) -> Item:
    return read_page(content.encode() if isinstance(content, str) else content, hints(**given))


def test_the_portals_page_yields_exactly_what_it_shows() -> None:
    item = read(REFERENCE, url="https://www.portal.example/en/russia-reacts?utm_source=x")
    assert item.headline == "Russia reacts cautiously after Trump's election victory"
    assert (item.outlet, item.wire, item.byline, item.authors) == ("VTC News", "Reuters", "Hoa Vu", ["Hoa Vu"])
    assert item.published_at is not None
    assert item.published_at.date().isoformat() == "2024-11-06"
    assert item.canonical_url == "https://www.portal.example/en/russia-reacts"
    assert item.url == "https://vtcnews.example/nga-phan-ung-ar905977.html"
    assert item.language == "en"
    (picture,) = item.pictures
    assert picture.url == "https://www.portal.example/images/osaka.jpg"
    assert picture.caption == "The presidents met on the sidelines of the summit in Osaka in 2019."
    assert picture.credit == "Reuters"
    assert item.body_text.count("\n") == 2
    assert "Osaka" not in item.body_text
    assert "Wind power" not in item.body_html
    assert item.raw["byline"] == "Hoa Vu (Source: Reuters)"
    assert {
        "headline",
        "outlet",
        "wire",
        "byline",
        "published_at",
        "language",
        "canonical_url",
        "pictures",
    } <= item.evidence.keys()


def json_ld(**node: Any) -> str:
    document = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **node})
    return f'<script type="application/ld+json">{document}</script>'


def test_json_ld_is_trusted_before_opengraph_and_what_the_page_shows() -> None:
    head = json_ld(
        headline="Declared headline",
        author=[{"@type": "Person", "name": "Jane Doe"}],
        publisher={"name": "The Lagoon Post"},
        datePublished="2026-02-24T10:00:00+07:00",
        articleSection="Business",
        keywords=["harbour", "port"],
    )
    head += '<meta property="og:title" content="Another"><meta property="og:site_name" content="Elsewhere">'
    head += '<meta property="article:published_time" content="2020-01-01T00:00:00Z">'
    item = read(a_page(head=head), url="https://lagoon.example/a")
    assert (item.headline, item.outlet, item.byline, item.section) == (
        "Declared headline",
        "The Lagoon Post",
        "Jane Doe",
        "Business",
    )
    assert item.published_at == datetime(2026, 2, 24, 3, tzinfo=UTC)
    assert item.keywords == ["harbour", "port"]
    assert item.evidence["headline"].startswith("json-ld")
    assert item.evidence["published_at"].startswith("json-ld")


@pytest.mark.parametrize("wrap", ["[{}]", '{{"@graph": [{}]}}', "{},", "<!--{}-->"])
def test_json_ld_is_found_as_sites_really_write_it(wrap: str) -> None:
    node = json.dumps({"@type": ["NewsArticle"], "headline": "Declared headline"})
    head = f'<script type="application/ld+json">{wrap.format(node)}</script>'
    expected = "Harbour board widens the channel" if wrap == "{}," else "Declared headline"
    assert read(a_page(head=head)).headline == expected


def test_opengraph_is_trusted_before_the_heading() -> None:
    head = (
        '<meta property="og:title" content="Declared by OpenGraph"><meta property="article:author" content="Jane Doe">'
    )
    item = read(a_page(head=head + '<meta property="article:published_time" content="2026-02-24T10:00:00Z">'))
    assert (item.headline, item.byline) == ("Declared by OpenGraph", "Jane Doe")
    assert item.evidence["published_at"].startswith("article:published_time")


def test_a_page_that_hides_its_text_is_read_from_what_it_declares() -> None:
    text = " ".join(PARAGRAPHS * 3)
    item = read(a_page(head=json_ld(articleBody=text, headline="Declared"), paragraphs=PARAGRAPHS[:1]))
    assert item.evidence["body"] == "json-ld articleBody"
    assert item.body_text == text


@pytest.mark.parametrize(
    ("markup", "url", "caption", "credit"),
    [
        (
            (
                '<figure><img data-src="/a.jpg" src="data:image/gif;base64,x">'
                '<figcaption>Dawn. <span class="credit">Jane Doe/AP</span>'
                "</figcaption></figure>"
            ),
            "https://lagoon.example/a.jpg",
            None,
            "Jane Doe/AP",
        ),
        (
            '<img srcset="/s.jpg 320w, /l.jpg 1280w, /m.jpg 640w" src="/s.jpg" alt="Dawn">',
            "https://lagoon.example/l.jpg",
            None,
            None,
        ),
        (
            (
                '<table class="picture"><tr><td><img src="/t.jpg"></td></tr><tr>'
                "<td>Cảng lúc bình minh. (Ảnh: TTXVN)</td></tr></table>"
            ),
            "https://lagoon.example/t.jpg",
            "Cảng lúc bình minh.",
            "TTXVN",
        ),
        (
            '<p><img src="/n.jpg"></p><p>The harbour. (Photo: Reuters)</p>',
            "https://lagoon.example/n.jpg",
            "The harbour.",
            "Reuters",
        ),
        (
            '<div class="wp-caption"><img src="/w.jpg"><p class="wp-caption-text">Boats</p></div>',
            "https://lagoon.example/w.jpg",
            "Boats",
            None,
        ),
    ],
)
def test_a_picture_keeps_its_largest_file_caption_and_credit(
    markup: str, url: str, caption: str | None, credit: str | None
) -> None:
    (picture,) = read(a_page(lead=markup), url="https://lagoon.example/story").pictures
    assert (picture.url, picture.credit) == (url, credit)
    assert caption is None or picture.caption == caption


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="/logo.png">',
        '<img src="/x.jpg" width="1" height="1">',
        '<div class="related"><a href="/other"><img src="/o.jpg"></a></div>',
        '<aside><img src="/a.jpg"></aside>',
        '<img src="data:image/png;base64,xxxx">',
        '<a href="/other-story"><img src="/t.jpg"></a>',
    ],
)
def test_what_is_no_picture_of_the_story_is_left_out(markup: str) -> None:
    assert read(a_page(tail=markup), url="https://lagoon.example/story").pictures == []


def test_the_day_comes_first_on_a_vietnamese_page() -> None:
    paragraphs = [
        "Hội đồng cảng hôm thứ ba đã bỏ phiếu mở rộng luồng phía đông, kế hoạch mà ngư dân phản đối suốt hai năm qua.",
        "Tàu nạo vét sẽ bắt đầu vào tháng tư và làm việc ban đêm để các chuyến phà buổi sáng giữ đúng lịch trình.",
        "Những người phản đối chỉ vào các thảm cỏ biển ngoài đê chắn sóng, nơi cá con sống mùa hè đầu tiên.",
    ]
    item = read(
        a_page(
            "Cảng mở rộng luồng", lang="vi", paragraphs=paragraphs, lead='<span class="date">06/11/2024 08:15</span>'
        )
    )
    assert item.language == "vi"
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2024-11-06T08:15:00+07:00"
    assert item.raw["published_at"] == "06/11/2024 08:15"


def test_a_language_that_the_text_contradicts_is_not_believed() -> None:
    item = read(a_page(lang="vi"))
    assert item.language == "en"
    assert "declares vi" in item.evidence["language"]


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1252", "iso-8859-1"])
def test_a_page_in_another_charset_reads_the_same(charset: str) -> None:
    text = a_page("Café déjà vu").decode().replace('<meta charset="utf-8">', f'<meta charset="{charset}">')
    assert read(text.encode(charset)).headline == "Café déjà vu"


def test_a_wrong_declaration_does_not_break_utf_8() -> None:
    text = a_page("Cảng mở rộng").decode().replace('charset="utf-8"', 'charset="iso-8859-1"')
    assert read(text.encode(), charset="latin-1").headline == "Cảng mở rộng"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"\x00" * 100,
        b"<html></html>",
        b"<html><body><h1>Only a heading</h1></body></html>",
        b"plain words, no page",
        b"<html><body>" + b"<a href='/x'>link</a>" * 50 + b"</body></html>",
        bytes(range(256)) * 4,
    ],
)
def test_a_page_without_an_article_says_so(content: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert caught.value.cause in ("no_article", "not_html")


def test_extraction_is_about_as_good_as_we_say() -> None:
    """Every fourth page; `make bench-ingest` measures the figure itself on all of them."""
    if not extraction.DATA.exists():
        pytest.skip(f"skipped, no data: {extraction.DATA} (set NEWSROOM_DATA)")
    read_pages, _ = extraction.read_all(4)
    _, _, f1, _ = extraction.score(extraction.texts_of(read_pages))
    assert f1 >= 0.95
