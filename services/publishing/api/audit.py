"""Reading the audit: who did what, and that nothing is missing from it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict

from services.publishing.api import fields
from services.publishing.domain.chain import GENESIS, broken_at
from services.publishing.storage import audit
from shared.events import Role
from shared.runtime import DoorRouter, Page, Reading, allow, decode_cursor, encode_cursor, link_next

router = DoorRouter(tags=["audit"])
readers = [allow(Role.CHIEF, Role.OPERATOR)]


class AuditView(BaseModel):
    """One act. `hash` covers the entry and the hash before it."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    by_id: str
    by_name: str
    act: str
    subject: str
    origin: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


class ChainView(BaseModel):
    """Whether the chain holds: `entries` were read, `broken_at` is the first that does not follow (null: all do)."""

    entries: int
    broken_at: int | None
    head: str


@router.get("/v1/audit", dependencies=readers, summary="Read the audit, newest first", response_model=Page[AuditView])
async def read_audit(
    request: Request,
    response: Response,
    session: Reading,
    subject: Annotated[str | None, Query(examples=["article:0190…"])] = None,
    by: str | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    wanted: fields.Fields = None,
) -> Page[AuditView] | Response:
    """Every act of people and of the house's rules; entries are never changed or removed."""
    chosen = fields.asked(wanted, AuditView)
    before = decode_cursor(cursor, int)[0] if cursor else None
    rows = await audit.list_audit(session, subject=subject, by_id=by, before=before, limit=limit + 1)
    following = encode_cursor(rows[limit - 1].number) if len(rows) > limit else None
    entries = [AuditView.model_validate(row) for row in rows[:limit]]
    answer = response if chosen is None else fields.models(entries, following, chosen)
    link_next(answer, request, following)
    return Page(items=entries, next=following) if chosen is None else answer


@router.get("/v1/audit/verification", dependencies=readers, summary="Verify the audit's chain")
async def verify_audit(session: Reading) -> ChainView:
    """Recomputes every hash from the first entry on."""
    last = GENESIS
    while rows := await audit.read_audit(session, last.number):
        broken, last = broken_at(last, (row.model_dump() for row in rows))
        if broken is not None:
            return ChainView(entries=last.number, broken_at=broken, head=last.hash)
    return ChainView(entries=last.number, broken_at=None, head=last.hash)
