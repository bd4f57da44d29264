"""What ingest's doors take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from services.ingest.domain.addresses import absolute
from services.ingest.domain.clocks import is_zone
from services.ingest.domain.items import Item
from services.ingest.storage import Fetch, Source
from services.ingest.use_cases.keeping import Health, health_of
from services.ingest.use_cases.taking import Taken
from shared.events import Picture, Trust, Video

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=4000)]


class _Settable(BaseModel):
    """What may be said of a source."""

    model_config = ConfigDict(extra="forbid")

    trust: Trust | None = None
    full_text: Literal["auto", "feed", "page"] | None = None
    outlet: Name | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8})*$")] | None = None
    timezone: Annotated[str, StringConstraints(max_length=60)] | None = None
    day_first: bool | None = None
    section: Name | None = None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None and not is_zone(value):
            raise ValueError("no time zone of that name; give one such as Asia/Ho_Chi_Minh")
        return value


class AddSource(_Settable):
    """A source to add: a feed, a page or a news sitemap by its address, or a name for pushes."""

    name: Name | None = None
    kind: Literal["feed", "page", "sitemap", "push"] = "feed"
    url: Address | None = None

    @field_validator("url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return _http(value)


class ChangeSource(_Settable):
    """What to change of a source; what is left out stays."""

    name: Name | None = None
    url: Address | None = None
    status: Literal["active", "paused"] | None = None

    @field_validator("url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return _http(value)


class SourceView(BaseModel):
    """A source, its schedule and its health."""

    id: UUID
    name: str
    kind: str
    url: str | None
    trust: str
    full_text: str
    outlet: str | None
    language: str | None
    timezone: str | None
    day_first: bool | None
    section: str | None
    status: str
    lane: str
    health: Health
    health_note: str
    stories: int = 0
    last_checked_at: datetime | None
    last_ok_at: datetime | None
    last_story_at: datetime | None
    next_check_at: datetime | None
    interval_seconds: int
    failures: int
    last_cause: str | None
    last_error: str | None
    robots: str | None
    hub: str | None
    hub_state: str | None
    hub_until: datetime | None
    moved_from: str | None
    created_at: datetime

    @classmethod
    def of(cls, source: Source, now: datetime, stories: int = 0) -> "SourceView":
        health, note = health_of(source, now)
        due = source.next_at if source.status == "active" and source.kind != "push" else None
        kept = source.model_dump(
            exclude={
                "next_at",
                "leased_until",
                "etag",
                "last_modified",
                "hub_secret",
                "topic",
                "ttl_minutes",
                "skip_hours",
            }
        )
        return cls(**kept, health=health, health_note=note, next_check_at=due, stories=stories)


class Answer(BaseModel):
    """What became of one item."""

    article_id: UUID
    revision: int
    outcome: str
    headline: str | None = None
    change: str | None = None
    why: str | None = None

    @classmethod
    def of(cls, taken: Taken) -> "Answer":
        return cls(
            article_id=taken.article_id,
            revision=taken.revision,
            outcome=taken.outcome,
            headline=taken.headline,
            change=taken.change,
            why=taken.why,
        )


class Trouble(BaseModel):
    """Something that could not be read: a stable cause, and what, where and what to do."""

    cause: str
    detail: str
    entry: str | None = None


class Answers(BaseModel):
    """What became of a document with many items."""

    items: list[Answer]
    errors: list[Trouble]


class FetchReport(BaseModel):
    """What a look at a source came to."""

    outcome: str
    found: int
    items: list[Answer]
    cause: str | None
    detail: str | None
    next_check_at: datetime | None


class FetchView(BaseModel):
    """One line of the fetch log."""

    id: UUID
    source_id: UUID | None
    source: str | None
    kind: str
    url: str | None
    outcome: str
    status: int | None
    cause: str | None
    detail: str | None
    found: int
    new: int
    revised: int
    failed: int
    size: int
    seconds: float
    at: datetime

    @classmethod
    def of(cls, fetch: Fetch) -> "FetchView":
        return cls(**fetch.model_dump(exclude={"payload_id", "source_name"}), source=fetch.source_name)


class PreviewRequest(BaseModel):
    """What to preview: an address, or HTML with the address it came from."""

    url: Address | None = None
    html: Annotated[str, StringConstraints(max_length=10_000_000)] | None = None
    outlet: Name | None = None
    language: str | None = None
    timezone: str | None = None
    day_first: bool | None = None


class PreviewView(BaseModel):
    """What ingest would make of a page. `evidence` says per field where it came from, `raw` what it was read from."""

    headline: str
    summary: str | None
    body_text: str
    body_html: str
    outlet: str | None
    wire: str | None
    byline: str | None
    authors: list[str]
    published_at: datetime | None
    language: str | None
    section: str | None
    tags: list[str]
    pictures: list[Picture]
    videos: list[Video]
    canonical_url: str | None
    source_url: str | None
    embargoed_until: datetime | None = None
    held: str | None = None
    evidence: dict[str, str]
    raw: dict[str, str]

    @classmethod
    def of(cls, item: Item) -> "PreviewView":
        kept: dict[str, Any] = item.model_dump(include=set(cls.model_fields) & set(Item.model_fields))
        return cls(**kept, tags=item.keywords, source_url=item.url)


class RevisionView(BaseModel):
    """One revision of an article: kind, notes in words, and the word-level difference as ("=", "-", "+") runs."""

    revision: int
    change: str
    notes: list[str]
    diff: list[list[str]]
    headline: str
    at: datetime


class ReplayRequest(BaseModel):
    """Which archived documents to read again, and whether only to say what would change."""

    source: str | None = None
    dry_run: bool = True
    after: UUID | None = Field(default=None, description="Where the last answer's `next` left off.")
    limit: Annotated[int, Field(ge=1, le=500)] = 100


def _http(value: str | None) -> str | None:
    if value is None:
        return None
    url = absolute(value, None)
    if url is None:
        raise ValueError("only an absolute http(s) address can be read")
    return url
