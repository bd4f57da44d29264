"""Feeds, JSON Feed, sitemaps, ninjs, NewsML-G2 and OPML: read as their standards say."""

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.ingest.domain.items import Harvest, Unreadable
from services.ingest.sources.opml import read_opml, write_opml
from services.ingest.sources.reading import form_of, read_document
from tests.ingest.builders import NOW, PARAGRAPHS, House, a_feed, an_entry, hints, long_text

DATA = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[3] / "shared" / "data"))
TEXT = "\n".join(PARAGRAPHS)


def read(content: bytes | str, **given: Any) -> Harvest:
    return read_document("auto", content.encode() if isinstance(content, str) else content, hints(**given))


def test_a_feed_tells_when_it_wants_to_be_read_again() -> None:
    head = (
        "<title>The Lagoon Post - World</title><link>https://lagoon.example/</link><language>en-gb</language><ttl>90</ttl>"
        "<skipHours><hour>3</hour><hour>4</hour></skipHours><atom:link rel='hub' href='https://hub.example/'/>"
        "<atom:link rel='self' href='https://lagoon.example/rss'/>"
    )
    notes = read(a_feed(an_entry(), head=head)).notes
    assert (notes.ttl_minutes, notes.skip_hours, notes.hub) == (90, [3, 4], "https://hub.example/")
    assert (notes.self_url, notes.language, notes.parser) == ("https://lagoon.example/rss", "en", "fastfeedparser")


def test_the_date_in_a_feed_is_read_by_our_rules_and_not_by_a_parsers_guess() -> None:
    (item,) = read(a_feed(an_entry(date="06/11/2024 08:00"), head="<title>T</title><language>vi</language>")).items
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2024-11-06T08:00:00+07:00"
    assert item.raw["published_at"] == "06/11/2024 08:00"


def test_an_entry_with_an_empty_date_has_none() -> None:
    # feedparser warns, and answers another date, where it is asked for what is not there: warnings are errors here.
    harvest = read("<channel><item><title>Tide tables</title><pubDate></pubDate></item></channel>")
    assert harvest.notes is not None
    assert harvest.notes.parser == "feedparser"
    assert [item.published_at for item in harvest.items] == [None]


def test_atom_with_xhtml_content_relative_links_and_a_tombstone() -> None:
    atom = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"
 xml:lang="en"><title>T</title>
    <link href="https://lagoon.example/"/><entry><id>tag:1</id><title type="html">A &lt;i&gt;b&lt;/i&gt;</title>
