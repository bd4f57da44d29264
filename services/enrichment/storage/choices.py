"""The log of sections that editors chose: written once, folded in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enrichment.storage.tables import Choice

_choices = Choice.__table__  # type: ignore[attr-defined]  # SQLModel does not type the table it makes

_SINCE = text("""
    SELECT c.id, c.section, c.words, was.section AS undone_section, was.words AS undone_words
    FROM section_choices c
    LEFT JOIN LATERAL (
        SELECT section, words FROM section_choices
        WHERE article_id = c.article_id AND id < c.id ORDER BY id DESC LIMIT 1
    ) AS was ON TRUE
    WHERE c.id > :since ORDER BY c.id LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A choice, and the choice for the same article that it takes back."""

    id: int
    section: str
    words: list[str]
    undone_section: str | None
    undone_words: list[str]


async def since(session: AsyncSession, after: int, limit: int = 20_000) -> list[ChoiceRow]:
    """Choices made after one, in order."""
    rows = await session.execute(_SINCE, {"since": after, "limit": limit})
    return [ChoiceRow(r.id, r.section, r.words, r.undone_section, r.undone_words or []) for r in rows]


async def record(
    session: AsyncSession, article_id: UUID, revision: int, section: str, words: Sequence[str], now: datetime
) -> None:
    """Write down a choice, unless it is what was chosen for this article last."""
    last = text("SELECT section FROM section_choices WHERE article_id = :article ORDER BY id DESC LIMIT 1")
    if (await session.execute(last, {"article": article_id})).scalar() == section:
        return
    row = {"article_id": article_id, "revision": revision, "section": section, "words": list(words), "chosen_at": now}
    await session.execute(insert(_choices).values(row))
