"""Reading back what the machine decided, with the inputs as it saw them."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

Mark = tuple[datetime, UUID]

_PAGE = """
SELECT c.id, c.article_id, d.revision, r.text, d.inputs, d.verdict, d.reasons, c.submitted_at,
       CASE WHEN c.decided_by NOT IN ('machine') AND c.decided_by NOT LIKE 'author %' THEN c.verdict END
FROM (
    SELECT id, article_id, decided_by, verdict, submitted_at FROM comments
    WHERE (CAST(:at AS timestamptz) IS NULL OR (submitted_at, id) < (CAST(:at AS timestamptz), CAST(:last AS uuid)))
      AND state <> 'withdrawn'
    ORDER BY submitted_at DESC, id DESC LIMIT :most
) c
CROSS JOIN LATERAL (
    SELECT revision, inputs, verdict, reasons FROM decisions
    WHERE comment_id = c.id AND decided_by = 'machine' ORDER BY sequence DESC LIMIT 1
) d
JOIN revisions r ON r.comment_id = c.id AND r.revision = d.revision AND r.text IS NOT NULL
ORDER BY c.submitted_at DESC, c.id DESC
"""


class Past(NamedTuple):
    """One comment as it was judged by the machine; `person` is what a person made of it, if one did."""

    comment_id: UUID
    article_id: UUID
    revision: int
    text: str
    inputs: dict[str, Any]
    verdict: str
    reasons: list[dict[str, Any]]
    submitted_at: datetime
    person: str | None

    @property
    def mark(self) -> Mark:
        """Where to go on from."""
        return (self.submitted_at, self.comment_id)

    @property
    def codes(self) -> set[str]:
        """The codes of its reasons."""
        return {reason["code"] for reason in self.reasons}


async def page(session: AsyncSession, most: int, after: Mark | None) -> list[Past]:
    """The latest comments before a mark."""
    at, last = after or (None, None)
    return [Past(*row) for row in await session.execute(text(_PAGE), {"at": at, "last": last, "most": most})]
