"""What an article is made of while people work on it: the content a revision keeps."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.events import Moment, Picture, Tag, Video, Word


class TranslationNote(Word):
    """How a translated article came to be; `of_revision` is the revision of the original it was made from."""

    of_revision: int | None = None
    engine: str | None = None
    reviewer: str | None = None
    disclosure: str | None = None


class Location(Word):
    """Where the story is told from. `latitude` and `longitude` in degrees (WGS 84)."""

    name: str
    country: str | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class CropHint(Word):
    """The part of a picture that must stay when it is cropped, as shares (0..1) of its width and height."""

    picture_url: str
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    width: float = Field(gt=0, le=1)
    height: float = Field(gt=0, le=1)


class Content(Word):
    """All that an editor may change, as one immutable value; a revision keeps it whole.

    `section` is a slug. `tags_chosen`, `tags_rejected`, `related_pinned` (in order) and `related_hidden` are people's
    choices and outlive every enrichment. `held` says why the story must not leave.
    """

    headline: str
    headlines: dict[str, str] = {}  # variants by use: `short`, `push`, `seo`, …
    summary: str | None = None
    body_html: str = ""
    language: str = "und"
    outlet: str | None = None
    wire: str | None = None
    credit: str | None = None
    byline: str | None = None
    authors: list[str] = []
    source_url: str | None = None
    published_at: Moment | None = None  # the source's own date
    location: Location | None = None
    section: str | None = None
    section_chosen: bool = False
    keywords: list[str] = []  # as the source gave them
    tags_chosen: list[Tag] = []
    tags_rejected: list[str] = []
    related_pinned: list[UUID] = []
    related_hidden: list[UUID] = []
    pictures: list[Picture] = []
    crops: list[CropHint] = []
    videos: list[Video] = []
    urgency: int | None = Field(default=None, ge=1, le=9)
    ednote: str | None = None
    embargoed_until: Moment | None = None
    held: str | None = None
    follows: UUID | None = None
    translation_of: UUID | None = None
    translation: TranslationNote | None = None


State = Literal[
    "draft", "in_review", "ready", "scheduled", "published", "corrected", "updated", "unpublished", "killed", "spiked"
]
LIVE: frozenset[State] = frozenset({"published", "corrected", "updated"})
