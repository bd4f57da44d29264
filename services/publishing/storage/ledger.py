"""Who ever received an article: a ledger that never expires, so that a kill can name and reach them all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from services.publishing.storage.base import Table, maybe_moment, moment


class Recipient(Table, table=True):
    """A consumer or destination that received an article, and the last position it acknowledged about it.

    `kind` is stream, cursor, pull, sse, webhook, feed or hub. `kill_acked_at` stays None until the
    article is killed and this recipient acknowledged that position.
    """

    __tablename__ = "recipients"

    article_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    consumer: str = Field(primary_key=True)
    first_position: int = Field(sa_type=BigInteger)
    last_position: int = Field(sa_type=BigInteger)
    first_at: datetime = moment()
    last_at: datetime = moment()
    kill_acked_at: datetime | None = maybe_moment()
