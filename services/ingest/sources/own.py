"""Our own JSON push (`POST /v1/items`): its shape, and the item it makes."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ingest.domain.addresses import absolute, host_of
from services.ingest.domain.credits import Credit, read_byline, split_credit, wire_in_text
from services.ingest.domain.dates import read_date
from services.ingest.domain.embargoes import read_embargo
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Hints, Item, Unreadable
from services.ingest.domain.texts import html_of, line, paragraphs, title
from services.ingest.sources.parts.blocks import body_of_html
from services.ingest.sources.parts.languages import language_of
from services.ingest.sources.parts.provenance import split_tail
from shared.events import Picture, Video

_Short = Annotated[str, StringConstraints(max_length=500)]
_Link = Annotated[str, StringConstraints(max_length=4000)]


class PushedPicture(BaseModel):
    """A picture of a pushed item."""

    url: _Link
    caption: Annotated[str, StringConstraints(max_length=5000)] | None = None
    credit: _Short | None = None
    alt: Annotated[str, StringConstraints(max_length=2000)] | None = None
    width: int | None = None
    height: int | None = None


class PushedVideo(BaseModel):
    """A video of a pushed item."""

    url: _Link
    caption: Annotated[str, StringConstraints(max_length=5000)] | None = None
    credit: _Short | None = None


class PushItem(BaseModel):
    """An article pushed as our own JSON. `published_at` and `embargoed_until` are RFC 3339; an embargo that cannot be
    parsed does not lose the story but holds it back. `status: canceled` withdraws what was pushed under the guid."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "guid": "desk-4711",
                    "url": "https://example.com/a",
                    "headline": "Bridge reopens",
                    "body_text": "The bridge reopened on Monday.",
                    "published_at": "2024-11-06T10:00:00+07:00",
                }
            ]
        }
    )

    guid: Annotated[str, StringConstraints(max_length=2000)] | None = None
    url: _Link | None = None
    headline: Annotated[str, StringConstraints(max_length=2000)] = ""
    summary: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    body_html: Annotated[str, StringConstraints(max_length=2_000_000)] | None = None
    body_text: Annotated[str, StringConstraints(max_length=2_000_000)] | None = None
    published_at: Any = None
    language: Annotated[str, StringConstraints(max_length=35)] | None = None
    outlet: _Short | None = None
    wire: _Short | None = None
    byline: _Short | None = None
    section: _Short | None = None
    tags: Annotated[list[_Short], Field(max_length=200)] = []
    pictures: Annotated[list[PushedPicture], Field(max_length=200)] = []
    videos: Annotated[list[PushedVideo], Field(max_length=50)] = []
    urgency: Annotated[int, Field(ge=1, le=9)] | None = None
    ednote: Annotated[str, StringConstraints(max_length=5000)] | None = None
    embargoed_until: Any = None
    status: Annotated[str, StringConstraints(pattern="^(usable|canceled|withheld)$")] = "usable"
    source: Annotated[str, StringConstraints(max_length=200)] | None = None
    trust: Annotated[str, StringConstraints(pattern="^(review|publish)$")] | None = None


def read_push(push: PushItem, hints: Hints) -> Item:
    """The item a push makes. Raises Unreadable naming the field that is missing or cannot be used."""
    if push.status == "canceled":
        return _withdrawal(push)
    headline = title(push.headline)
    if not headline:
        raise Unreadable("no_headline", "headline: an item needs one; give it as plain text.")
    url = _url(push.url)
    markup, text, credit = _body(push, url)
    if not text:
        raise Unreadable("no_text", "body_html / body_text: an item needs a text of at least one word.")
    language, language_by = language_of(headline, text, push.language or hints.language)
    published, date_by, raw = _date(push, hints, language)
    embargo, held = _embargo(push, hints)
    by = (read_byline(push.byline) if push.byline else credit) or Credit(line(push.byline, 200) or None)
    wire, wire_by = _wire(push, by, text)
    evidence = {
        "headline": "push",
        "body": "push",
        "language": language_by,
        "published_at": date_by,
        "outlet": "push" if push.outlet else "set for the source" if hints.outlet else "host of the url",
        "byline": "push" if push.byline else "end of the text" if by.byline else "none given",
        "wire": wire_by,
    }
    return Item(
        guid=line(push.guid, 2000) or None,
        url=url,
        canonical_url=url,
        headline=headline,
        summary=paragraphs(push.summary or "")[:1000] or None,
        body_html=markup,
        body_text=text,
        language=language,
        outlet=line(push.outlet, 200) or hints.outlet or host_of(url),
        wire=wire,
        byline=by.byline,
        authors=by.byline.split(", ") if by.byline else [],
        published_at=published,
        section=line(push.section, 100) or hints.section,
        keywords=list(dict.fromkeys(line(tag, 100) for tag in push.tags if tag.strip())),
        pictures=_pictures(push, url),
        videos=_videos(push, url),
        urgency=push.urgency,
        ednote=line(push.ednote, 2000) or None,
        embargoed_until=embargo,
        held=held,
        evidence=evidence,
        raw=raw | ({"byline": push.byline} if push.byline else {}),
    )


