"""Sources: add, list, show, change, remove, look now."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.ingest.api.views import AddSource, Answer, ChangeSource, FetchReport, SourceView
from services.ingest.storage import Source, sources
from services.ingest.use_cases.keeping import after_change
from services.ingest.use_cases.polling import Desk
from shared.events import Role
from shared.runtime import (
    Database,
    DoorRouter,
    Page,
    Problem,
    Reading,
    Tx,
    allow,
    decode_cursor,
    encode_cursor,
    link_next,
    new_id,
    part,
    utc_now,
)

router = DoorRouter(tags=["sources"])
_LEASE = timedelta(minutes=2)


@router.post("/v1/sources", status_code=201, dependencies=[allow(Role.EDITOR, Role.OPERATOR)])
async def add_source(body: AddSource, tx: Tx) -> SourceView:
    """Add a source. Its address is looked at at once; 409 where its name or address is already known."""
    if body.kind != "push" and body.url is None:
        raise Problem(
            422, "no-address", "A source needs an address.", detail="url: give the feed's, page's or sitemap's address."
        )
    if body.kind == "push" and body.name is None:
        raise Problem(
            422, "no-name", "A source of pushes needs a name.", detail="name: pushes name their source by it."
        )
    now = utc_now()
    values = body.model_dump(exclude_none=True) | {"name": body.name or _name_of(body.url or "")}
    made = await sources.add(
        tx.session,
        {
            "trust": "review",
            "full_text": "auto",
            "status": "active",
            "interval_seconds": 900,
            "failures": 0,
            **values,
            "id": new_id(),
            "next_at": now,
            "created_at": now,
        },
    )
    if made is None:
        raise Problem(
            409,
            "known-source",
            "This source is already there.",
            detail=f"Its name {values['name']!r} or its address is taken.",
        )
    return SourceView.of(made, now)


@router.get("/v1/sources", dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)])
async def list_sources(
    session: Reading,
    request: Request,
    response: Response,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    status: str | None = None,
) -> Page[SourceView]:
    """Sources by name, with their health."""
    after = decode_cursor(cursor, str)[0] if cursor else None
    found = await sources.listed(session, after, limit + 1, status)
    following = encode_cursor(found[limit - 1].name) if len(found) > limit else None
    totals = await sources.story_totals(session, [s.id for s in found[:limit]])
    link_next(response, request, following)
    now = utc_now()
    return Page(items=[SourceView.of(s, now, totals.get(s.id, 0)) for s in found[:limit]], next=following)


@router.get("/v1/sources/{source_id}", dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)])
async def show_source(source_id: UUID, session: Reading) -> SourceView:
    """One source: last and next check, last new story, health, last error."""
    found = await _found(session, source_id)
    totals = await sources.story_totals(session, [source_id])
    return SourceView.of(found, utc_now(), totals.get(source_id, 0))


@router.patch("/v1/sources/{source_id}", dependencies=[allow(Role.EDITOR, Role.OPERATOR)])
async def change_source(source_id: UUID, body: ChangeSource, tx: Tx) -> SourceView:
    """Change a source; `status: active` revives a stopped one, `null` takes a setting back."""
    found = await _found(tx.session, source_id, lock=True)
    wanted: dict[str, Any] = body.model_dump(exclude_unset=True)
    required = [
        name for name in ("name", "url", "status", "trust", "full_text") if name in wanted and wanted[name] is None
    ]
    if required:
        raise Problem(
            422, "needed", "This cannot be taken back.", detail=f"{', '.join(required)}: a source needs a value here."
        )
    for name, lookup in (("name", sources.named), ("url", sources.at_address)):
        other = await lookup(tx.session, wanted[name]) if name in wanted else None
        if other is not None and other.id != source_id:
            raise Problem(409, "known-source", "Another source has this.", detail=f"{name}: {wanted[name]!r} is taken.")
    now = utc_now()
    changes = after_change(found, wanted, now)
    if changes:
        await sources.change(tx.session, source_id, changes)
        await tx.session.refresh(found)
    return SourceView.of(found, now)


@router.delete("/v1/sources/{source_id}", status_code=204, dependencies=[allow(Role.EDITOR, Role.OPERATOR)])
async def remove_source(source_id: UUID, tx: Tx) -> None:
    """Remove a source. Its articles stay, and so does its fetch log."""
    await sources.remove(tx.session, await _found(tx.session, source_id, lock=True))


@router.post("/v1/sources/{source_id}/fetch", dependencies=[allow(Role.EDITOR, Role.OPERATOR)])
async def fetch_source(
    source_id: UUID, database: Annotated[Database, part(Database)], desk: Annotated[Desk, part(Desk)]
) -> FetchReport:
    """Look at a source now, and answer with what came of it; a failure is an answer too (`outcome: failed`, with
    its cause).
    """
    async with database.transaction() as tx:
        found = await _found(tx.session, source_id, lock=True)
        if found.kind == "push" or found.url is None:
            raise Problem(
                409, "no-address", "This source has no address to look at.", detail=f"{found.name} takes pushes only."
            )
        await sources.change(tx.session, source_id, {"leased_until": utc_now() + _LEASE})
    report = await desk.look(found)
    return FetchReport(
        outcome=report.outcome,
        found=report.found,
        items=[Answer.of(t) for t in report.taken],
        cause=report.cause,
        detail=report.detail,
        next_check_at=report.next_at,
    )


async def _found(session: AsyncSession, source_id: UUID, *, lock: bool = False) -> Source:
    found = await sources.source(session, source_id, lock=lock)
    if found is None:
        raise Problem(404, "unknown-source", "No such source.", detail=f"Nothing is known of the source {source_id}.")
    return found


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path.rstrip('/')}"[:200]
