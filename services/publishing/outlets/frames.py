"""One entry of the public log as it goes out: encoded once, whoever and however many read it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unicodedata import normalize

import orjson

from shared.runtime.envelope import with_position
from shared.runtime.log import Entry

_ARTICLE = ("published", "corrected", "updated")
#: What a thin payload keeps of each event's data: enough to fetch the rest.
THIN = (
    *("article_id", "revision", "slug", "url", "headline", "language", "section", "updated_at", "previous_revision"),
    *("changed", "reason", "kind", "killed_at", "unpublished_at", "comment_id", "reply_to", "shown_at", "removed_at"),
)


@dataclass(frozen=True)
class Facts:
    """What filters look at. Events that carry no article have only `type` and `article_id`."""

    type: str
    article_id: str
    has_article: bool = False
    section: str | None = None
    tags: frozenset[str] = frozenset()
    language: str | None = None
    outlet: str | None = None
    wire: str | None = None
    urgency: int | None = None
    text: str = ""


class Frame:
    """One entry: `event` is its CloudEvents JSON with the position, `wire` the same as a server-sent event.

    The SSE `event:` field is left out on purpose: a browser's `onmessage` then hears every type, also those to come.
    """

    __slots__ = ("__dict__", "event", "event_id", "position", "type", "wire")

    def __init__(self, position: int, event_id: str, type_name: str, event: bytes) -> None:
        self.position = position
        self.event_id = event_id
        self.type = type_name
        self.event = event
        self.wire = _wire(position, event)

    @classmethod
    def of(cls, entry: Entry) -> "Frame":
        """The frame of an entry read from the database."""
        return cls(entry.position, entry.event_id, entry.type, with_position(entry.event, entry.position).encode())

    @cached_property
    def facts(self) -> Facts:
        """What filters look at, read once."""
        data: dict[str, Any] = orjson.loads(self.event)["data"]
        article_id = str(data.get("article_id", ""))
        if self.type.split(".")[-2] not in _ARTICLE:
            return Facts(self.type, article_id)
        return Facts(
            self.type,
            article_id,
            has_article=True,
            section=data.get("section"),
            tags=frozenset(tag["id"] for tag in data.get("tags", ())),
            language=data.get("language"),
            outlet=data.get("outlet"),
            wire=data.get("wire"),
            urgency=data.get("urgency"),
            text=folded(f"{data.get('headline', '')} {data.get('summary') or ''} {data.get('body_html', '')}"),
        )

    @cached_property
    def thin(self) -> bytes:
        """The event with only the ids and what changed, made once."""
        event = orjson.loads(self.event)
        event["data"] = {name: event["data"][name] for name in THIN if event["data"].get(name) is not None}
        return orjson.dumps(event)

    @cached_property
    def thin_wire(self) -> bytes:
        """The thin event as a server-sent event, made once."""
        return _wire(self.position, self.thin)


def folded(text: str) -> str:
    """A text as filters compare it: whatever its case, and however its accents are encoded."""
    return normalize("NFC", text).casefold()


def _wire(position: int, event: bytes) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (position, event)
