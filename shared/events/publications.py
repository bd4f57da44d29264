"""What the world sees: one ordered stream, `publications`, in which every entry has a position without gaps."""

from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Event, Moment, Word, empty
from shared.events.words import Correction, Picture, RelatedStory, Tag, Video


class RelatedLink(RelatedStory):
    """A related story as readers need it: with its address and headline."""

    slug: str
    headline: str
    outlet: str | None = None
    published_at: Moment | None = None


class PublishedArticle(Word):
    """An article as readers see it: self-contained, nothing that readers may not see."""

    article_id: UUID
    revision: int
    slug: str
    url: str
    headline: str
    summary: str | None = None
    body_html: str
    language: str
    outlet: str
    wire: str | None = None
    byline: str | None = None
    authors: list[str] = empty(list)
    source_url: str
    published_at: Moment
    first_published_at: Moment
    updated_at: Moment
    section: str | None = None
    section_name: str | None = None
    tags: list[Tag] = empty(list)
    pictures: list[Picture] = empty(list)
    videos: list[Video] = empty(list)
    related: list[RelatedLink] = empty(list)
    corrections: list[Correction] = empty(list)
    urgency: int | None = None
    story_id: UUID | None = None
    follows: UUID | None = None  # the story this one continues
    translation_of: UUID | None = None
    translation_note: str | None = None


class Publication(Event):
    """A fact of the one public log."""

    on_stream: ClassVar[str | None] = "publications"


class ArticlePublication(Publication, PublishedArticle):
    """A fact that carries the whole article; `previous_revision` and `changed` tell what differs from the last one."""

    previous_revision: int | None = None
    changed: list[str] = empty(list)
    note: str | None = None


class ArticlePublished(ArticlePublication):
    """An article is public for the first time, or again after it was unpublished. Told by publishing."""


class ArticleCorrected(ArticlePublication):
    """A published article was wrong and is right now; `corrections` says how. Told by publishing."""


class ArticleUpdated(ArticlePublication):
    """A published article tells a new development. Told by publishing."""


class ArticleUnpublished(Publication):
    """An article was taken off and may come back. Told by publishing."""

    article_id: UUID
    revision: int
    slug: str
    reason: str
    unpublished_at: Moment


class ArticleKilled(Publication):
    """An article is gone for good and must be removed everywhere it went. Told by publishing."""

    article_id: UUID
    revision: int
    slug: str
    reason: str
    kind: Literal["kill", "takedown"] = "kill"
    killed_at: Moment


class CommentShown(Publication):
    """A comment was approved and is public. Told by publishing."""

    comment_id: UUID
    article_id: UUID
    revision: int
    reply_to: UUID | None = None
    author_name: str
    text: str
    submitted_at: Moment
    shown_at: Moment


class CommentRemoved(Publication):
    """A comment that was shown is no longer public. Told by publishing."""

    comment_id: UUID
    article_id: UUID
    revision: int
    reason: str
    removed_at: Moment