<link href="/rel"/>
    <published>2026-02-24T10:00:00+07:00</published><author><name>Jane Doe</name></author><content type="xhtml">
    <div xmlns="http://www.w3.org/1999/xhtml">{long_text()}</div></content></entry>
    <at:deleted-entry ref="tag:0" when="2026-02-25T00:00:00Z"/></feed>"""
    story, gone = read(atom, url="https://lagoon.example/atom").items
    assert (story.headline, story.canonical_url, story.byline) == ("A b", "https://lagoon.example/rel", "Jane Doe")
    assert not story.partial
    assert (gone.guid, gone.withdrawn) == ("tag:0", "deleted by the feed")


def test_pictures_come_with_caption_and_credit_from_text_or_media_elements() -> None:
    media = (
        '<media:content url="https://lagoon.example/m.jpg" type="image/jpeg">'
        "<media:description>Dawn</media:description>"
        "<media:credit>Reuters</media:credit></media:content>"
    )
    figure = '<figure><img src="/f.jpg"><figcaption>Boats. (Photo: AFP)</figcaption></figure>'
    by_media, by_text = read(a_feed(an_entry("a", more=media), an_entry("b", text=figure + long_text()))).items
    assert [(p.caption, p.credit) for p in by_media.pictures] == [("Dawn", "Reuters")]
    assert [(p.url, p.caption, p.credit) for p in by_text.pictures] == [
        ("https://lagoon.example/f.jpg", "Boats.", "AFP")
    ]
    assert "Boats" not in by_text.body_text


@pytest.mark.parametrize(
    "feed",
    [
        a_feed(an_entry()).replace(b"</rss>", b""),
        a_feed(an_entry()).replace(b"</channel></rss>", b"<item><title>Cut & of"),
        a_feed(an_entry(summary="a & b")).replace(b"&amp;", b"&"),
        a_feed(an_entry()).replace(b'<?xml version="1.0" encoding="UTF-8"?>', b"\n\n"),
        (
            b'<?xml version="1.0"?><rss version="0.91"><channel><title>T</title><item><title>Harbour</title></item>'
            b"</channel></rss>"
        ),
        (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>T</title>'
            b"</channel><item><title>Harbour</title><link>https://lagoon.example/a</link></item></rdf:RDF>"
        ),
    ],
)
def test_feeds_that_are_nearly_right_are_read(feed: bytes) -> None:
    assert read(feed).items[0].headline.startswith("Harbour")


def test_a_json_feed_is_read_with_its_next_page() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Lagoon",
        "next_url": "https://lagoon.example/2.json",
        "items": [
            {
                "id": "1",
                "url": "https://lagoon.example/1",
                "title": "One",
                "content_html": long_text(),
                "date_published": "2026-02-24T10:00:00Z",
                "authors": [{"name": "Jane Doe"}],
                "image": "https://lagoon.example/1.jpg",
                "tags": ["port"],
            },
            {"id": "2", "content_text": ""},
            7,
        ],
    }
    harvest = read(orjson.dumps(feed))
    (item,) = harvest.items
    assert (item.guid, item.byline, item.keywords, item.partial) == ("1", "Jane Doe", ["port"], False)
    assert harvest.notes.next_url == "https://lagoon.example/2.json"
    assert len(harvest.complaints) == 2


def test_a_news_sitemap_and_an_index_lead_to_pages() -> None:
    sitemap = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://lagoon.example/a</loc><news:news><news:publication><news:name>Lagoon</news:name><news:language>en</news:language>
    </news:publication><news:publication_date>2026-02-24</news:publication_date><news:title>Harbour</news:title></news:news></url>
    <url><loc>https://lagoon.example/about</loc></url></urlset>"""
    (item,) = read(sitemap).items
    assert (item.headline, item.outlet, item.partial, item.language) == ("Harbour", "Lagoon", True, "en")
    index = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://lagoon.example/1.xml</loc>
    <lastmod>2026-01-01</lastmod></sitemap><sitemap><loc>https://lagoon.example/2.xml</loc><lastmod>2026-02-01</lastmod></sitemap></sitemapindex>"""
    assert read(index).notes.children == ["https://lagoon.example/2.xml", "https://lagoon.example/1.xml"]


NINJS: dict[str, Any] = {
    "uri": "urn:newsml:lagoon.example:1",
    "type": "text",
    "versionCreated": "2026-02-24T03:00:00Z",
    "language": "en",
    "urgency": 3,
    "by": "Jane Doe, Reuters",
    "headlines": [{"role": "main", "value": "Harbour board widens the channel"}],
    "bodies": [{"role": "main", "contentType": "text/plain", "value": TEXT}],
    "edNote": "Adds vote",
    "infoSources": [{"name": "Lagoon Wire"}],
    "subjects": [{"name": "Transport"}],
    "associations": [
        {
            "name": "pic",
            "uri": "urn:p",
            "type": "picture",
            "by": "Ann Lens",
            "headlines": [{"value": "x"}],
            "descriptions": [{"role": "caption", "value": "Dawn"}],
            "renditions": [
                {"name": "s", "href": "https://lagoon.example/s.jpg", "width": 100},
                {"name": "l", "href": "https://lagoon.example/l.jpg", "width": 900},
            ],
        }
    ],
}


def test_ninjs_is_read_in_both_spellings() -> None:
    lower = orjson.loads(
        orjson.dumps(NINJS).replace(b"versionCreated", b"versioncreated").replace(b"infoSources", b"infosources")
    )
    for document in (NINJS, lower):
        (item,) = read(orjson.dumps(document)).items
        assert (item.headline, item.byline, item.wire, item.outlet) == (
            "Harbour board widens the channel",
            "Jane Doe",
            "Reuters",
            "Lagoon Wire",
        )
        assert (item.urgency, item.section, item.language) == (3, "Transport", "en")
        assert [(p.url, p.caption, p.credit) for p in item.pictures] == [
            ("https://lagoon.example/l.jpg", "Dawn", "Ann Lens")
        ]
        assert item.published_at is not None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"uri": 7}, "uri"),
        ({"pubStatus": "killed"}, "pubstatus"),
        ({"bodies": [{"role": "x"}]}, "bodies.0.value"),
        ({"made_up": 1}, "made_up"),
        ({"urgency": "high"}, "urgency"),
        ({"associations": {"a": {}}}, "associations"),
    ],
)
def test_invalid_ninjs_is_refused_naming_the_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(Unreadable, match=place) as caught:
        read_document("ninjs", orjson.dumps(NINJS | change), hints())
    assert caught.value.cause == "invalid_ninjs"


