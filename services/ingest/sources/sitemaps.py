"""Google news sitemaps and sitemap indexes: which articles a site has, each to be read on its own page."""

from lxml import etree

from services.ingest.domain.addresses import absolute
from services.ingest.domain.dates import read_date
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import FeedNotes, Harvest, Hints, Item, Unreadable
from services.ingest.domain.texts import line, title
from services.ingest.sources.parts.languages import primary
from services.ingest.sources.parts.xml import parse_xml
from shared.events import Picture

_MOST = 1000
_MOST_CHILDREN = 50


def read_sitemap(content: bytes, hints: Hints) -> Harvest:
    """Read a sitemap. An index gives the addresses of its sitemaps in `notes.children`, the newest first."""
    where = hints.url or "The document"
    root = parse_xml(content, hints.charset, where)
    kind = etree.QName(root).localname
    if kind == "sitemapindex":
        children = [(_child(node, "lastmod"), absolute(_child(node, "loc"), hints.url)) for node in root[:5000]]
        newest = sorted((c for c in children if c[1]), key=lambda child: child[0], reverse=True)[:_MOST_CHILDREN]
        return Harvest(notes=FeedNotes(parser="sitemap index", children=[url for _, url in newest if url]))
    if kind != "urlset":
        raise Unreadable("not_a_sitemap", f"{where} is no sitemap but a document of <{kind}>.")
    items = [item for node in root[: _MOST * 5] if (item := _item(node, hints)) is not None]
    return Harvest(items=items[:_MOST], notes=FeedNotes(parser="sitemap"))


def _item(node: etree._Element, hints: Hints) -> Item | None:
    link = absolute(_child(node, "loc"), hints.url)
    headline = title(_deep(node, "title"))
    if not link or not headline:
        return None  # a page that is no news
    habits = Habits(now=hints.now, language=_deep(node, "language"), timezone=hints.timezone, day_first=hints.day_first)
    date = read_date(_deep(node, "publication_date") or _child(node, "lastmod"), habits)
    images = [
        absolute(line("".join(e.itertext()), 2000), link) for e in node.iter("{*}image") for e in e.iter("{*}loc")
    ]
    outlet = hints.outlet or title(_deep(node, "name")) or None
    evidence = {"headline": "news sitemap", "outlet": "set for the source" if hints.outlet else "news sitemap"}
    if date:
        evidence["published_at"] = f"news sitemap {date.raw!r} ({date.evidence})"
    keywords = [part.strip() for part in _deep(node, "keywords").split(",") if part.strip()][:40]
    return Item(
        guid=link,
        url=link,
        canonical_url=link,
        headline=headline,
        language=primary(_deep(node, "language")),
        outlet=outlet,
        published_at=date.moment if date else None,
        keywords=keywords,
        partial=True,
        evidence=evidence,
        pictures=[Picture(url=url) for url in images if url][:5],
        raw={"published_at": date.raw} if date else {},
    )


def _child(node: etree._Element, name: str) -> str:
    found = node.find(f"{{*}}{name}")
    return line(found.text, 4000) if found is not None and found.text else ""


def _deep(node: etree._Element, name: str) -> str:
    """The text of a descendant in Google's news namespace."""
    for element in node.iter("{http://www.google.com/schemas/sitemap-news/0.9}" + name):
        return line(element.text, 1000)
    return ""
