"""The desk's articles: the head of each, what the source sent, what enrichment understood, what is due to leave."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.publishing.storage.base import Json, Table, json_list, json_object, maybe_json, maybe_moment, moment

#: What full-text search over the desk reads. A tsvector holds at most 1 MB: the body is cut long before that.
WORDS = (
    "to_tsvector('simple'::regconfig, (headline::text || ' '::text)"
    " || left(COALESCE(content ->> 'body_html'::text, ''::text), 200000))"
)


class Article(Table, table=True):
    """The head of an article: its state, its newest content and where it came from.

    `revision` counts the desk's saves and acts; `machine` counts what changed without one (enrichment, source news), so
    that `"<revision>.<machine>"` is a strong ETag. `taken_revision` is the source revision the words stand on, and
    `source_revision` the newest one known: where they differ the source's change is on offer. `headline` to
    `embargoed_until` repeat the content for filters.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_list", text("updated_at DESC"), text("id DESC")),
        Index("ix_articles_state", "state", text("updated_at DESC"), text("id DESC")),
        Index("ix_articles_words", text(WORDS), postgresql_using="gin"),
        Index("ix_articles_follows", "follows", postgresql_where=text("follows IS NOT NULL")),
        Index("ix_articles_translation_of", "translation_of", postgresql_where=text("translation_of IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    state: str = "draft"
    state_before: str | None = None  # where a spiked article comes back to
    revision: int = 1
    machine: int = 0
    slug: str = Field(unique=True)
    content: Json = json_object()
    headline: str
    language: str
    outlet: str | None = None
    wire: str | None = None
    section: str | None = None
    desk: str | None = None
    embargoed_until: datetime | None = maybe_moment()
    follows: UUID | None = None
    translation_of: UUID | None = None
    source_id: UUID | None = None
    source_name: str | None = None
    trust: str = "review"
    source_revision: int = 0
    taken_revision: int = 0
    touched: bool = False  # a person changed it
    withdrawn: str | None = None  # why the source took it back
    waiting_for: str | None = None  # why it did not leave on its own
    public_revision: int | None = None
    first_published_at: datetime | None = maybe_moment()
    corrections: list[Json] = json_list()
    created_by: str
    created_at: datetime = moment()
    updated_at: datetime = moment()
    lock_by: str | None = None
    lock_name: str | None = None
    lock_until: datetime | None = maybe_moment()


class SourceVersion(Table, table=True):
    """One revision of an article as its source sent it, kept so that a change can be offered as a diff."""

    __tablename__ = "source_versions"

    article_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    change: str
    changes: list[str] = json_list()
    content: Json = json_object()
    evidence: Json = json_object()
    received_at: datetime = moment()


class Enrichment(Table, table=True):
    """What enrichment last understood of an article: an ArticleEnriched as JSON."""

    __tablename__ = "enrichments"

    article_id: UUID = Field(primary_key=True)
    of: str
    revision: int
    enriched_at: datetime = moment()
    understood: Json = json_object()


class Due(Table, table=True):
    """A publication that waits for its moment: a schedule, an embargo, the seconds of an undo, an enrichment.

    `revision` is the content that will leave. One an article: the newest replaces the one before.
    """

    __tablename__ = "due"

    article_id: UUID = Field(primary_key=True)
    due_at: datetime = moment(index=True)
    revision: int
    verb: str  # publish, correct or update
    waits_for: str  # schedule, embargo, undo or enrichment
    note: str | None = None
    correction: Json | None = maybe_json()
    by_id: str
    by_name: str
    back_to: str  # the state if it is called off
