"""JSON Feed 1.0 and 1.1 (jsonfeed.org), with `next_url`."""

from typing import Any

import orjson

from services.ingest.domain.addresses import absolute
from services.ingest.domain.credits import people
from services.ingest.domain.dates import read_date
from services.ingest.domain.habits import Habits
from services.ingest.domain.items import Complaint, FeedNotes, Harvest, Hints, Item, Unreadable
from services.ingest.domain.texts import html_of, line, paragraphs, title, words
from services.ingest.sources.parts.blocks import body_of_html
from services.ingest.sources.parts.decoding import decode
from services.ingest.sources.parts.fields import list_in, text_in
from services.ingest.sources.parts.languages import language_of, primary
from shared.events import Picture

_MOST = 2000
_FULL_TEXT = 120  # words


def read_json_feed(content: bytes, hints: Hints) -> Harvest:
    """Read a JSON Feed. Raises Unreadable where it is none."""
    where = hints.url or "The document"
    try:
        feed = orjson.loads(decode(content, hints.charset)[0])
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise Unreadable("broken_json", f"{where} is not valid JSON: {error}") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise Unreadable("not_a_feed", f"{where} is JSON, but no JSON Feed: it has no list `items`.")
    hubs = [hub.get("url") for hub in feed.get("hubs") or [] if isinstance(hub, dict)]
    notes = FeedNotes(
        title=title(text_in(feed, "title")) or None,
        language=primary(text_in(feed, "language")),
        site_url=absolute(text_in(feed, "home_page_url"), hints.url),
        self_url=absolute(text_in(feed, "feed_url"), hints.url),
        next_url=absolute(text_in(feed, "next_url"), hints.url),
        hub=absolute(next(iter(hubs), None), hints.url),
        parser="json",
    )
    items: list[Item] = []
    complaints: list[Complaint] = []
    for entry in feed["items"][:_MOST]:
        if not isinstance(entry, dict):
            complaints.append(Complaint(cause="empty_entry", detail="An item is no JSON object."))
        elif (item := _item(entry, feed, notes, hints)) is None:
            complaints.append(
                Complaint(
                    cause="empty_entry", detail="An item has no title, text or link.", entry=str(entry.get("id"))[:200]
                )
            )
        else:
            items.append(item)
    return Harvest(items=items, complaints=complaints, notes=notes)


def _item(entry: dict[str, Any], feed: dict[str, Any], notes: FeedNotes, hints: Hints) -> Item | None:
    link = absolute(text_in(entry, "url"), hints.url)
    original = absolute(text_in(entry, "external_url"), hints.url)
    body = (
        body_of_html(text_in(entry, "content_html"), link, "json feed content_html")
        if entry.get("content_html")
        else None
    )
    text = body.text if body else paragraphs(text_in(entry, "content_text"))
    summary = paragraphs(text_in(entry, "summary"))
    headline = title(text_in(entry, "title")) or title(summary or text)[:120].rstrip()
    if not headline and not link:
        return None
    full = len(words(text)) >= _FULL_TEXT
    text = text or summary
    authors = people(
        [str(a.get("name") or "") for a in list_in(entry, "authors") or list_in(feed, "authors") if isinstance(a, dict)]
    )
    habits = Habits(now=hints.now, language=notes.language, timezone=hints.timezone, day_first=hints.day_first)
    date = read_date(text_in(entry, "date_published") or text_in(entry, "date_modified"), habits)
    language, said = language_of(headline, text, text_in(entry, "language") or hints.language or notes.language)
    image = absolute(text_in(entry, "image") or text_in(entry, "banner_image"), link)
    outlet = hints.outlet or notes.title
    evidence = {
        "headline": "json feed",
        "body": "json feed",
        "language": said,
        "outlet": "set for the source" if hints.outlet else "feed title",
        "published_at": f"json feed {date.raw!r} ({date.evidence})" if date else "",
    }
    return Item(
        guid=line(str(entry.get("id") or ""), 2000) or None,
        url=original or link,
        canonical_url=link,
        headline=headline,
        summary=summary[:1000] or None,
        body_html=body.html if body else html_of(text),
        body_text=text,
        language=language,
        outlet=outlet,
        byline=", ".join(authors) or None,
        authors=authors,
        published_at=date.moment if date else None,
        section=hints.section,
        keywords=[line(t, 100) for t in list_in(entry, "tags") if isinstance(t, str)][:40],
        pictures=[Picture(url=image)] if image else [],
        partial=not full and link is not None,
        evidence={k: v for k, v in evidence.items() if v},
        raw={"published_at": date.raw} if date else {},
    )
