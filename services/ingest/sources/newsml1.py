"""NewsML 1.x (IPTC, before G2): the first NewsItem of a message, as agencies and press release wires still send it."""

import re

from lxml import etree

from services.ingest.domain.addresses import absolute
from services.ingest.domain.credits import agency, people, read_byline, split_credit, wire_in_text
from services.ingest.domain.dates import Read, read_date
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Harvest, Hints, Item, Unreadable
from services.ingest.domain.texts import html_of, line, paragraphs, title
from services.ingest.sources.parts.blocks import Body, body_of_html
from services.ingest.sources.parts.languages import language_of, primary
from services.ingest.sources.parts.xml import parse_xml
from shared.events import Picture

_SIDE_ROLES = {"headline", "subheadline", "style", "caption", "contact"}


def read_newsml1(content: bytes, hints: Hints) -> Harvest:
    """Read a NewsML 1.x document. Raises Unreadable where it holds no item with text."""
    root = parse_xml(content, hints.charset, hints.url or "The push")
    node = root.find(".//NewsItem")
    if node is None:
        raise Unreadable("not_newsml", f"This is a document of <{root.tag}> without a NewsItem.")
    guid = line(node.findtext(".//PublicIdentifier") or node.findtext(".//NewsItemId"), 2000)
    if not guid:
        raise Unreadable("invalid_newsml", "NewsItem has no PublicIdentifier and no NewsItemId.")
    guid = re.sub(r":\d+[A-Z]?$", "", guid)  # the last part of the identifier is the revision
    headline = title(node.findtext(".//NewsLines/HeadLine"))
    status = (_formal(node, ".//NewsManagement/Status") or "").lower()
    if status in ("canceled", "cancelled"):
        return Harvest(items=[Item(guid=guid, headline=headline, withdrawn="NewsML status Canceled")])
    return Harvest(items=[_item(root, node, guid, headline, status, hints)])


def _item(root: etree._Element, node: etree._Element, guid: str, headline: str, status: str, hints: Hints) -> Item:
    body = _body(node)
    if body is None or not headline:
        raise Unreadable("no_text", f"{guid}: the item has no {'headline' if body else 'text'}.")
    by = line(node.findtext(".//NewsLines/ByLine"), 300)
    read = read_byline(by) if by else None
    authors = people([(read.byline or "") if read else by] if by else [])
    provider = line(_formal(root, ".//NewsEnvelope/SentFrom/Party") or _formal(node, ".//Provider/Party"), 200) or None
    language, said = language_of(headline, body.text, primary(_formal(node, ".//DescriptiveMetadata/Language")))
    date = _date(node, hints)
    wire = (read.wire if read else None) or agency(provider) or (wire_in_text(body.text) or ("",))[0] or None
    evidence = {
        "headline": "NewsML HeadLine",
        "body": "NewsML DataContent",
        "language": said,
        "outlet": "set for the source" if hints.outlet else "NewsML SentFrom",
        "published_at": f"NewsML {date.raw!r} ({date.evidence})" if date else "",
        "byline": "NewsML ByLine" if authors else "",
        "wire": "NewsML sender or text" if wire else "",
    }
    return Item(
        guid=guid,
        url=hints.url,
        canonical_url=hints.url,
        headline=headline,
        body_html=body.html,
        body_text=body.text,
        language=language,
        outlet=hints.outlet or provider,
        wire=wire,
        byline=", ".join(authors) or None,
        authors=authors,
        published_at=date.moment if date else None,
        section=hints.section,
        pictures=_pictures(node, hints),
        held="NewsML status Embargoed" if status == "embargoed" else None,
        evidence={k: v for k, v in evidence.items() if v},
        raw={"by": by} if by else {},
    )


def _body(node: etree._Element) -> Body | None:
    """The longest text of the item's components that is the story and not its headline or style sheet."""
    best: Body | None = None
    for content in node.iter("DataContent"):
        component = next((c for c in content.iterancestors("NewsComponent")), None)
        role = (_formal(component, "./Role") or "").lower() if component is not None else ""
        form = (_formal(content.getparent(), "./Format") or "").lower()
        if role in _SIDE_ROLES or form in ("css", "jpeg baseline"):
            continue
        body = _read(content)
        if body is not None and (best is None or len(body.text) > len(best.text)):
            best = body
    return best


def _read(content: etree._Element) -> Body | None:
    inner = next((e for e in content.iter("{*}body", "{*}body.content")), content)
    for element in inner.iter():
        if isinstance(element.tag, str):
            element.tag = etree.QName(element).localname
    markup = "".join(str(etree.tostring(child, encoding="unicode", method="html")) for child in inner)
    return body_of_html(markup or html_of(paragraphs(inner.text or "")), None, "NewsML")


def _date(node: etree._Element, hints: Hints) -> Read | None:
    for path in (".//NewsManagement/FirstCreated", ".//NewsManagement/ThisRevisionCreated"):
        if read := read_date(node.findtext(path), Habits(now=hints.now)):
            return read
    return None


def _pictures(node: etree._Element, hints: Hints) -> list[Picture]:
    found: dict[str, Picture] = {}
    for content in node.iter("ContentItem"):
        url = absolute(content.get("Href"), hints.url)
        if url is None or not re.search(r"\.(?:jpe?g|png|webp)$", url, re.IGNORECASE):
            continue
        component = next(
            (c for c in content.iterancestors("NewsComponent") if c.find("./NewsLines/HeadLine") is not None), None
        )
        caption, credit = split_credit(
            (component.findtext("./NewsLines/HeadLine") or "") if component is not None else ""
        )
        found.setdefault(caption or url, Picture(url=url, caption=caption or None, credit=credit))
    return list(found.values())[:20]


def _formal(node: etree._Element | None, path: str) -> str | None:
    found = node.find(path) if node is not None else None
    return str(found.get("FormalName") or "") if found is not None else None
