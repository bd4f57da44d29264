"""Who is at an article now, and the unsaved words of each: advisory locks and autosaves."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.publishing.api.at_desk import AtDesk, editing_of, locked, refusing
from services.publishing.api.shapes import Body, ChangeArticle, Editing
from services.publishing.storage import desk as changes
from services.publishing.storage import revisions
from services.publishing.storage.revisions import Autosave
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, Who, allow

router = DoorRouter(tags=["editing"])
contributors = [allow(Role.CONTRIBUTOR)]


class KeepAutosave(Body):
    """What was typed and not saved: the fields that differ from revision `base`."""

    base: int = Field(ge=1, examples=[5])
    changes: ChangeArticle


class AutosaveView(BaseModel):
    """Somebody's unsaved words."""

    model_config = ConfigDict(from_attributes=True)

    by_id: str
    base: int
    changes: dict[str, Any]
    kept_at: datetime


@router.put("/v1/articles/{article_id}/lock", dependencies=contributors, summary="Say that you are editing")
async def hold_lock(
    article_id: UUID, desk: AtDesk, takeover: Annotated[bool, Query(description="From whoever holds it.")] = False
) -> Editing:
    """Repeat it as a heartbeat. The lock only shows who is at it: what keeps words safe is If-Match."""
    with refusing():
        head = await locked(desk.session, article_id)
    holder = editing_of(head, desk.now)
    if holder and head.lock_by != desk.by.id and not takeover:
        detail = f"{holder.by} is editing until {holder.until.isoformat()}; take over with ?takeover=true."
        raise Problem(409, "being-edited", "Somebody is editing it.", detail=detail, by=holder.by)
    if head.lock_by != desk.by.id or holder is None:
        head.machine += 1
        await changes.note_changes(desk.session, [(head.id, "locked", head.revision)], desk.by.name, desk.now)
    head.lock_by, head.lock_name = desk.by.id, desk.by.name
    head.lock_until = desk.now + timedelta(seconds=desk.settings.lock_seconds)
    return Editing(by=head.lock_name, until=head.lock_until)


@router.delete("/v1/articles/{article_id}/lock", status_code=204, dependencies=contributors, summary="Stop editing")
async def release_lock(article_id: UUID, desk: AtDesk) -> None:
    """Only your own lock; no harm where you hold none."""
    with refusing():
        head = await locked(desk.session, article_id)
    if head.lock_by == desk.by.id:
        head.lock_by = head.lock_name = head.lock_until = None
        head.machine += 1
        await changes.note_changes(desk.session, [(head.id, "unlocked", head.revision)], desk.by.name, desk.now)


@router.put("/v1/articles/{article_id}/autosave", dependencies=contributors, summary="Keep unsaved words")
async def keep_autosave(article_id: UUID, body: KeepAutosave, desk: AtDesk) -> AutosaveView:
    """Yours alone, one an article; never a revision, never public. A save of the article does not need it."""
    with refusing():
        await locked(desk.session, article_id)
    kept = Autosave(
        article_id=article_id,
        by_id=desk.by.id,
        base=body.base,
        changes=body.changes.model_dump(mode="json", exclude_unset=True),
        kept_at=desk.now,
    )
    return AutosaveView.model_validate(await desk.session.merge(kept))


@router.get("/v1/articles/{article_id}/autosaves", dependencies=contributors, summary="Unsaved words of this article")
async def list_autosaves(article_id: UUID, session: Reading, who: Who) -> list[AutosaveView]:
    """Your own; an editor sees everybody's, so that a takeover loses nobody's words."""
    rows = await revisions.list_autosaves(session, article_id, None if Role.EDITOR in who.roles else who.id)
    return [AutosaveView.model_validate(row) for row in rows]


@router.delete("/v1/articles/{article_id}/autosave", status_code=204, dependencies=contributors, summary="Drop yours")
async def drop_autosave(article_id: UUID, desk: AtDesk) -> None:
    """Your own unsaved words, for instance after they were saved."""
    await revisions.drop_autosave(desk.session, article_id, desk.by.id)
