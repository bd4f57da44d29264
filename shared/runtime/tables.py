"""The runtime's own tables, which stand in every service's database."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = MetaData()

_now = func.now()
_moment = DateTime(timezone=True)

#: Facts told by this service. A row is written once: what changes about a fact (whether it waits, where it stands) is
#: in the two narrow tables below. An event that fits into a page is kept as it is: compressing it would cost more than
#: all the rest of telling it.
outbox = Table(
    "outbox",
    metadata,
    Column("event_id", UUID, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("created_at", _moment, nullable=False, server_default=_now),
    Index("outbox_subject", "subject"),
    Index("outbox_created", "created_at"),
    postgresql_with={"toast_tuple_target": 8160},
)

#: Facts that have no position yet: a row for what one transaction told on one stream, until the relay has numbered it.
waiting = Table(
    "waiting",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("stream", Text, nullable=False),
    Column("events", ARRAY(UUID), nullable=False),
    Column("due_at", _moment, nullable=False, server_default=_now),
    Index("waiting_due", "due_at"),
)

#: Where each fact stands in its stream, given by the relay, once, when the fact is due.
positions = Table(
    "positions",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", UUID, nullable=False),
    UniqueConstraint("event_id", name="positions_event"),
)

#: The last position given in each stream this service tells.
streams = Table(
    "streams",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
)

#: Events whose effect is committed; the pair is unique, which makes a redelivery harmless.
inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", UUID, primary_key=True),
    Column("at", _moment, nullable=False, server_default=_now),
    Index("inbox_at", "at", postgresql_using="brin"),
)

#: Messages taken out of their stream's way: waiting for another attempt, or dead letters with their story.
failed_events = Table(
    "failed_events",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", UUID, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("event", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("story", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("attempts", Integer, nullable=False, server_default=text("1")),
    Column("dead", Boolean, nullable=False, server_default=text("false")),
    Column("due_at", _moment, nullable=False, server_default=_now),
    Column("created_at", _moment, nullable=False, server_default=_now),
    Index("failed_events_due", "due_at", postgresql_where=text("NOT dead")),
    Index("failed_events_subject", "subject"),
)

#: Who may come in, as told by publishing; only the hash of a secret is kept.
tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("secret_sha256", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("expires_at", _moment),
    Column("revoked_at", _moment),
    Column("last_used_at", _moment),
)

#: Answers already given, so that a request repeated with the same key gets the same answer.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False, server_default=text("0")),
    Column("media_type", Text, nullable=False, server_default=text("''")),
    Column("body", LargeBinary, nullable=False, server_default=text("''::bytea")),
    Column("headers", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("at", _moment, nullable=False, server_default=_now),
)
