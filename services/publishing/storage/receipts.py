"""Who has what: what each reader of the log acknowledged, and so who holds a copy of an article."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.base import Table, maybe_moment, moment
from services.publishing.storage.ledger import Recipient

_KILLED = "newsroom.article.killed.v1"
_MERGE = """
    ON CONFLICT (article_id, kind, consumer) DO UPDATE SET
        last_position = greatest(known.last_position, excluded.last_position),
        last_at = CASE WHEN excluded.last_position > known.last_position THEN excluded.last_at ELSE known.last_at END,
        kill_acked_at = coalesce(known.kill_acked_at, excluded.kill_acked_at)
"""
_BOOK = text(f"""
    INSERT INTO recipients AS known
        (article_id, kind, consumer, first_position, last_position, first_at, last_at, kill_acked_at)
    SELECT article_id, :kind, :consumer, first, last, :at, :at, CASE WHEN kill THEN CAST(:at AS timestamptz) END
    FROM unnest(CAST(:articles AS uuid[]), CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[]),
                CAST(:kills AS boolean[])) AS told (article_id, first, last, kill)
    {_MERGE}
""")  # noqa: S608  # its part is the constant above
# Every article told of between two positions goes to the consumer's page of the ledger, in one statement.
_BOOK_RANGE = text(f"""
    WITH told AS (
        SELECT CAST(subject AS uuid) AS article_id, min(position) AS first, max(position) AS last,
               CASE WHEN bool_or(type = :killed) THEN CAST(:at AS timestamptz) END AS killed_at
        FROM positions JOIN outbox USING (stream, event_id)
        WHERE stream = 'publications' AND position > :after AND position <= :upto GROUP BY subject
    )
    INSERT INTO recipients AS known
        (article_id, kind, consumer, first_position, last_position, first_at, last_at, kill_acked_at)
    SELECT article_id, :kind, :consumer, first, last, :at, :at, killed_at FROM told
    {_MERGE}
""")  # noqa: S608  # the same


@dataclass(frozen=True)
class Receipt:
    """One entry that a consumer has: its article, position, and whether it was a kill."""

    article_id: str
    position: int
    type: str


class Consumer(Table, table=True):
    """A reader of the log that has a name: a Redis user with its cursor or group, or a token that pulls or listens.

    `acked` is the position up to which it has everything; `booked` how far that is written into the ledger.
    """

    __tablename__ = "consumers"

    name: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)  # stream (a group), cursor (a key of its own), pull or sse
    token_id: str | None = None
    acked: int = Field(default=0, sa_type=BigInteger)
    acked_at: datetime | None = maybe_moment()
    booked: int = Field(default=0, sa_type=BigInteger)
    removed_at: datetime | None = maybe_moment()
    created_at: datetime = moment()


async def book(session: AsyncSession, kind: str, consumer: str, receipts: Sequence[Receipt], at: datetime) -> None:
    """Write into the ledger that a consumer has these entries."""
    by_article: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        by_article.setdefault(receipt.article_id, []).append(receipt)
    if not by_article:
        return
    of = list(by_article.values())
    facts = {
        "articles": [UUID(key) for key in by_article],
        "firsts": [min(receipt.position for receipt in some) for some in of],
        "lasts": [max(receipt.position for receipt in some) for some in of],
        "kills": [any(receipt.type == _KILLED for receipt in some) for some in of],
    }
    await session.execute(_BOOK, {**facts, "kind": kind, "consumer": consumer, "at": at})


async def acknowledge(
    session: AsyncSession, kind: str, name: str, position: int, at: datetime, token_id: str | None = None
) -> None:
    """A consumer has everything up to a position; it never moves back."""
    put = pg_insert(Consumer).values(
        name=name, kind=kind, token_id=token_id, acked=position, acked_at=at, booked=0, created_at=at
    )
    ahead: dict[str, Any] = {name: put.excluded[name] for name in ("acked", "acked_at", "token_id")}
    ahead["removed_at"] = None  # it reads again
    await session.execute(
        put.on_conflict_do_update(
            index_elements=["name", "kind"], set_=ahead, where=col(Consumer.acked) < put.excluded.acked
        )
    )


async def is_behind(session: AsyncSession) -> bool:
    """Whether some consumer has more than the ledger says."""
    query = select(Consumer.name).where(col(Consumer.booked) < col(Consumer.acked)).limit(1)
    return (await session.exec(query)).first() is not None


async def book_next(session: AsyncSession, most: int, at: datetime) -> bool:
    """Bring one consumer's page of the ledger further, at most `most` positions; whether there was something to do."""
    query = select(Consumer).where(col(Consumer.booked) < col(Consumer.acked))  # a removed one too: it has what it has
    found = await session.exec(query.order_by(col(Consumer.booked)).limit(1).with_for_update(skip_locked=True))
    consumer = found.first()
    if consumer is None:
        return False
    upto = min(consumer.acked, consumer.booked + most)
    facts = {"after": consumer.booked, "upto": upto, "kind": consumer.kind, "consumer": consumer.name}
    await session.execute(_BOOK_RANGE, {**facts, "at": consumer.acked_at or at, "killed": _KILLED})
    consumer.booked = upto
    session.add(consumer)
    return True


async def list_consumers(session: AsyncSession, kind: str | None = None) -> Sequence[Consumer]:
    """All named readers, or those of one kind."""
    query = select(Consumer).where(col(Consumer.removed_at).is_(None)).order_by(col(Consumer.kind), col(Consumer.name))
    return (await session.exec(query if kind is None else query.where(Consumer.kind == kind))).all()


async def remove_consumer(session: AsyncSession, kind: str, name: str, at: datetime) -> bool:
    """List a reader no longer; what it received stays in the ledger. Whether there was one."""
    known = await session.get(Consumer, (name, kind), with_for_update=True)
    if known is None or known.removed_at is not None:
        return False
    known.removed_at = at
    session.add(known)
    return True


async def recipients_of(session: AsyncSession, article_id: UUID) -> Sequence[Recipient]:
    """Everyone who ever received an article."""
    query = select(Recipient).where(Recipient.article_id == article_id)
    return (await session.exec(query.order_by(col(Recipient.kind), col(Recipient.consumer)))).all()


async def told_at(session: AsyncSession, positions: Iterable[int]) -> dict[int, datetime]:
    """When the entries at these positions were told."""
    rows = await session.execute(
        text("""
            SELECT position, created_at FROM positions JOIN outbox USING (stream, event_id)
            WHERE stream = 'publications' AND position = ANY(:all)
        """),
        {"all": list(positions)},
    )
    return {row.position: row.created_at for row in rows}


async def newest_of(session: AsyncSession, article_id: UUID) -> int:
    """The position of the newest entry about an article itself (its comments are not); 0 where there is none."""
    query = text("""
        SELECT coalesce(max(position), 0) FROM outbox JOIN positions USING (stream, event_id)
        WHERE subject = :subject AND stream = 'publications' AND type LIKE 'newsroom.article.%'
    """)
    return int((await session.execute(query, {"subject": str(article_id)})).scalar_one())
