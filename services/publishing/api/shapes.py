"""The bodies editors send and get: what an article looks like at the desk's door."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.publishing.api.fields import FIELDS_HELP
from services.publishing.domain.content import Content, CropHint, Location, TranslationNote
from services.publishing.domain.workflow import Verb
from services.publishing.domain.zones import moment_of, zone_named
from services.publishing.storage.views import Wanted
from shared.events import Picture, RelatedStory, SectionGuess, Tag, Video

_ASIDE = frozenset({"note", "time_zone"})  # said with an article, and no part of it


class Body(BaseModel):
    """What people send: a misspelt field is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class Zoned(Body):
    """A body with moments: with their UTC offset, or as the clock of `time_zone` shows them."""

    time_zone: str | None = Field(
        default=None,
        max_length=100,
        description="IANA name. The clock meant by moments that are sent without an offset.",
        examples=["Asia/Ho_Chi_Minh"],
    )

    @model_validator(mode="after")
    def _meant(self) -> Self:
        if self.time_zone is not None:
            zone_named(self.time_zone)
        for name in self.model_fields_set:
            said = getattr(self, name)
            if isinstance(said, datetime):
                object.__setattr__(self, name, moment_of(said, self.time_zone))  # no new round of validation
        return self


class ChangeArticle(Zoned):
    """Fields to change; those left out stay, `null` clears one."""

    headline: str = Field(default="", min_length=1, max_length=500, examples=["Ha Noi opens its third metro line"])
    headlines: dict[str, str] = Field(default={}, description="Variants by use: `short`, `push`, `seo`.")
    summary: str | None = Field(default=None, max_length=5000)
    body_html: str = Field(default="", max_length=2_000_000, description="Cleaned of everything that is not text.")
    language: str = Field(default="und", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", description="BCP 47.")
    outlet: str | None = Field(default=None, max_length=300)
    wire: str | None = Field(default=None, max_length=300)
    credit: str | None = Field(default=None, max_length=300)
    byline: str | None = Field(default=None, max_length=300)
    authors: list[str] = Field(default=[], max_length=50)
    source_url: str | None = Field(default=None, pattern=r"^https?://", max_length=2000)
    published_at: datetime | None = Field(default=None, description="The source's own date.")
    location: Location | None = None
    section: str | None = Field(default=None, max_length=100)
    section_chosen: bool = False
    tags_chosen: list[Tag] = Field(default=[], max_length=100)
    tags_rejected: list[str] = Field(default=[], max_length=500)
    related_pinned: list[UUID] = Field(default=[], max_length=50)
    related_hidden: list[UUID] = Field(default=[], max_length=500)
    pictures: list[Picture] = Field(default=[], max_length=200)
    crops: list[CropHint] = Field(default=[], max_length=200)
    videos: list[Video] = Field(default=[], max_length=100)
    urgency: int | None = Field(default=None, ge=1, le=9)
    ednote: str | None = Field(default=None, max_length=5000)
    embargoed_until: datetime | None = Field(default=None, examples=["2026-12-01T07:00:00"])
    held: str | None = Field(default=None, max_length=1000)
    follows: UUID | None = None
    translation_of: UUID | None = None
    translation: TranslationNote | None = None
    note: str | None = Field(default=None, max_length=2000, description="Why; kept with the revision.")

    def given(self) -> dict[str, Any]:
        """The content fields that were sent, as they were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set if name not in _ASIDE}


class WriteArticle(ChangeArticle):
    """A whole article: what is left out is empty."""

    headline: str = Field(min_length=1, max_length=500, examples=["Ha Noi opens its third metro line"])


class Filters(Wanted):
    """Which of the desk's articles to list, and how much of them."""

    fields: str | None = Field(default=None, max_length=1000, description=FIELDS_HELP, examples=["id,headline,state"])
    cursor: str | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class Waits(BaseModel):
    """What waits to go out. `behind` says that the article was changed after it was sent on its way."""

    verb: Literal["publish", "correct", "update"]
    due_at: datetime
    waits_for: Literal["schedule", "embargo", "undo", "enrichment"]
    revision: int
    by: str
    behind: bool


class Machine(BaseModel):
    """What enrichment understood: suggestions beside people's choices."""

    tags: list[Tag] = []
    section: SectionGuess | None = None
    related: list[RelatedStory] = []
    summary: list[str] = []
    story_id: UUID | None = None
    enriched_at: datetime | None = None


class Editing(BaseModel):
    """Who is at it now (advisory)."""

    by: str
    until: datetime


class ArticleLine(BaseModel):
    """One line of the desk's list."""

    id: UUID
    state: str
    revision: int
    slug: str
    headline: str
    language: str
    outlet: str | None
    wire: str | None
    section: str | None
    desk: str | None
    source_name: str | None
    embargoed_until: datetime | None
    source_offers_change: bool
    waiting_for: str | None
    first_published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    editing: Editing | None = None


class ArticleView(Content):
    """An article at the desk: its newest words, where it stands, what waits, and what the machine suggests."""

    id: UUID
    state: str
    revision: int
    etag: str
    slug: str
    url: str | None = Field(description="Where readers find it, while it is public.")
    desk: str | None
    source_id: UUID | None
    source_name: str | None
    source_revision: int
    source_offers_change: bool = Field(
        description="The source changed it: see `GET …/source`, take it with `POST …/take`."
    )
    withdrawn: str | None
    waiting_for: str | None = Field(description="Why it did not leave on its own.")
    waits: Waits | None
    missing: list[str] = Field(description="What attribution still lacks.")
    public_revision: int | None
    first_published_at: datetime | None
    corrections: list[dict[str, Any]]
    followed_by: list[UUID] = []
    source_changed_since: bool = Field(default=False, description="A translation: its original changed since.")
    machine: Machine
    editing: Editing | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime


class GiveCorrection(Body):
    """What was wrong and what is right, as readers will see it."""

    note: str = Field(min_length=1, max_length=2000, examples=["The bridge is 2.3 km long, not 3.2 km."])
    field: str | None = None
    old: str | None = Field(default=None, max_length=2000)
    new: str | None = Field(default=None, max_length=2000)


class GiveOrder(Zoned):
    """What goes with a verb: `kill` and `takedown` need a note, `correct` a correction, `schedule` a moment."""

    note: str | None = Field(default=None, max_length=2000)
    at: datetime | None = Field(default=None, examples=["2026-12-01T07:00:00+07:00"])
    change: Literal["correct", "update"] = Field(
        default="update", description="How a scheduled change of a public one goes out."
    )
    correction: GiveCorrection | None = None
    undo_seconds: float | None = Field(
        default=None, ge=0, le=3600, description="Seconds it can be called off; the house's own if not given."
    )


class Acted(BaseModel):
    """What a verb did."""

    id: UUID
    verb: Verb
    state: str
    revision: int
    etag: str
    slug: str
    url: str | None
    waits: Waits | None


class ActionView(BaseModel):
    """A verb, whether it is possible now for you, and why not."""

    verb: Verb
    allowed: bool
    meaning: str
    why_not: str | None = None
