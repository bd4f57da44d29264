"""The list of articles to be read again: a tag changed, the enricher did, or a newer article is near."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, DateTime, Integer, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel import select as choose
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage.tables import Outdated, Reindex, Reread
from services.enrichment.storage.vocabulary import tagged_with

_rereads = Reread.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes
_outdated = Outdated.__table__  # type: ignore[attr-defined]  # as above
_reindexes = Reindex.__table__  # type: ignore[attr-defined]  # as above

_OUTDATE = text("INSERT INTO outdated (number, due_at) SELECT unnest(:numbers), :due").bindparams(
    bindparam("numbers", type_=ARRAY(Integer)), bindparam("due", type_=DateTime(True))
)


async def ask(session: AsyncSession, numbers: Sequence[int], reason: str, now: datetime) -> int:
    """Put articles on the list; those already there stay once."""
    for at in range(0, len(numbers), 5_000):
        rows = [{"number": n, "reason": reason, "asked_at": now} for n in numbers[at : at + 5_000]]
        await session.execute(insert(_rereads).values(rows).on_conflict_do_nothing(index_elements=["number"]))
    return len(numbers)


async def ask_tagged(session: AsyncSession, slug: str, now: datetime) -> int:
    """Put every article that carries a tag on the list."""
    return await ask(session, await tagged_with(session, slug), f"The tag {slug} changed.", now)


_SET = """
    FROM articles WHERE state NOT IN ('killed') AND features <> ''
    AND (CAST(:enricher AS text) IS NULL OR enricher <> :enricher)
    AND (CAST(:language AS text) IS NULL OR language = :language)
    AND (CAST(:section AS text) IS NULL OR section = :section)
    AND (CAST(:since AS timestamptz) IS NULL OR published_at >= :since)
"""


async def count_set(session: AsyncSession, given: Mapping[str, Any]) -> int:
    """How many articles a set holds: `enricher` (read by another version than this), `language`, `section`, `since`."""
    return int((await session.execute(text(f"SELECT count(*) {_SET}"), dict(given))).scalar_one())


async def ask_set(
    session: AsyncSession, given: Mapping[str, Any], matched: int, enricher: str, reason: str, now: datetime
) -> int:
    """Put a set of articles on the list; answers the number of the reindex that counts what changes."""
    row = {"asked_at": now, "enricher": enricher, "matched": matched, "changes": {}}
    made = await session.execute(insert(_reindexes).values(row).returning(_reindexes.c.id))
    number = int(made.scalar_one())
    asked = text(f"""
        INSERT INTO rereads (number, reason, asked_at, reindex) SELECT number, :reason, :now, :reindex {_SET}
        ON CONFLICT (number) DO UPDATE SET reindex = excluded.reindex
    """)  # built from constants of this file only
    await session.execute(asked, {**given, "reason": reason, "now": now, "reindex": number})
    return number


async def outdate(session: AsyncSession, numbers: Sequence[int], due: datetime) -> None:
    """Note that the related lists of these articles will be out of date.

    A table of its own, to which rows are only added: whoever enriches holds stories, and must not wait here for those
    who hold the list of articles to be read and want the stories.
    """
    if numbers:
        await session.execute(_OUTDATE, {"numbers": list(numbers), "due": due})


async def ask_outdated(session: AsyncSession, limit: int, now: datetime) -> None:
    """Put the longest outdated on the list, each once however often it was noted."""
    oldest = select(_outdated.c.number).where(_outdated.c.due_at <= now).order_by(_outdated.c.due_at).limit(limit)
    numbers = sorted(set((await session.execute(oldest)).scalars()))
    if numbers:
        await ask(session, numbers, "A newer article is related to it.", now)
        noted = _outdated.c.number.in_(numbers), _outdated.c.due_at <= now
        await session.execute(delete(_outdated).where(*noted))


async def take(session: AsyncSession, limit: int) -> dict[int, int | None]:
    """Take the longest waiting from the list, with the reindex that asked; two replicas never take the same."""
    asked = select(_rereads.c.number, _rereads.c.reindex).order_by(_rereads.c.asked_at, _rereads.c.number).limit(limit)
    taken = {r.number: r.reindex for r in await session.execute(asked.with_for_update(skip_locked=True))}
    await drop(session, taken)
    return taken


async def count_changes(
    session: AsyncSession, reindex: int, read: int, changes: Mapping[str, int], now: datetime
) -> None:
    """Add to what a reindex has read and changed."""
    row = select(_reindexes.c.changes).where(_reindexes.c.id == reindex).with_for_update()
    held = Counter((await session.execute(row)).scalar_one_or_none() or {})
    held.update(changes)
    counted = {"read": _reindexes.c.read + read, "changes": dict(held), "latest_at": now}
    await session.execute(update(_reindexes).where(_reindexes.c.id == reindex).values(**counted))


async def latest_reindex(session: AsyncSession) -> Reindex | None:
    """The reindex that was asked for last."""
    return (await session.exec(choose(Reindex).order_by(col(Reindex.id).desc()).limit(1))).first()


async def drop(session: AsyncSession, numbers: Collection[int]) -> None:
    """Take these off the list."""
    await session.execute(delete(_rereads).where(_rereads.c.number.in_(list(numbers))))


async def waiting(session: AsyncSession) -> int:
    """How many articles wait to be read again."""
    return int((await session.execute(select(func.count()).select_from(_rereads))).scalar_one())
