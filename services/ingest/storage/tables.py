"""Ingest's tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, MetaData, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

_MOMENT = DateTime(timezone=True)


class Table(SQLModel):
    """Base of ingest's own tables."""

    metadata = MetaData()


class Source(Table, table=True):
    """Where copy comes from, when it is due, and how it has been doing.

    `status`: active, paused, stopped (410). `lane`: new until the first look, then quick, or slow where the last
    look failed or took long.
    """

    __tablename__ = "sources"
    __table_args__ = (
        Index("sources_due", "lane", "next_at", postgresql_where=text("status = 'active' AND kind <> 'push'")),
    )

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    kind: str = Field(sa_type=Text)
    url: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    trust: str = Field(default="review", sa_type=Text)
    full_text: str = Field(default="auto", sa_type=Text)  # auto | feed | page: whether summaries lead to the page
    outlet: str | None = Field(default=None, sa_type=Text)
    language: str | None = Field(default=None, sa_type=Text)
    timezone: str | None = Field(default=None, sa_type=Text)
    day_first: bool | None = None
    section: str | None = Field(default=None, sa_type=Text)
    status: str = Field(default="active", sa_type=Text)
    lane: str = Field(default="new", sa_column=Column(Text, nullable=False, server_default="new"))
    next_at: datetime = Field(sa_type=_MOMENT)
    leased_until: datetime | None = Field(default=None, sa_type=_MOMENT)
    interval_seconds: int = 900
    ttl_minutes: int | None = None  # what the feed asks for, kept for the looks at which it did not change
    skip_hours: list[int] = Field(default=[], sa_column=Column(JSONB, nullable=False, server_default="[]"))
    failures: int = 0
    etag: str | None = Field(default=None, sa_type=Text)
    last_modified: str | None = Field(default=None, sa_type=Text)
    last_checked_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    last_ok_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    last_story_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    last_cause: str | None = Field(default=None, sa_type=Text)
    last_error: str | None = Field(default=None, sa_type=Text)
    robots: str | None = Field(default=None, sa_type=Text)
    hub: str | None = Field(default=None, sa_type=Text)
    topic: str | None = Field(default=None, sa_type=Text)
    hub_secret: str | None = Field(default=None, sa_type=Text)
    hub_until: datetime | None = Field(default=None, sa_type=_MOMENT)
    hub_renew_at: datetime | None = Field(default=None, sa_type=_MOMENT)  # when to ask again; unset: at once
    hub_state: str | None = Field(default=None, sa_type=Text)
    moved_from: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=_MOMENT)


class Article(Table, table=True):
    """A story of one source as it was last read.

    `item` is the whole reading; `sketch` finds copies under other names.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Index("articles_sketch", "sketch", postgresql_using="gin"),
        Index("articles_of_source", "source_id", "ingested_at"),
    )

    id: UUID = Field(primary_key=True)
    source_id: UUID
    guid: str = Field(sa_type=Text)
    revision: int = 1
    fingerprint: str = Field(sa_type=Text)
    entry_hash: str | None = Field(
        default=None, sa_type=Text
    )  # of the feed entry that led here; same → page not read again
    entry_mark: str | None = Field(default=None, sa_type=Text)  # of that entry's bytes; same → not even parsed again
    headline: str = Field(sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    canonical_url: str | None = Field(default=None, sa_type=Text)
    published_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    sketch: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    item: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    withdrawn_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    ingested_at: datetime = Field(sa_type=_MOMENT)
    updated_at: datetime = Field(sa_type=_MOMENT)


class Alias(Table, table=True):
    """A name a story goes by within its source: `guid:…` or `url:…`."""

    __tablename__ = "aliases"
    __table_args__ = (Index("aliases_of_article", "article_id"),)

    source_id: UUID = Field(primary_key=True)
    key: str = Field(sa_column=Column(Text, primary_key=True))
    article_id: UUID


class Revision(Table, table=True):
    """One revision of an article: what it said, what kind of change made it, and the word-level difference."""

    __tablename__ = "revisions"

    article_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    change: str = Field(sa_type=Text)
    notes: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    diff: list[list[str]] = Field(sa_column=Column(JSONB, nullable=False))
    item: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    payload_id: UUID | None = None
    at: datetime = Field(sa_type=_MOMENT)


class Payload(Table, table=True):
    """A document as it came, compressed (zlib), so that a better reader can be replayed over it."""

    __tablename__ = "payloads"
    __table_args__ = (Index("payloads_of_source", "source_id", "at"), Index("payloads_same", "source_id", "sha256"))

    id: UUID = Field(primary_key=True)
    source_id: UUID
    form: str = Field(sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    charset: str | None = Field(default=None, sa_type=Text)
    media_type: str | None = Field(default=None, sa_type=Text)
    entry: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    sha256: str = Field(sa_type=Text)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int
    at: datetime = Field(sa_type=_MOMENT)


class Fetch(Table, table=True):
    """One attempt to read something: what was asked, what came, and why it failed where it failed."""

    __tablename__ = "fetches"
    __table_args__ = (Index("fetches_of_source", "source_id", "at"), Index("fetches_at", "at"))

    id: UUID = Field(primary_key=True)
    source_id: UUID | None = None
    source_name: str | None = Field(default=None, sa_type=Text)
    kind: str = Field(sa_type=Text)  # feed | page | sitemap | push | robots | hub
    url: str | None = Field(default=None, sa_type=Text)
    outcome: str = Field(sa_type=Text)  # ok | partly | not_modified | failed
    status: int | None = None
    cause: str | None = Field(default=None, sa_type=Text)
    detail: str | None = Field(default=None, sa_type=Text)
    found: int = 0
    new: int = 0
    revised: int = 0
    failed: int = 0
    size: int = 0
    seconds: float = 0.0
    payload_id: UUID | None = None
    at: datetime = Field(sa_type=_MOMENT)