def _withdrawal(push: PushItem) -> Item:
    if not push.guid and not push.url:
        raise Unreadable("no_key", "A withdrawal needs the guid or the url of what is withdrawn.")
    reason = line(push.ednote, 300) or "canceled by its sender"
    return Item(guid=push.guid, url=absolute(push.url, None), withdrawn=reason)


def _url(given: str | None) -> str | None:
    if not given:
        return None
    url = absolute(given, None)
    if url is None:
        raise Unreadable("bad_url", f"url: {given[:200]!r} is no absolute http(s) address.")
    return url


def _body(push: PushItem, url: str | None) -> tuple[str, str, Credit | None]:
    if push.body_html and (body := body_of_html(push.body_html, url, "push")):
        blocks, credit, _, _ = split_tail(list(body.blocks))
        return "".join(b.html for b in blocks), "\n".join(b.text for b in blocks), credit
    text = paragraphs(push.body_text or "")
    return html_of(text), text, None


def _pictures(push: PushItem, base: str | None) -> list[Picture]:
    kept = []
    for picture in push.pictures:
        url = absolute(picture.url, base)
        if url is None:
            raise Unreadable("bad_url", f"pictures: {picture.url[:200]!r} is no http(s) address.")
        caption, credit = split_credit(picture.caption or "")
        kept.append(
            Picture(
                url=url,
                caption=caption or None,
                credit=line(picture.credit, 200) or credit,
                alt=line(picture.alt, 1000) or None,
                width=picture.width,
                height=picture.height,
            )
        )
    return kept


def _videos(push: PushItem, base: str | None) -> list[Video]:
    found = ((absolute(video.url, base), video) for video in push.videos)
    return [Video(url=url, caption=video.caption, credit=video.credit) for url, video in found if url]


def _wire(push: PushItem, by: Credit, text: str) -> tuple[str | None, str]:
    """The wire that the push, its byline or its text names, and where."""
    found = wire_in_text(text)
    name = line(push.wire, 100) or by.wire or (found[0] if found else None)
    return name, "push" if push.wire else by.raw or (found[1] if found else "none named")


def _date(push: PushItem, hints: Hints, language: str) -> tuple[datetime | None, str, dict[str, str]]:
    if push.published_at is None:
        return None, "none given", {}
    raw = line(str(push.published_at), 200)
    habits = Habits(now=hints.now, language=language, timezone=hints.timezone, day_first=hints.day_first)
    read = read_date(raw, habits)
    if read is None:
        raise Unreadable(
            "bad_date",
            f"published_at: {raw!r} is no date we can read, or it lies in the future. "
            "Give RFC 3339, e.g. 2024-11-06T10:00:00Z.",
        )
    return read.moment, f"push {read.raw!r} ({read.evidence}; confidence {read.confidence:.2f})", {"published_at": raw}


def _embargo(push: PushItem, hints: Hints) -> tuple[datetime | None, str | None]:
    """Its end, and why the story must not leave on its own."""
    given = push.embargoed_until
    until, held = (None, None) if given is None else read_embargo(str(given), hints.now)
    return until, held or ("withheld by its sender" if push.status == "withheld" else None)
