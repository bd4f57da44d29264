"""Routing rules: what an editor wrote, in the order in which they are asked."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.publishing.storage.base import Json, Table, json_object, moment


class Rule(Table, table=True):
    """A filter and what happens to the articles it matches; a higher `priority` is asked first."""

    __tablename__ = "rules"

    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    enabled: bool = False
    priority: int = 0
    revision: int = 1
    filters: Json = json_object()
    actions: Json = json_object()
    changed_by: str
    changed_at: datetime = moment()
