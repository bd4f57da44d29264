"""Enrichment's tables. The index is these rows: whoever commits an article has made it findable."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

_MOMENT: Any = DateTime(timezone=True)


def _list(of: Any) -> Column[Any]:
    """A list column that a bulk statement may leave out."""
    return Column(ARRAY(of), nullable=False, server_default="{}")


class Table(SQLModel):
    """The service's own tables share one MetaData, apart from every other service's."""

    metadata = MetaData()


class Article(Table, table=True):
    """What is compared: one small row per article. `number` is its place in the order of arrival and its index key."""

    __tablename__ = "articles"
    __table_args__ = (Index("articles_story", "story_id", "number", postgresql_where=text("story_id IS NOT NULL")),)

    number: int | None = Field(default=None, sa_column=Column(Integer, Identity(always=False), primary_key=True))
    article_id: UUID = Field(unique=True)
    state: str = Field(
        default="draft", sa_type=Text, sa_column_kwargs={"server_default": "draft"}
    )  # draft, published, unpublished, withdrawn, killed
    ingested: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}
    )  # the newest revision heard of each teller
    edited: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    stated: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    read_from: str = Field(default="ingested", sa_type=Text, sa_column_kwargs={"server_default": "ingested"})
    language: str = Field(default="und", sa_type=Text, sa_column_kwargs={"server_default": "und"})
    outlet: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    authors: list[str] = Field(default_factory=list, sa_column=_list(Text))
    section: str | None = Field(default=None, sa_type=Text)
    tags: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})  # slugs, a line each
    story_id: UUID | None = None
    published_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    features: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False, server_default=""))
    sample: bytes = Field(  # the lower halves of its fingerprints, smallest fingerprint first, two bytes each
        default=b"", sa_column=Column(LargeBinary, nullable=False, server_default="")
    )
    enricher: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    choices: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))


class ArticleText(Table, table=True):
    """The words of the newest revision, as the desk has them, kept to be read again after a change of the enricher."""

    __tablename__ = "texts"
    __table_args__ = (Index("texts_words", "words", postgresql_using="gin"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    headline: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    declared: str = Field(sa_type=Text)
    source_section: str | None = Field(default=None, sa_type=Text)
    keywords: list[str] = Field(default_factory=list, sa_column=_list(Text))
    words: Any = Field(default=None, sa_column=Column(TSVECTOR, nullable=False))


class Page(Table, table=True):
    """What readers may see of a published article: taken from the public log alone, gone when it is taken off."""

    __tablename__ = "pages"
    __table_args__ = (Index("pages_words", "words", postgresql_using="gin"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    slug: str = Field(sa_type=Text)
    url: str = Field(sa_type=Text)
    headline: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    outlet: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    section: str | None = Field(default=None, sa_type=Text)
    tags: list[str] = Field(default_factory=list, sa_column=_list(Text))
    published_at: datetime = Field(sa_type=_MOMENT)
    words: Any = Field(default=None, sa_column=Column(TSVECTOR, nullable=False))


class Block(Table, table=True):
    """Up to some 256 numbers of articles under one term, four bytes each, oldest first; `block` is the first of them.

    Newer postings wait as rows in `postings` until the clock moves them here: writers never wait for each other, and
    what has settled takes a tenth of the room.
    """

    __tablename__ = "blocks"

    term: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    block: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    numbers: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


#: A row: a term (its 32-bit key) stands in an article that came lately. No key: rows are only added, a few may stand
#: there twice, and to look for each of eighty first would cost half as much again.
postings = SqlTable(
    "postings",
    Table.metadata,
    Column("term", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Index("postings_term", "term", "number"),
)

#: A fingerprint of an article that came lately, as a posting is of a term.
prints = SqlTable(
    "prints",
    Table.metadata,
    Column("print", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Index("prints_print", "print", "number"),
)


class PrintBlock(Table, table=True):
    """Some 64 fingerprints with one lower half (`half`): the article's number and the upper half, six bytes each."""

    __tablename__ = "print_blocks"

    half: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    block: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    held: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Packed(Table, table=True):
    """One row: up to which article what they are listed under has been moved into blocks."""

    __tablename__ = "packed"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    upto: int


class Story(Table, table=True):
    """Articles about one course of events."""

    __tablename__ = "stories"
    __table_args__ = (Index("stories_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),)

    id: UUID = Field(primary_key=True)
    label: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    size: int = 1
    first_number: int
    latest_number: int
    first_at: datetime = Field(sa_type=_MOMENT)
    latest_at: datetime = Field(sa_type=_MOMENT)
    merged_into: UUID | None = None
    arranged: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})  # by a person


class VocabularyTag(Table, table=True):
    """A tag of the vocabulary: proposed by the machine until a person, or enough articles, made it known."""

    __tablename__ = "tags"
    __table_args__ = (Index("tags_status_uses", "status", "uses"),)

    slug: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    status: str = Field(
        default="proposed", sa_type=Text, sa_column_kwargs={"server_default": "proposed"}
    )  # proposed, known, rejected, merged
    aliases: list[str] = Field(default_factory=list, sa_column=_list(Text))
    parent: str | None = Field(default=None, sa_type=Text)
    merged_into: str | None = Field(default=None, sa_type=Text)
    definition: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    origin: str = Field(default="machine", sa_type=Text, sa_column_kwargs={"server_default": "machine"})
    uses: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    agreed: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}
    )  # mentions of this kind more than of others
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    changed_at: datetime = Field(sa_type=_MOMENT)


class Choice(Table, table=True):
    """One choice of a section by an editor; what the section step has learned is a fold over these rows."""

    __tablename__ = "section_choices"
    __table_args__ = (Index("section_choices_article", "article_id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=False), primary_key=True))
    article_id: UUID
    revision: int
    section: str = Field(sa_type=Text)
    words: list[str] = Field(default_factory=list, sa_column=_list(Text))
    chosen_at: datetime = Field(sa_type=_MOMENT)


class Reread(Table, table=True):
    """An article that is to be read again, and why."""

    __tablename__ = "rereads"
    __table_args__ = (Index("rereads_waiting", "asked_at", "number"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    reason: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=_MOMENT)
    reindex: int | None = None  # the reindex that asked


class Outdated(Table, table=True):
    """A note that an article's related lists lack a newer one, and from when on it is worth reading again."""

    __tablename__ = "outdated"
    __table_args__ = (Index("outdated_due", "due_at"), Index("outdated_number", "number"))

    id: int | None = Field(default=None, primary_key=True)
    number: int
    due_at: datetime = Field(sa_type=_MOMENT)


class Reindex(Table, table=True):
    """A reindex that was asked for, and what reading its articles again has changed so far."""

    __tablename__ = "reindexes"

    id: int | None = Field(default=None, sa_column=Column(Integer, Identity(always=False), primary_key=True))
    asked_at: datetime = Field(sa_type=_MOMENT)
    enricher: str = Field(sa_type=Text)
    matched: int
    read: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    changes: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    latest_at: datetime | None = Field(default=None, sa_type=_MOMENT)