@pytest.mark.parametrize("embargo", ["tomorrow", "2099-13-01T00:00:00Z", "2099-01-01T00:00:00", 7, ""])
def test_an_embargo_that_cannot_be_parsed_holds_the_story(embargo: object) -> None:
    (item,) = read(orjson.dumps(NINJS | {"embargoedUntil": embargo})).items
    assert item.held
    assert item.embargoed_until is None


def test_an_embargo_is_kept_and_a_cancellation_withdraws() -> None:
    (kept,) = read(orjson.dumps(NINJS | {"embargoedUntil": "2099-01-01T00:00:00+07:00"})).items
    assert kept.embargoed_until is not None
    (gone,) = read(orjson.dumps(NINJS | {"pubStatus": "canceled"})).items
    assert gone.withdrawn


def test_the_standards_own_examples_are_read() -> None:
    folder = DATA / "ninjs"
    if not folder.exists():
        pytest.skip(f"skipped, no data: {folder} (set NEWSROOM_DATA)")
    for path in sorted(folder.glob("*/*/*.json")):
        if "not-valid" in path.parts:
            with pytest.raises(Unreadable):
                read_document("ninjs", path.read_bytes(), hints())
        elif path.parts[-3] != "specification":
            assert read_document("ninjs", path.read_bytes(), hints()).items, path


G2 = f"""<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:g2:1" version="3"
 standard="NewsML-G2" standardversion="2.33" conformance="power" xml:lang="en"><itemMeta><itemClass qcode="ninat:text"/>
 <provider qcode="nprov:REUTERS"><name>Reuters</name></provider><versionCreated>2026-02-24T03:00:00Z</versionCreated>
 <pubStatus qcode="stat:usable"/><edNote>Adds vote</edNote></itemMeta><contentMeta><urgency>4</urgency>
<by>By Jane Doe</by>
 <headline>Harbour board widens the channel</headline><subject qcode="x:1"><name>Transport</name></subject>
</contentMeta>
 <contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>
 <body><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></body></html></inlineXML></contentSet></newsItem>"""


def test_newsml_g2_is_read() -> None:
    (item,) = read(G2).items
    assert (item.guid, item.headline, item.byline, item.wire) == (
        "urn:g2:1",
        "Harbour board widens the channel",
        "Jane Doe",
        "Reuters",
    )
    assert (item.urgency, item.section, item.ednote) == (4, "Transport", "Adds vote")
    assert item.body_text == "\n".join(PARAGRAPHS[:2])
    assert item.body_html.startswith("<p>")
    (held,) = read(G2.replace("<edNote>", "<embargoed>soon</embargoed><edNote>")).items
    assert held.held
    (gone,) = read(G2.replace("stat:usable", "stat:canceled")).items
    assert gone.withdrawn


def test_newsml_1_is_read_too() -> None:
    folder = DATA / "newsml-g2"
    if not folder.exists():
        pytest.skip(f"skipped, no data: {folder} (set NEWSROOM_DATA)")
    for path in sorted(folder.glob("*.xml")):
        (item,) = read(path.read_bytes()).items
        assert item.guid, path
        assert item.headline, path
        assert len(item.body_text) > 100, path


async def test_documents_are_taken_at_the_door_by_their_media_type(house: House) -> None:
    for kind, content in (
        ("application/vnd.iptc.ninjs+json", orjson.dumps(NINJS)),
        ("application/vnd.iptc.g2.newsitem+xml", G2.encode()),
    ):
        answer = await house.client.post(
            "/v1/items", content=content, headers={"content-type": kind}, params={"source": kind}
        )
        assert (answer.status_code, answer.json()["outcome"]) == (202, "new")
    feed = a_feed(an_entry("a"), an_entry("b", title="Second", summary="Another story entirely."))
    answer = await house.client.post("/v1/items", content=feed, headers={"content-type": "application/rss+xml"})
    assert [i["outcome"] for i in answer.json()["items"]] == ["new", "new"]
    assert answer.json()["errors"] == []
    answer = await house.client.post("/v1/items", content=b"x", headers={"content-type": "image/png"})
    assert answer.status_code == 415


