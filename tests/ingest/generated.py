"""Feeds and pages that hypothesis makes up, and what must be true of whatever is read from them.

`python -m tests.ingest.generated 10000` reads that many (`make generated-ingest`); the suite reads a few of the same.
"""

import json
import re
import sys
import time
from collections import Counter
from datetime import timedelta
from html import escape

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.ingest.domain.items import Harvest, Unreadable
from services.ingest.sources.reading import read_document
from tests.ingest.builders import NOW, hints

_WORD = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["By", "Reuters", "(Source: AFP)", "Ảnh:", "06/11/2024", "<b>", "&amp;", "]]>", "\u202e", "\x00", "http://[", "//"]
)
_TEXT = st.lists(_WORD, max_size=8).map(" ".join)
_LONG = st.lists(_TEXT | st.just("A sentence that is long enough to be a part of a story. " * 3), max_size=6).map(
    "\n".join
)
_LINK = st.sampled_from(["https://lagoon.example/a", "/relative", "javascript:x", "http://[::1", "data:x", ""]) | _TEXT
_DATE = st.datetimes().map(str) | st.sampled_from(["Tue, 24 Feb 2026 10:00:00 +0700", "31/02/2024", "1e9", "0"]) | _TEXT
_MARKUP = st.recursive(
    _LONG.map(escape) | _TEXT,
    lambda inner: st.builds(
        lambda tag, attribute, parts: f"<{tag} {attribute}>{''.join(parts)}</{tag}>",
        st.sampled_from(
            ["p", "div", "figure", "figcaption", "h1", "span", "table", "li", "script", "article", "a", "time"]
        ),
        st.sampled_from(
            ["", "class=author", "itemprop=datePublished", "class='date'", "href='x'", "src=/a.jpg", "datetime=1"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)
_ACTS = re.compile(r"<(?:script|style|iframe|img)|<[a-z]\w*\s[^>]*(?:\bon\w+\s*=|\bsrc\s*=|javascript:)", re.IGNORECASE)
_NAMES = [
    "title",
    "guid",
    "link",
    "description",
    "pubDate",
    "author",
    "category",
    "dc:creator",
    "content:encoded",
    "source",
    "id",
]
_ENTRY = st.lists(st.tuples(st.sampled_from(_NAMES), _TEXT | _DATE | _LINK | _MARKUP), max_size=7)


def _element(name: str, value: str, *, quoted: bool) -> str:
    return f"<{name}>{f'<![CDATA[{value}]]>' if quoted else escape(value)}</{name}>"


@st.composite
def feeds(draw: st.DrawFn) -> bytes:
    """An RSS, RDF or Atom feed, mostly well-formed."""
    outer, inner = draw(st.sampled_from([("rss", "item"), ("feed", "entry"), ("rdf:RDF", "item"), ("channel", "item")]))
    entries = draw(st.lists(st.tuples(_ENTRY, st.booleans()), max_size=5))
    made = "".join(
        f"<{inner}>{''.join(_element(name, value, quoted=quoted) for name, value in entry)}</{inner}>"
        for entry, quoted in entries
    )
    head = draw(
        st.sampled_from(["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="latin-1"?>', "\ufeff", "<!--"])
    )
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1252"]))
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    inside = f"<channel>{made}</channel>" if outer == "rss" else made
    whole = f"{head}<{outer} {spaces}>{inside}</{outer}>"
    return whole.encode(encoding, "replace")[: draw(st.sampled_from([None, None, None, 200]))]


@st.composite
def json_feeds(draw: st.DrawFn) -> bytes:
    """A JSON Feed or a ninjs item with anything in its places."""
    value = st.none() | st.booleans() | st.integers() | _TEXT | _DATE | _LINK | _MARKUP | st.lists(_TEXT, max_size=2)
    names = [
        "id",
        "url",
        "title",
        "content_html",
        "content_text",
        "date_published",
        "authors",
        "tags",
        "language",
        "image",
    ]
    items = draw(st.lists(st.dictionaries(st.sampled_from(names), value, max_size=6) | value, max_size=4))
    shape = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": draw(value),
        "items": items,
        "next_url": draw(_LINK),
    }
    ninjs = draw(
        st.dictionaries(st.sampled_from(["headlines", "bodies", "embargoeduntil", "by", "associations"]), value)
    )
    return json.dumps(draw(st.sampled_from([shape, {"uri": draw(_TEXT), **ninjs}]))).encode()


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """An article page, with declarations that may contradict it."""
    ld = draw(
        st.dictionaries(st.sampled_from(["headline", "datePublished", "author", "image", "articleBody"]), _TEXT | _DATE)
    )
    metas = "".join(
        f'<meta property="{name}" content="{escape(draw(_TEXT | _DATE | _LINK))}">'
        for name in draw(
            st.lists(st.sampled_from(["og:title", "article:published_time", "og:image", "author"]), max_size=4)
        )
    )
    script = json.dumps({"@type": "NewsArticle", **ld}).replace("</", "<\\/")
    head = f'<title>{escape(draw(_TEXT))}</title>{metas}<script type="application/ld+json">{script}</script>'
    body = "".join(draw(st.lists(_MARKUP, max_size=6)))
    return f"<!DOCTYPE html><html><head>{head}</head><body><h1>{draw(_TEXT)}</h1>{body}</body></html>".encode(
        "utf-8", "replace"
    )


documents = st.one_of(feeds(), pages(), json_feeds())


def read(content: bytes) -> Harvest | None:
    """Read a document as a stranger's; None where it is refused. What is read keeps its promises, or this fails."""
    try:
        harvest = read_document("auto", content, hints(url="https://lagoon.example/x"))
    except Unreadable as error:
        if not error.cause.isidentifier() or not str(error):
            raise AssertionError(f"{error.cause!r} says nothing") from error
        return None
    for item in harvest.items:
        whole = item.model_dump_json()
        assert not any(sign in whole for sign in ("\x00", "\\u0000", "\u202e", "\ud800"))
        assert not _ACTS.search(item.body_html)
        assert all(link is None or link.startswith(("http://", "https://")) for link in (item.url, item.canonical_url))
        assert item.headline == " ".join(item.headline.split())
        assert item.published_at is None or item.published_at <= NOW + timedelta(hours=1)
    return harvest


def main(count: int) -> None:
    """Read so many documents, none of them remembered, and say what became of them."""
    outcomes: Counter[str] = Counter()
    began = time.monotonic()

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents)
    def all_of_them(content: bytes) -> None:
        outcomes["refused" if read(content) is None else "read"] += 1

    all_of_them()
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"generated: {sum(outcomes.values())} documents, {dict(outcomes)}, {seconds:.0f} s, 0 exceptions\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
