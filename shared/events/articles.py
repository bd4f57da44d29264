"""Facts about articles on their way in: taken from a source, understood, edited, withdrawn."""

from typing import Literal
from uuid import UUID

from shared.events.base import Event, Moment, empty
from shared.events.words import (
    ChangeKind,
    Duplicate,
    Picture,
    RelatedStory,
    SectionGuess,
    Tag,
    Trust,
    Video,
)


class ArticleIngested(Event):
    """A source brought a new article or a real change of one; `revision` counts its changes from 1. Told by ingest."""

    article_id: UUID
    revision: int
    change: ChangeKind = "new"
    source_id: UUID
    source_name: str
    trust: Trust = "review"
    guid: str
    source_url: str | None = None
    headline: str
    summary: str | None = None
    body_html: str
    body_text: str
    language: str
    outlet: str | None = None
    wire: str | None = None
    byline: str | None = None
    authors: list[str] = empty(list)
    published_at: Moment | None = None
    section: str | None = None
    keywords: list[str] = empty(list)
    pictures: list[Picture] = empty(list)
    videos: list[Video] = empty(list)
    urgency: int | None = None
    ednote: str | None = None
    embargoed_until: Moment | None = None
    held: str | None = None  # why the story must not leave on its own, e.g. an embargo that could not be parsed
    evidence: dict[str, str] = empty(dict)
    changes: list[str] = empty(list)  # what changed since the last revision, in words
    ingested_at: Moment


class ArticleWithdrawn(Event):
    """The source took an article back (ninjs `canceled`, feed tombstone). Told by ingest."""

    article_id: UUID
    revision: int
    reason: str
    withdrawn_at: Moment


class ArticleEnriched(Event):
    """What enrichment understood of one revision of an article; a later one replaces it whole.

    `of` and `revision` name the text that was read: the source's (`ingested`) or the desk's (`edited`).
    `related` is the blended list; `related_by` holds the four: story, tag, section, author.

    Told by enrichment.
    """

    article_id: UUID
    of: Literal["ingested", "edited"]
    revision: int
    enricher: str
    language: str
    language_score: float
    section: SectionGuess | None = None
    topics: list[SectionGuess] = empty(list)
    tags: list[Tag] = empty(list)
    related: list[RelatedStory] = empty(list)
    related_by: dict[str, list[RelatedStory]] = empty(dict)
    duplicates: list[Duplicate] = empty(list)
    story_id: UUID | None = None
    story_label: str | None = None
    summary: list[str] = empty(list)
    enriched_at: Moment


class ArticleEdited(Event):
    """The desk changed the words or chose tags, section or relations; `revision` is the desk's. Told by publishing."""

    article_id: UUID
    revision: int
    headline: str
    body_text: str
    language: str
    outlet: str | None = None
    byline: str | None = None
    section: str | None = None
    section_chosen: bool = False
    tags_chosen: list[Tag] = empty(list)
    tags_rejected: list[str] = empty(list)
    related_pinned: list[UUID] = empty(list)
    related_hidden: list[UUID] = empty(list)
    published_at: Moment | None = None
    edited_at: Moment
