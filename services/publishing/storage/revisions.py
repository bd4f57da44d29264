"""Every save and every act, immutable; and the unsaved words of whoever is typing."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.publishing.storage.base import Json, Table, json_object, maybe_json, moment


class Revision(Table, table=True):
    """Who made an article what it was, when, why and from which base.

    `act` is `ingest`, `save`, `restore`, `take` or a verb. `content` is None where an act changed no word: then the
    content is that of `words_of`.
    """

    __tablename__ = "revisions"

    article_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    base: int | None = None
    words_of: int
    act: str
    state: str
    by_id: str
    by_name: str
    note: str | None = None
    content: Json | None = maybe_json()
    made_at: datetime = moment()


class Autosave(Table, table=True):
    """What somebody typed and has not saved: one an article and person; never public, never anybody else's."""

    __tablename__ = "autosaves"

    article_id: UUID = Field(primary_key=True)
    by_id: str = Field(primary_key=True)
    base: int
    changes: Json = json_object()
    kept_at: datetime = moment()
