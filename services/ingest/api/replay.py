"""Replay: archived documents read again by today's readers, a portion at a time, dry unless told otherwise."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from services.ingest.api.views import Answer, ReplayRequest, Trouble
from services.ingest.sources.parsers import Parsers
from services.ingest.storage import sources
from services.ingest.use_cases.replaying import read_again
from shared.events import Role
from shared.runtime import Database, DoorRouter, Problem, Reading, allow, part

router = DoorRouter(tags=["replay"])


class Archive(BaseModel):
    """What is archived: documents, and their bytes before compression."""

    documents: int
    size: int


class ReplayReport(BaseModel):
    """What a portion came to. `next` goes into the next request's `after`; null when the archive has been read."""

    dry_run: bool
    read: int
    new: int
    revised: int
    unchanged: int
    items: list[Answer]
    errors: list[Trouble]
    next: UUID | None


@router.get("/v1/replay", dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)])
async def show_archive(session: Reading, source: str | None = None) -> Archive:
    """How much a replay would read."""
    documents, size = await sources.count_payloads(session, await _id_of(session, source))
    return Archive(documents=documents, size=size)


@router.post("/v1/replay", dependencies=[allow(Role.OPERATOR, Role.CHIEF)])
async def replay(
    body: ReplayRequest, database: Annotated[Database, part(Database)], parsers: Annotated[Parsers, part(Parsers)]
) -> ReplayReport:
    """Read one portion of the archive again; `items` are those that became new or revised."""
    async with database.reading() as session:
        found = await sources.payloads(session, await _id_of(session, body.source), body.after, body.limit + 1)
    portion = found[: body.limit]
    results = await read_again(database, parsers, portion, dry_run=body.dry_run)
    taken = [t for _, ts, _ in results for t in ts]
    return ReplayReport(
        dry_run=body.dry_run,
        read=len(portion),
        new=sum(t.outcome == "new" for t in taken),
        revised=sum(t.outcome == "revised" for t in taken),
        unchanged=sum(t.outcome == "unchanged" for t in taken),
        items=[Answer.of(t) for t in taken if t.outcome != "unchanged"],
        errors=[Trouble(cause="unreadable", detail=why, entry=p.url) for p, _, why in results if why],
        next=portion[-1].id if len(found) > body.limit else None,
    )


async def _id_of(session: AsyncSession, name: str | None) -> UUID | None:
    if name is None:
        return None
    found = await sources.named(session, name)
    if found is None:
        raise Problem(404, "unknown-source", "No such source.", detail=f"No source is called {name!r}.")
    return found.id
