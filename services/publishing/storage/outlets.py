"""What the outlets keep and ask: what was taken off, who subscribes, what is on its way to whom, who has what."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.storage.public import PublicArticle
from shared.runtime.tables import tokens

#: Shelves whose name an article keeps in its own row, so that its tombstone can still be told there.
_KEPT = {"section": col(PublicArticle.section), "language": col(PublicArticle.language)}


async def list_gone(
    session: AsyncSession, kind: str, slug: str, *, since: datetime, limit: int = 200
) -> Sequence[PublicArticle]:
    """What was taken off a shelf since then, newest first.

    Of tags, authors and outlets no trace is kept, so their readers are told of everything that was taken off: one that
    never had a story passes over its tombstone, and none keeps a story that was killed.
    """
    query = select(PublicArticle).where(col(PublicArticle.gone_at) >= since)
    if kind in _KEPT:
        query = query.where(_KEPT[kind] == slug)
    return (await session.exec(query.order_by(col(PublicArticle.gone_at).desc()).limit(limit))).all()


async def first_since(session: AsyncSession, since: datetime) -> int:
    """The position of the first entry told at this moment or later; one past the end where there is none."""
    query = text("""
        SELECT coalesce(
            (SELECT min(position) FROM positions JOIN outbox USING (stream, event_id)
             WHERE stream = 'publications' AND created_at >= :since),
            (SELECT position + 1 FROM streams WHERE stream = 'publications'), 1)
    """)
    return int((await session.execute(query, {"since": since})).scalar_one())


async def in_force(session: AsyncSession, principals: Iterable[str], now: datetime) -> set[str]:
    """Those of the principals (`token:<id>`) whose token still opens a door; who holds no token of ours stays."""
    wanted = set(principals)
    ids = [name.removeprefix("token:") for name in wanted if name.startswith("token:")]
    valid = (tokens.c.revoked_at.is_(None)) & ((tokens.c.expires_at.is_(None)) | (tokens.c.expires_at > now))
    rows = await session.execute(select(tokens.c.id).where(tokens.c.id.in_(ids), valid))
    found = {f"token:{row.id}" for row in rows}
    return {name for name in wanted if not name.startswith("token:") or name in found}


async def last_gone(session: AsyncSession) -> datetime | None:
    """When something was taken off last: no document may call itself older, it may have listed it."""
    return (await session.exec(select(func.max(PublicArticle.gone_at)))).one()
