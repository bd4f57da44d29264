"""OPML subscription lists (opml.org/spec2): the feeds they name, and ours as one."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from services.ingest.domain.addresses import absolute
from services.ingest.domain.items import Unreadable
from services.ingest.domain.texts import line, title
from services.ingest.sources.parts.xml import parse_xml

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list; `url` is None where its address cannot be used, `raw` is what stood there."""

    name: str
    url: str | None
    raw: str
    section: str | None
    language: str | None


def read_opml(content: bytes, charset: str | None = None) -> list[Outline]:
    """The feeds of a list, at any depth; the folder around a feed is its section.

    Raises Unreadable for what is no OPML.
    """
    root = parse_xml(content, charset, "The list")
    if etree.QName(root).localname.lower() != "opml":
        raise Unreadable("not_opml", f"This is a document of <{etree.QName(root).localname}>, not OPML.")
    found = []
    for node in root.iter("outline"):
        raw = (
            node.get("xmlUrl") or node.get("xmlurl") or node.get("url")
            if (node.get("type") or "rss").lower() in _TYPES
            else None
        )
        if raw is None:
            continue
        url = absolute(raw, None)
        folder = (
            node.getparent().get("text") if node.getparent() is not None and node.getparent().tag == "outline" else None
        )
        name = title(node.get("title") or node.get("text"))[:200] or line(raw, 200)
        found.append(
            Outline(name, url, line(raw, 500), title(folder)[:100] or None, line(node.get("language"), 10) or None)
        )
        if len(found) > _MOST:
            raise Unreadable("too_many", f"The list names more than {_MOST} feeds; split it.")
    return found


_TYPES = {"rss", "atom", "rdf", "link", "include", "feed"}


def write_opml(outlines: list[Outline], now: datetime) -> bytes:
    """Our feeds as OPML 2.0, in folders by section."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Newsroom sources"
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for outline in outlines:
        parent = body
        if outline.section:
            if outline.section not in folders:
                folders[outline.section] = etree.SubElement(body, "outline", text=outline.section)
            parent = folders[outline.section]
        values = {"type": "rss", "text": outline.name, "title": outline.name, "xmlUrl": outline.url or ""}
        etree.SubElement(parent, "outline", values | ({"language": outline.language} if outline.language else {}))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))
