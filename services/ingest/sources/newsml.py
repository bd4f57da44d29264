"""NewsML-G2: one `newsItem`, alone or first in a `newsMessage` (IPTC NewsML-G2 2.x, namespace iptc.org/std/nar)."""

from datetime import datetime

from lxml import etree

from services.ingest.domain.addresses import absolute
from services.ingest.domain.credits import agency, people, read_byline, wire_in_text
from services.ingest.domain.dates import read_date
from services.ingest.domain.embargoes import read_embargo
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Harvest, Hints, Item, Unreadable
from services.ingest.domain.texts import html_of, line, paragraphs, title
from services.ingest.sources.parts.blocks import body_of_html
from services.ingest.sources.parts.languages import language_of, primary
from services.ingest.sources.parts.xml import parse_xml
from shared.events import Picture

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PICTURE = {"ninat:picture", "ninat:graphic", "picture"}


def read_newsml(content: bytes, hints: Hints) -> Harvest:
    """Read a NewsML-G2 document. Raises Unreadable for anything else, naming what it is instead."""
    root = parse_xml(content, hints.charset, hints.url or "The push")
    kind = etree.QName(root).localname
    nodes = [root] if kind == "newsItem" else list(root.iter("{*}newsItem"))
    if not nodes:
        raise Unreadable("not_newsml", f"This is a document of <{kind}> without a newsItem.")
    texts = [node for node in nodes if _class_of(node) not in _PICTURE]
    pictures = [picture for node in nodes if _class_of(node) in _PICTURE for picture in _pictures(node, hints)]
    if not texts:
        raise Unreadable("not_a_text", "The message carries pictures only; a story needs a newsItem with text.")
    return Harvest(items=[_item(texts[0], pictures, hints)])


def _item(node: etree._Element, others: list[Picture], hints: Hints) -> Item:
    guid = line(node.get("guid"), 2000)
    if not guid:
        raise Unreadable("invalid_newsml", "newsItem has no guid.")
    headline = title(_text(node, "contentMeta", "headline") or _text(node, "itemMeta", "title"))
    note = line(_text(node, "itemMeta", "edNote"), 2000)
    status = _qcode(node, "itemMeta", "pubStatus")
    if status in ("canceled", "cancelled"):
        return Item(guid=guid, headline=headline, withdrawn=line(note, 300) or "NewsML-G2 pubStatus canceled")
    markup, text = _body(node)
    embargo, unclear = _embargo(node, hints)
    held = unclear or ("NewsML-G2 pubStatus withheld" if status == "withheld" else None)
    by = line(_text(node, "contentMeta", "by"), 300)
    authors, wire = _credits(node, by, text)
    declared = next((e.get("tag") for e in _all(node, "contentMeta", "language")), None) or node.get(_XML_LANG)
    language, said = language_of(headline, text, primary(declared) or hints.language)
    date = _date(node, hints)
    linked = next((e.get("href") for e in _all(node, "itemMeta", "link") if e.get("href")), None)
    link = absolute(linked, None) or absolute(guid, None)
    evidence = {
        "headline": "NewsML-G2 headline",
        "body": "NewsML-G2 contentSet",
        "language": said,
        "byline": "NewsML-G2 by" if authors else "",
        "outlet": "set for the source" if hints.outlet else "NewsML-G2 provider",
        "published_at": f"NewsML-G2 {date[1]}" if date else "",
        "wire": "NewsML-G2 provider or text" if wire else "",
        "embargoed_until": "NewsML-G2 embargoed" if embargo or unclear else "",
    }
    return Item(
        guid=guid,
        url=link or hints.url,
        canonical_url=link,
        headline=headline,
        summary=line(_text(node, "contentMeta", "description"), 1000) or None,
        body_html=markup,
        body_text=text,
        language=language,
        outlet=hints.outlet or _provider(node),
        wire=wire,
        byline=", ".join(authors) or None,
        authors=authors,
        published_at=date[0] if date else None,
        section=hints.section or _subject(node),
        keywords=_keywords(node),
        pictures=[*_pictures(node, hints), *others],
        urgency=_urgency(node),
        ednote=note or None,
        embargoed_until=embargo,
        held=held,
        evidence={k: v for k, v in evidence.items() if v},
        raw={"by": by} if by else {},
    )


def _credits(node: etree._Element, by: str, text: str) -> tuple[list[str], str | None]:
    """Who wrote it, and which wire it is from."""
    read = read_byline(by)
    named = [_text(creator, "name") for creator in _all(node, "contentMeta", "creator")]
    authors = people([read.byline or "" if read else by] if by else named)
    said = (read.wire if read else None) or agency(_provider(node))
    return authors, said or (wire_in_text(text) or ("",))[0] or None


