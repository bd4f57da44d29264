"""The tables. `decisions` is append-only; everything else can be told again from it and from the facts heard."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, MetaData, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """What moderation keeps, apart from every other service's."""

    metadata = MetaData()


def _moment(**more: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **more)


class Comment(Table, table=True):
    """A comment as it stands now. `state`: pending, approve, hold, reject, or withdrawn by its author.

    `version` grows with every change and guards people's decisions. `queued_at` is set while a person should look.
    `score` is the learner's, in 0..1.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("comments_queue", "risk", postgresql_where=text("queued_at IS NOT NULL")),
        Index("comments_due", "received_at", postgresql_where=text("redecide OR state = 'pending'")),
        Index("comments_author", "author_id", "submitted_at"),
        Index("comments_article", "article_id"),
        Index("comments_submitted", "submitted_at", "id"),
        Index("comments_held", "lease_by", postgresql_where=text("lease_by IS NOT NULL")),
    )
    id: UUID = Field(primary_key=True)
    article_id: UUID
    revision: int
    reply_to: UUID | None = None
    author_id: str
    author_name: str
    text: str
    language: str = "und"
    section: str | None = None
    headline: str | None = None
    submitted_at: datetime = _moment()
    received_at: datetime = _moment()
    state: str = "pending"
    version: int = 0
    sequence: int = 0
    decision_id: UUID | None = None
    verdict: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = _moment(nullable=True, default=None)
    risk: float = 0.0
    reports: int = 0
    report_weight: float = 0.0
    queued_at: datetime | None = _moment(nullable=True, default=None)
    lease_by: str | None = None
    lease_until: datetime | None = _moment(nullable=True, default=None)
    redecide: bool = False
    score: float | None = None


class Revision(Table, table=True):
    """What a comment said at one revision. `text` is null once erased; its hash stays in the decisions."""

    __tablename__ = "revisions"
    comment_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    text: str | None = None
    submitted_at: datetime = _moment()


class Decision(Table, table=True):
    """One decision record (see `domain.records`). Never updated, never deleted."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("comment_id", "sequence"),
        Index("decisions_teach", "position", postgresql_where=text("trains > 0")),
        Index("decisions_at", "decided_at"),
    )
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    id: UUID = Field(unique=True)
    comment_id: UUID
    article_id: UUID
    revision: int
    sequence: int
    verdict: str
    reasons: list[dict[str, Any]] = Field(sa_type=JSONB)
    inputs: dict[str, Any] = Field(sa_type=JSONB)
    text_sha256: str
    language: str
    policy: str
    model: str
    trust: float
    decided_by: str
    decided_at: datetime = _moment()
    supersedes: UUID | None = None
    note: str | None = None
    trains: float = 0.0
    previous_hash: str
    hash: str


class ChainHead(Table, table=True):
    """The last decision's position and hash: one row, locked while a decision is appended."""

    __tablename__ = "chain_head"
    one: bool = Field(primary_key=True, default=True)
    position: int = Field(sa_type=BigInteger)
    hash: str


class ThreadState(Table, table=True):
    """What is known of an article's thread."""

    __tablename__ = "threads"
    article_id: UUID = Field(primary_key=True)
    revision: int = 0
    open: bool = True
    killed: bool = False
    mode: str | None = None


class AuthorState(Table, table=True):
    """Who writes or reports: standing, faded evidence, and counts of comments by how they stand now."""

    __tablename__ = "authors"
    author_id: str = Field(primary_key=True)
    name: str = ""
    first_seen_at: datetime = _moment()
    status: str = "ok"
    status_reason: str | None = None
    status_until: datetime | None = _moment(nullable=True, default=None)
    status_by: str | None = None
    good: float = 0.0
    bad: float = 0.0
    as_of: datetime = _moment()
    approved: int = 0
    held: int = 0
    rejected: int = 0
    reports_right: int = 0
    reports_wrong: int = 0


class Report(Table, table=True):
    """A reader's report; one per reporter and comment. `outcome` is set when a person decides: upheld or dismissed."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("comment_id", "reporter_id"),)
    id: UUID = Field(primary_key=True)
    comment_id: UUID
    reporter_id: str
    reason: str
    note: str | None = None
    weight: float = 0.5
    reported_at: datetime = _moment()
    outcome: str | None = None


class Fingerprint(Table, table=True):
    """One band of a comment's MinHash signature; equal keys are candidates for being one text."""

    __tablename__ = "fingerprints"
    __table_args__ = (Index("fingerprints_key", "key", "seen_at"),)
    comment_id: UUID = Field(primary_key=True)
    band: int = Field(primary_key=True)
    key: int = Field(sa_type=BigInteger)
    author_id: str
    seen_at: datetime = _moment()


class PolicyVersion(Table, table=True):
    """One version of a policy: draft, shadow, live or archived. At most one is live."""

    __tablename__ = "policies"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index("policies_live", "status", unique=True, postgresql_where=text("status = 'live'")),
    )
    id: UUID = Field(primary_key=True)
    name: str
    version: int
    status: str = "draft"
    body: dict[str, Any] = Field(sa_type=JSONB)
    note: str | None = None
    created_by: str
    created_at: datetime = _moment()
    changed_at: datetime = _moment()


class ListVersion(Table, table=True):
    """One version of a word list; a policy pins the version it uses. Never updated."""

    __tablename__ = "word_lists"
    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    content: str
    note: str | None = None
    created_by: str
    created_at: datetime = _moment()


class ModelState(Table, table=True):
    """The learner of one language as it stood when the log was at `position`; told anew from the log where missing."""

    __tablename__ = "models"
    language: str = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    weights: bytes = Field(sa_type=LargeBinary)
    sha256: str
    seen: int
    created_at: datetime = _moment()


class Appeal(Table, table=True):
    """An author asks for another look. One open appeal per comment; decided by somebody else than the first time."""

    __tablename__ = "appeals"
    __table_args__ = (
        Index("appeals_open", "comment_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index("appeals_due", "deadline", postgresql_where=text("outcome IS NULL")),
    )
    id: UUID = Field(primary_key=True)
    comment_id: UUID
    decision_id: UUID
    author_id: str
    text: str
    opened_at: datetime = _moment()
    deadline: datetime = _moment()
    outcome: str | None = None
    answer: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = _moment(nullable=True, default=None)
