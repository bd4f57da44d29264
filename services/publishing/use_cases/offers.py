"""A source's change of an article somebody worked on: offered as a diff, taken in with one click, never forced."""

from datetime import datetime
from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import Content
from services.publishing.domain.merging import Conflict, merge
from services.publishing.domain.refusals import Refused, not_possible
from services.publishing.storage import sources
from services.publishing.storage.articles import Article
from services.publishing.storage.sources import SourceVersion
from services.publishing.use_cases import edit
from services.publishing.use_cases.acts import By
from shared.events import Event

Prefer = Literal["source", "desk"]


async def offered(session: AsyncSession, head: Article) -> tuple[SourceVersion, Content, Content] | None:
    """The newest source revision that was not taken in, what the source said before, and what it says now."""
    if head.source_revision <= head.taken_revision:
        return None
    newest = await sources.find_source_version(session, head.id, head.source_revision)
    taken = await sources.find_source_version(session, head.id, head.taken_revision)
    if newest is None:
        return None
    now = Content.model_validate(newest.content)
    return newest, Content.model_validate(taken.content) if taken else now, now


async def take(
    session: AsyncSession, head: Article, by: By, now: datetime, prefer: Prefer | None, note: str | None
) -> list[Event]:
    """Merge what the source changed into the locked article's newest words, as a revision of its own.

    Where source and desk changed the same place, `prefer` says whose words stand; without it, Refused (409) shows both.
    """
    found = await offered(session, head)
    if found is None:
        raise not_possible("Cannot take in a change: the source offers none.")
    newest, before, after = found
    current = Content.model_validate(head.content)
    merged = merge(before, after, current)
    if merged.conflicts and prefer is None:
        raise _both(merged.conflicts)
    fields = {conflict.field for conflict in merged.conflicts} if prefer == "source" else set()
    content = merged.content.model_copy(update={name: getattr(after, name) for name in fields})
    why = note or f"Took in revision {newest.revision} of the source."
    told = await edit.save(session, head, head.revision, lambda _: content, by, now, note=why, act="take")
    head.taken_revision = newest.revision
    head.machine += 1
    return told


def _both(conflicts: tuple[Conflict, ...]) -> Refused:
    shown = [{"field": c.field, "before": c.base, "source": c.mine, "desk": c.theirs} for c in conflicts]
    detail = 'Both changed the same place. Repeat with {"prefer": "source"} or {"prefer": "desk"}, or edit by hand.'
    return Refused(409, "source-conflict", "Source and desk disagree.", detail, conflicts=shown)