def _body(node: etree._Element) -> tuple[str, str]:
    for inline in node.iterfind("{*}contentSet/{*}inlineXML"):
        body_node = next((e for e in inline.iter("{*}body", "{*}body.content")), inline)
        content = next((e for e in inline.iter("{*}body.content")), body_node)
        markup = "".join(str(etree.tostring(_plain(child), encoding="unicode", with_tail=True)) for child in content)
        if body := body_of_html(markup or line(content.text, 100_000), None, "NewsML-G2"):
            return body.html, body.text
    for inline in node.iterfind("{*}contentSet/{*}inlineData"):
        if (inline.get("contenttype") or "text/plain").startswith("text/"):
            text = paragraphs("".join(inline.itertext()))
            return html_of(text), text
    return "", ""


def _plain(element: etree._Element) -> etree._Element:
    """The element without namespaces, so that an HTML reader knows its tags; NITF's `hl2` is a heading."""
    for part in element.iter():
        if isinstance(part.tag, str):
            name = etree.QName(part).localname
            part.tag = "h2" if name in ("hl1", "hl2") else name
    etree.cleanup_namespaces(element)
    return element


def _embargo(node: etree._Element, hints: Hints) -> tuple[datetime | None, str | None]:
    if raw := _text(node, "itemMeta", "embargoed"):
        return read_embargo(raw, hints.now)
    return None, "an embargo without an end" if _all(node, "itemMeta", "embargoed") else None


def _date(node: etree._Element, hints: Hints) -> tuple[datetime, str] | None:
    for path in (("itemMeta", "firstCreated"), ("contentMeta", "contentCreated"), ("itemMeta", "versionCreated")):
        if read := read_date(_text(node, *path), Habits(now=hints.now, timezone=hints.timezone)):
            return read.moment, f"{path[1]} {read.raw!r}"
    return None


def _provider(node: etree._Element) -> str | None:
    for element in _all(node, "itemMeta", "provider") + _all(node, "contentMeta", "infoSource"):
        name = _text(element, "name") or element.get("literal") or (element.get("qcode") or "").rpartition(":")[2]
        if name:
            return agency(name) or line(name, 200)
    return None


def _pictures(node: etree._Element, hints: Hints) -> list[Picture]:
    remotes = [
        e
        for e in node.iterfind("{*}contentSet/{*}remoteContent")
        if (e.get("contenttype") or "image").startswith("image")
    ]
    sized = sorted(
        ((int(e.get("width") or 0) if (e.get("width") or "0").isdigit() else 0, e) for e in remotes),
        key=lambda pair: -pair[0],
    )
    caption = line(_text(node, "contentMeta", "description"), 2000)
    credit = line(_text(node, "contentMeta", "creditline") or _text(node, "contentMeta", "by"), 200)
    for width, element in sized:
        if url := absolute(element.get("href"), hints.url):
            return [Picture(url=url, caption=caption or None, credit=credit or None, width=width or None)]
    return []


def _subject(node: etree._Element) -> str | None:
    return next((name for e in _all(node, "contentMeta", "subject") if (name := line(_text(e, "name"), 100))), None)


def _keywords(node: etree._Element) -> list[str]:
    names = [line(_text(e, "name"), 100) for e in _all(node, "contentMeta", "subject")]
    names += [line("".join(e.itertext()), 100) for e in _all(node, "contentMeta", "keyword")]
    return list(dict.fromkeys(name for name in names if name))[:40]


def _urgency(node: etree._Element) -> int | None:
    value = _text(node, "contentMeta", "urgency").strip()
    return int(value) if value.isdigit() and len(value) == 1 else None


def _class_of(node: etree._Element) -> str:
    return next(((e.get("qcode") or e.get("uri") or "").lower() for e in _all(node, "itemMeta", "itemClass")), "")


def _qcode(node: etree._Element, *path: str) -> str:
    return next(
        (
            (e.get("qcode") or e.get("uri") or "").replace("/", ":").rpartition(":")[2].lower()
            for e in _all(node, *path)
        ),
        "",
    )


def _all(node: etree._Element, *path: str) -> list[etree._Element]:
    return list(node.iterfind("/".join(f"{{*}}{name}" for name in path)))


def _text(node: etree._Element, *path: str) -> str:
    found = _all(node, *path)
    return "".join(found[0].itertext()).strip() if found else ""
