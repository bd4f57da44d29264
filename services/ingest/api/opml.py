"""OPML in and out: many sources at once, tried dry before they are added."""

import asyncio
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.ingest.domain.items import Unreadable
from services.ingest.settings import Settings
from services.ingest.sources.opml import Outline, read_opml, write_opml
from services.ingest.storage import sources
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, Tx, allow, new_id, part, utc_now

router = DoorRouter(tags=["opml"])
_TAKEN = {"text/x-opml", "text/xml", "application/xml", "application/x-opml"}
_BODY = {
    "requestBody": {"required": True, "content": {name: {"schema": {"type": "string"}} for name in sorted(_TAKEN)}}
}


class OpmlEntry(BaseModel):
    """What became of one feed of the list."""

    name: str
    url: str
    outcome: Literal["added", "duplicate", "unusable"]
    detail: str | None = None


class OpmlReport(BaseModel):
    """What became of the list; with `dry_run` nothing was changed."""

    dry_run: bool
    added: int
    duplicates: int
    unusable: int
    items: list[OpmlEntry]


@router.post("/v1/opml", dependencies=[allow(Role.EDITOR, Role.OPERATOR)], openapi_extra=_BODY)
async def import_opml(
    request: Request,
    tx: Tx,
    settings: Annotated[Settings, part(Settings)],
    dry_run: Annotated[bool, Query(description="Only say what would happen.")] = False,
) -> OpmlReport:
    """Add the feeds of an OPML list; those already known, and those named twice, are reported and left alone."""
    content = await request.body()
    if len(content) > settings.most_bytes:
        raise Problem(
            413, "too-large", "The list is too large.", detail=f"At most {settings.most_bytes} bytes are taken."
        )
    try:
        outlines = await asyncio.to_thread(read_opml, content)
    except Unreadable as error:
        raise Problem(
            422, error.cause.replace("_", "-"), "This is no OPML list.", detail=str(error), cause=error.cause
        ) from error
    seen: set[str] = set()
    entries = [await _entry(tx, outline, seen, dry_run=dry_run) for outline in outlines]
    counts = {kind: sum(e.outcome == kind for e in entries) for kind in ("added", "duplicate", "unusable")}
    return OpmlReport(
        dry_run=dry_run,
        added=counts["added"],
        duplicates=counts["duplicate"],
        unusable=counts["unusable"],
        items=entries,
    )


@router.get("/v1/opml", dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)], response_class=Response)
async def export_opml(session: Reading) -> Response:
    """All feeds as an OPML 2.0 list."""
    outlines: list[Outline] = []
    after: str | None = None
    while found := await sources.listed(session, after, 500):
        outlines += [Outline(s.name, s.url, s.url, s.section, s.language) for s in found if s.kind == "feed" and s.url]
        after = found[-1].name
    headers = {"content-disposition": 'attachment; filename="newsroom.opml"'}
    return Response(write_opml(outlines, utc_now()), media_type="text/x-opml", headers=headers)


async def _entry(tx: Tx, outline: Outline, seen: set[str], *, dry_run: bool) -> OpmlEntry:
    if outline.url is None:
        return OpmlEntry(
            name=outline.name, url=outline.raw, outcome="unusable", detail="This is no absolute http(s) address."
        )
    if outline.url in seen:
        return OpmlEntry(name=outline.name, url=outline.url, outcome="duplicate", detail="Named twice in this list.")
    seen.add(outline.url)
    known = await sources.at_address(tx.session, outline.url)
    if known is not None:
        return OpmlEntry(
            name=outline.name, url=outline.url, outcome="duplicate", detail=f"Already there as {known.name!r}."
        )
    if not dry_run:
        name = (
            outline.name
            if await sources.named(tx.session, outline.name) is None
            else f"{outline.name} ({outline.url})"[:400]
        )
        now = utc_now()
        await sources.add(
            tx.session,
            {
                "id": new_id(),
                "name": name,
                "kind": "feed",
                "url": outline.url,
                "trust": "review",
                "full_text": "auto",
                "section": outline.section,
                "language": outline.language,
                "status": "active",
                "next_at": now,
                "interval_seconds": 900,
                "failures": 0,
                "created_at": now,
            },
        )
    return OpmlEntry(name=outline.name, url=outline.url, outcome="added")
