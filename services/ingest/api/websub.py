"""Where hubs call: their question whether we really subscribed, and what they push."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Request, Response
from fastapi.responses import PlainTextResponse

from services.ingest.domain.items import Unreadable
from services.ingest.settings import Settings
from services.ingest.sources.parsers import Parsers
from services.ingest.storage import sources
from services.ingest.use_cases.polling import hints_for
from services.ingest.use_cases.settling import ref
from services.ingest.use_cases.subscribing import confirmed, is_meant, is_signed
from services.ingest.use_cases.taking import take_items
from shared.events import Role
from shared.runtime import Database, DoorRouter, Problem, Tx, allow, new_id, part, utc_now

router = DoorRouter(tags=["websub"])


@router.get("/v1/websub/{source_id}", dependencies=[allow(Role.PUBLIC)], response_class=PlainTextResponse)
async def confirm_subscription(
    source_id: UUID,
    database: Annotated[Database, part(Database)],
    mode: Annotated[str, Query(alias="hub.mode", max_length=20)],
    topic: Annotated[str | None, Query(alias="hub.topic", max_length=4000)] = None,
    challenge: Annotated[str, Query(alias="hub.challenge", max_length=2000)] = "",
    lease: Annotated[int, Query(alias="hub.lease_seconds", ge=0)] = 86_400,
) -> PlainTextResponse:
    """Answer a hub's question: yes by its challenge, no by 404. A denial is written down."""
    async with database.transaction() as tx:
        source = await sources.source(tx.session, source_id, lock=True)
        if source is None or not is_meant(source, topic):
            raise Problem(
                404, "unknown-topic", "We did not subscribe to this.", detail="No source of ours asked for this topic."
            )
        if mode == "denied":
            await sources.change(tx.session, source_id, {"hub_state": "refused"})
            return PlainTextResponse("")
        if mode != "subscribe":
            raise Problem(
                404, "unknown-topic", "We did not ask for this.", detail=f"hub.mode {mode!r} was not asked for."
            )
        await sources.change(tx.session, source_id, confirmed(utc_now(), lease))
    return PlainTextResponse(challenge)


@router.post("/v1/websub/{source_id}", status_code=202, dependencies=[allow(Role.PUBLIC)])
async def take_distribution(
    source_id: UUID,
    request: Request,
    tx: Tx,
    database: Annotated[Database, part(Database)],
    parsers: Annotated[Parsers, part(Parsers)],
    settings: Annotated[Settings, part(Settings)],
    signature: Annotated[str | None, Header(alias="X-Hub-Signature")] = None,
) -> Response:
    """Take what a hub pushes.

    What is not signed with our secret is dropped, and the hub is not told (as the standard says).
    """
    async with database.reading() as session:
        source = await sources.source(session, source_id)
    content = await _bounded(request, settings.most_bytes)
    if source is None or content is None or not is_signed(source, content, signature):
        return Response(status_code=202)
    now = utc_now()
    try:
        harvest = await parsers.read("feed", content, hints_for(source, url=source.url))
    except Unreadable as error:
        await sources.log_fetch(
            tx.session,
            {
                "id": new_id(),
                "source_id": source.id,
                "source_name": source.name,
                "kind": "hub",
                "url": source.hub,
                "outcome": "failed",
                "cause": error.cause,
                "detail": str(error),
                "failed": 1,
                "size": len(content),
                "at": now,
            },
        )
        return Response(status_code=202)
    whole = [item for item in harvest.items if not item.partial or item.withdrawn]
    await take_items(tx, ref(source), whole, now=now)
    # Entries that only summarise lead to pages: the poller follows them, at once.
    due = {"next_at": now, "etag": None, "last_modified": None} if len(whole) < len(harvest.items) else {}
    await sources.change(tx.session, source.id, {"last_ok_at": now, **due})
    return Response(status_code=202)


async def _bounded(request: Request, most: int) -> bytes | None:
    """The body, or None where it is larger than we take: whoever it is may not fill our memory."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most:
            return None
    return bytes(content)
