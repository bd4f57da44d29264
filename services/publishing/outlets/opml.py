"""OPML 2.0 (opml.org/spec2.opml): every feed of the house in one file that a feed reader can take in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element

from services.publishing.outlets import document, put

MEDIA_TYPE = "text/x-opml"


@dataclass(frozen=True)
class Outline:
    """One feed: its group ("Sections", "Tags", …), title, feed address and page."""

    group: str
    title: str
    feed: str
    home: str


def render(title: str, outlines: Iterable[Outline], now: datetime) -> bytes:
    """The outlines as OPML, one folder per group in the order the groups first appear."""
    opml = Element("opml", {"version": "2.0"})
    head = put(opml, "head")
    put(head, "title", title)
    put(head, "dateCreated", format_datetime(now))
    body = put(opml, "body")
    folders: dict[str, Element] = {}
    for line in outlines:
        folder = folders.get(line.group)
        if folder is None:
            folder = folders[line.group] = put(body, "outline", None, {"text": line.group})
        named = {"text": line.title, "title": line.title}
        put(folder, "outline", None, {"type": "rss", **named, "xmlUrl": line.feed, "htmlUrl": line.home})
    return document(opml)