def test_opml_goes_out_and_comes_in_the_same() -> None:
    text = """<opml version="2.0"><body><outline text="World"><outline type="rss" text="A" xmlUrl="https://a.example/rss"/></outline>
    <outline type="rss" text="Bad" xmlUrl="ftp://b.example/"/></body></opml>"""
    good, bad = read_opml(text.encode())
    assert (good.name, good.url, good.section, bad.url) == ("A", "https://a.example/rss", "World", None)
    (again,) = read_opml(write_opml([good], NOW))
    assert (again.name, again.url, again.section) == (good.name, good.url, good.section)


async def test_opml_is_tried_dry_and_duplicates_are_reported(house: House) -> None:
    text = b"""<opml version="2.0"><body><outline type="rss" text="A" xmlUrl="https://a.example/rss"/>
    <outline type="rss" text="A2" xmlUrl="https://a.example/rss"/><outline type="rss" text="C" xmlUrl="gopher://c"/></body></opml>"""
    for dry, expected in ((True, 0), (False, 1)):
        answer = await house.client.post(
            "/v1/opml", content=text, params={"dry_run": dry}, headers={"content-type": "text/x-opml"}
        )
        assert [i["outcome"] for i in answer.json()["items"]] == ["added", "duplicate", "unusable"]
        assert len((await house.client.get("/v1/sources")).json()["items"]) == expected
    assert b"https://a.example/rss" in (await house.client.get("/v1/opml")).content


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"<rss>", "feed"),
        (b'{"items": []}', "jsonfeed"),
        (b'{"uri": "x"}', "ninjs"),
        (b"<html>", "page"),
        (b"<urlset>", "sitemap"),
        (b"<newsItem>", "newsml"),
        ("\ufeff<feed>".encode(), "feed"),
        (b"<!-- c --><?xml?><rdf:RDF>", "feed"),
    ],
)
def test_a_documents_form_is_seen_from_the_document(content: bytes, form: str) -> None:
    assert form_of(content) == form


def test_thousands_of_real_odd_feeds_raise_nothing_but_what_is_declared() -> None:
    folder = DATA / "feeds"
    if not folder.exists():
        pytest.skip(f"skipped, no data: {folder} (set NEWSROOM_DATA)")
    causes: set[str] = set()
    paths = [p for p in sorted(folder.rglob("*")) if p.suffix in (".xml", ".json")][::8]
    for path in paths:
        try:
            read_document("feed", path.read_bytes(), hints())
        except Unreadable as error:
            causes.add(error.cause)
    assert causes <= {"not_a_feed", "forbidden_dtd", "broken_json", "empty"}


def test_a_feed_is_read_without_the_entries_that_are_known() -> None:
    feed = a_feed(*(an_entry(f"g{number}", title=f"Story {number}") for number in range(5)))
    first = read(feed)
    marks = [item.mark for item in first.items]
    assert len(set(marks)) == 5
    again = read(feed, known=frozenset(marks[:2] + marks[3:]))
    assert [item.headline for item in again.items] == ["Story 2"]
    assert (again.notes.known, again.items[0]) == (4, first.items[2])
    nothing = read(feed, known=frozenset(marks))
    assert (nothing.items, nothing.notes.known) == ([], 5)


@pytest.mark.parametrize("quoted", ["<![CDATA[<item>]]>", "<![CDATA[<item></item>]]>", "<![CDATA[</item>]]>"])
def test_an_entry_quoted_in_another_is_no_entry(quoted: str) -> None:
    feed = a_feed(an_entry("a", more=f"<comments>{quoted}</comments>"), an_entry("b"))
    marks = frozenset(item.mark for item in read(feed).items if item.mark)
    assert [item.guid for item in read(feed, known=marks).items] == ["a", "b"]


def test_a_headline_made_of_the_text_ends_with_a_word() -> None:
    (item,) = read(
        a_feed(f"<item><link>https://a.example/b</link><description>{'wor ' * 60}</description></item>")
    ).items
    assert item.headline.endswith("wor")
    assert len(item.headline) <= 120
