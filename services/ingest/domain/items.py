"""The values ingest works on: what was read from an entry, a page or a push, before anything was decided about it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.events import Moment, Picture, Trust, Video

Kind = Literal["feed", "page", "sitemap", "push"]
Lane = Literal["quick", "slow"]  # of readers and connections
Outcome = Literal["new", "revised", "unchanged", "duplicate_key", "withdrawn", "held_back"]


class Value(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Value):
    """One article as it was read. `evidence` says per field where it came from; `raw` keeps the text it was read from.

    `partial` marks an entry that only summarises: its page holds the story. `withdrawn` is the reason the source gave
    for taking it back. `held` says why the story must not leave on its own. `mark` is the hash of the feed entry's
    own bytes.
    """

    guid: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    headline: str = ""
    summary: str | None = None
    body_html: str = ""
    body_text: str = ""
    language: str | None = None
    outlet: str | None = None
    wire: str | None = None
    byline: str | None = None
    authors: list[str] = []
    published_at: Moment | None = None
    section: str | None = None
    keywords: list[str] = []
    pictures: list[Picture] = []
    videos: list[Video] = []
    urgency: int | None = None
    ednote: str | None = None
    embargoed_until: Moment | None = None
    held: str | None = None
    withdrawn: str | None = None
    partial: bool = False
    evidence: dict[str, str] = {}
    raw: dict[str, str] = {}
    mark: str | None = None


class Complaint(Value):
    """Something that could not be read: a stable cause, and a sentence saying what, where and what to do."""

    cause: str
    detail: str
    entry: str | None = None


class FeedNotes(Value):
    """What a feed says about itself and about being read again."""

    title: str | None = None
    language: str | None = None
    site_url: str | None = None
    self_url: str | None = None
    hub: str | None = None
    next_url: str | None = None
    ttl_minutes: int | None = None
    skip_hours: list[int] = []
    parser: str = ""
    known: int = 0  # entries left out because they were read before and did not change
    children: list[str] = []  # sitemaps named by a sitemap index


class Harvest(Value):
    """Everything one document gave: items, complaints about what could not be read, and the feed's own notes."""

    items: list[Item] = []
    complaints: list[Complaint] = []
    notes: FeedNotes = FeedNotes()
    slow: bool = False  # it is larger, or took more of a processor, than what is read quickly


class Hints(Value):
    """What the reader of a document is told beforehand. `now` stands in for the clock, which pure code never reads."""

    url: str | None = None
    charset: str | None = None
    media_type: str | None = None
    outlet: str | None = None
    language: str | None = None
    timezone: str | None = None
    day_first: bool | None = None
    section: str | None = None
    now: Moment
    entry: Item | None = None  # what the feed said of the page that is read
    known: frozenset[str] = frozenset()  # marks of feed entries that need not be read again


class Unreadable(ValueError):
    """A document that gives nothing at all. `cause` is a stable word; the text is for people."""

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause


class SourceRef(Value):
    """What an item's fate depends on of its source."""

    id: str
    name: str
    trust: Trust = "review"
    outlet: str | None = None
    language: str | None = None
    section: str | None = None
