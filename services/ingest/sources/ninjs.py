"""ninjs 2.x and 3.x (IPTC News in JSON): validated, then read; `canceled` withdraws, an embargo is kept or holds."""

from datetime import datetime
from typing import Any

import orjson

from services.ingest.domain.addresses import absolute
from services.ingest.domain.credits import agency, people, read_byline, wire_in_text
from services.ingest.domain.dates import read_date
from services.ingest.domain.embargoes import read_embargo
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Harvest, Hints, Item, Unreadable
from services.ingest.domain.texts import html_of, line, paragraphs, title
from services.ingest.sources.parts.blocks import body_of_html
from services.ingest.sources.parts.fields import list_in, text_in
from services.ingest.sources.parts.languages import language_of
from services.ingest.sources.parts.ninjs_shape import lowered, problems_of
from shared.events import Picture, Video


def read_ninjs(content: bytes, hints: Hints) -> Harvest:
    """Read one ninjs item. Raises Unreadable naming every place where it breaks the standard."""
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise Unreadable("broken_json", f"The push is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise Unreadable("invalid_ninjs", "A ninjs item is one JSON object.")
    try:
        document = lowered(document)
    except ValueError as error:
        raise Unreadable("invalid_ninjs", f"Not valid ninjs: {error}") from error
    if problems := problems_of(document):
        raise Unreadable("invalid_ninjs", "Not valid ninjs: " + "; ".join(problems[:8]))
    return Harvest(items=[_item(document, hints)])


def _item(document: dict[str, Any], hints: Hints) -> Item:
    guid = line(text_in(document, "uri"), 2000)
    headline = title(_role(document.get("headlines"), "main") or text_in(document, "title"))
    if document.get("pubstatus") == "canceled":
        note = line(text_in(document, "ednote"), 300)
        return Item(guid=guid, headline=headline, withdrawn=note or "ninjs pubstatus canceled")
    markup, text = _body(document)
    summary = paragraphs(_role(document.get("descriptions"), "summary") or _role(document.get("descriptions"), "main"))
    by = text_in(document, "by")
    authors, wire = _credits(document, by, text)
    embargo, held = _embargo(document, hints)
    language, said = language_of(headline, text, text_in(document, "language") or hints.language)
    pictures, videos = _media(document, hints)
    date = _date(document, hints)
    evidence = {
        "headline": "ninjs headlines",
        "body": "ninjs bodies",
        "byline": "ninjs by" if authors else "",
        "language": said,
        "outlet": "set for the source" if hints.outlet else "ninjs infosources",
        "wire": "ninjs provider or text" if wire else "",
        "published_at": f"ninjs {date[1]}" if date else "",
        "pictures": "ninjs associations" if pictures else "",
        "embargoed_until": "ninjs embargoedUntil" if embargo or held else "",
        "canonical_url": "ninjs altids or link",
    }
    return Item(
        guid=guid,
        url=_link(document, hints),
        canonical_url=_link(document, hints),
        headline=headline,
        summary=summary[:1000] or None,
        body_html=markup,
        body_text=text,
        language=language,
        outlet=hints.outlet or _provider(document),
        wire=wire,
        byline=", ".join(authors) or None,
        authors=authors,
        published_at=date[0] if date else None,
        section=hints.section or _subject(document),
        keywords=_keywords(document),
        pictures=pictures,
        videos=videos,
        urgency=document["urgency"] if isinstance(document.get("urgency"), int) else None,
        ednote=line(text_in(document, "ednote"), 2000) or None,
        embargoed_until=embargo,
        held=held,
        evidence={k: v for k, v in evidence.items() if v},
        raw={"by": by} if by else {},
    )


def _credits(document: dict[str, Any], by: str, text: str) -> tuple[list[str], str | None]:
    """Who wrote it, and which wire it is from."""
    read = read_byline(by) if by else None
    named = [p for p in list_in(document, "infosources") + list_in(document, "people") if _is_author(p)]
    authors = people([read.byline or "" if read else by, *(str(person.get("name") or "") for person in named)])
    said = (read.wire if read else None) or agency(_provider(document))
    return authors, said or (wire_in_text(text) or ("",))[0] or None


def _body(document: dict[str, Any]) -> tuple[str, str]:
    """The richest text an item carries: XHTML before plain text, the main one before others."""
    bodies = [b for b in list_in(document, "bodies") if isinstance(b, dict) and isinstance(b.get("value"), str)]
    rich = [b for b in bodies if "html" in str(b.get("contenttype") or "")]
    for value in [str(b["value"]) for b in rich]:
        if value and (body := body_of_html(value, None, "ninjs")):
            return body.html, body.text
    plain = next((str(b["value"]) for b in bodies), "")
    return html_of(plain), paragraphs(plain)


def _embargo(document: dict[str, Any], hints: Hints) -> tuple[datetime | None, str | None]:
    """Its end, and why the story must not leave on its own."""
    raw = document.get("embargoeduntil", document.get("embargoed"))
    until, held = (None, None) if raw is None else read_embargo(str(raw), hints.now)
    return until, held or ("ninjs pubstatus withheld" if document.get("pubstatus") == "withheld" else None)


def _date(document: dict[str, Any], hints: Hints) -> tuple[datetime, str] | None:
    for name in ("firstcreated", "contentcreated", "versioncreated"):
        if read := read_date(text_in(document, name), Habits(now=hints.now, timezone=hints.timezone)):
            return read.moment, f"{name} {read.raw!r}"
    return None


def _media(document: dict[str, Any], hints: Hints) -> tuple[list[Picture], list[Video]]:
    pictures: list[Picture] = []
    videos: list[Video] = []
    for node in [document, *_parts(document, "associations")][:50]:
        if not isinstance(node, dict) or node.get("type") not in ("picture", "photo", "video", "graphic"):
            continue
        rendition = _largest(node, hints)
        if rendition is None:
            continue
        words = node.get("descriptions")
        caption = line(_role(words, "caption") or _role(words, "main"), 2000)
        credit = line(text_in(node, "by") or text_in(node, "copyrightholder"), 200)
        if node["type"] == "video":
            videos.append(Video(url=rendition[0], caption=caption or None, credit=credit or None))
        else:
            pictures.append(
                Picture(
                    url=rendition[0],
                    caption=caption or None,
                    credit=credit or None,
                    width=rendition[1],
                    height=rendition[2],
                )
            )
    return pictures, videos


def _largest(node: dict[str, Any], hints: Hints) -> tuple[str, int | None, int | None] | None:
    best: tuple[str, int | None, int | None] | None = None
    for rendition in _parts(node, "renditions")[:50]:
        url = absolute(rendition.get("href"), hints.url) if isinstance(rendition, dict) else None
        if url is None:
            continue
        width, height = (
            rendition.get(side) if isinstance(rendition.get(side), int) else None for side in ("width", "height")
        )
        if best is None or (width or 0) > (best[1] or 0):
            best = (url, width, height)
    return best


def _parts(node: dict[str, Any], name: str) -> list[Any]:
    """ninjs 2 names its parts, ninjs 3 lists them."""
    value = node.get(name)
    return list(value.values()) if isinstance(value, dict) else list_in(node, name)


def _link(document: dict[str, Any], hints: Hints) -> str | None:
    for value in (*(a.get("value") for a in list_in(document, "altids") if isinstance(a, dict)), document.get("uri")):
        if isinstance(value, str) and (url := absolute(value, None)):
            return url
    return hints.url


def _provider(document: dict[str, Any]) -> str | None:
    for node in list_in(document, "infosources"):
        if isinstance(node, dict) and node.get("name"):
            return line(str(node["name"]), 200)
    holder = text_in(document, "copyrightholder")
    return line(holder, 200) or None


def _is_author(node: Any) -> bool:
    return isinstance(node, dict) and str(node.get("rel") or node.get("role") or "") in (
        "author",
        "creator",
        "byline",
        "reporter",
    )


def _subject(document: dict[str, Any]) -> str | None:
    return next(
        (line(str(s["name"]), 100) for s in list_in(document, "subjects") if isinstance(s, dict) and s.get("name")),
        None,
    )


def _keywords(document: dict[str, Any]) -> list[str]:
    found = []
    for name in ("people", "organisations", "places", "subjects", "events"):
        found += [line(str(n["name"]), 100) for n in list_in(document, name) if isinstance(n, dict) and n.get("name")]
    return list(dict.fromkeys(found))[:40]


def _role(nodes: Any, role: str) -> str:
    """The `value` with a role, or the first one."""
    values = (
        [n for n in nodes or [] if isinstance(n, dict) and isinstance(n.get("value"), str)]
        if isinstance(nodes, list)
        else []
    )
    chosen = next((n for n in values if n.get("role") == role), values[0] if values else {})
    return str(chosen.get("value") or "")
