"""What people decided, in the order of the log, and the models told from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.storage.tables import ModelState

#: `trains > 0` is spelled as the index `decisions_teach` is: with a parameter in it the whole log would be searched.
_LESSONS = """
SELECT d.position, d.language, d.verdict, d.trains, r.text
FROM decisions d LEFT JOIN revisions r ON r.comment_id = d.comment_id AND r.revision = d.revision
WHERE d.trains > 0 AND d.position > :after
  AND (CAST(:until AS bigint) IS NULL OR d.position <= CAST(:until AS bigint))
ORDER BY d.position LIMIT :most
"""


class Lesson(NamedTuple):
    """One decision that teaches. `text` is None where it was erased: it teaches nothing any more."""

    position: int
    language: str
    verdict: str
    weight: float
    text: str | None


async def lessons(session: AsyncSession, after: int, until: int | None, most: int) -> list[Lesson]:
    """Decisions that teach, after a position and not beyond another, in order."""
    values = {"after": after, "until": until, "most": most}
    return [Lesson(*row) for row in await session.execute(text(_LESSONS), values)]


_HEARD = """
SELECT d.position, d.language, d.verdict, m.scores
FROM decisions d LEFT JOIN LATERAL (
    SELECT inputs -> 'scores' AS scores FROM decisions
    WHERE comment_id = d.comment_id AND sequence < d.sequence AND revision = d.revision AND decided_by = 'machine'
    ORDER BY sequence DESC LIMIT 1
) m ON true
WHERE d.trains > 0 AND d.position > :after ORDER BY d.position LIMIT :most
"""


class Heard(NamedTuple):
    """What all scorers had said of a comment when a person decided; None where no machine had judged it."""

    position: int
    language: str
    verdict: str
    scores: list[dict[str, Any]] | None


async def heard(session: AsyncSession, after: int, most: int) -> list[Heard]:
    """People's decisions after a position, each with the scores that stood before it, in order."""
    return [Heard(*row) for row in await session.execute(text(_HEARD), {"after": after, "most": most})]


async def models(session: AsyncSession, until: int | None) -> list[ModelState]:
    """The latest stored model of each language, not beyond a position."""
    latest = select(col(ModelState.language), func.max(col(ModelState.position)).label("position"))
    if until is not None:
        latest = latest.where(col(ModelState.position) <= until)
    newest = latest.group_by(col(ModelState.language)).subquery()
    query = select(ModelState).join(
        newest,
        (newest.c.language == col(ModelState.language)) & (newest.c.position == col(ModelState.position)),
    )
    return list((await session.execute(query)).scalars().all())


async def keep_models(session: AsyncSession, rows: Sequence[dict[str, Any]], keep_from: datetime) -> None:
    """Store models; those older than `keep_from` go, but for the latest of each language."""
    await session.execute(insert(ModelState).values(list(rows)).on_conflict_do_nothing())
    newest = select(func.max(col(ModelState.position))).group_by(col(ModelState.language))
    await session.execute(
        delete(ModelState).where(col(ModelState.created_at) < keep_from, col(ModelState.position).not_in(newest)),
        execution_options={"synchronize_session": False},
    )
