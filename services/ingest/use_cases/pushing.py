"""What is handed over: our own JSON, ninjs, NewsML-G2, a feed's or a page's file. Read, taken in, and written down."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.ingest.domain.items import Complaint, Harvest, Hints, Item, Unreadable
from services.ingest.sources.own import PushItem, read_push
from services.ingest.sources.parsers import Parsers
from services.ingest.sources.reading import Form
from services.ingest.storage import Source, sources
from services.ingest.use_cases.archiving import keep, packed
from services.ingest.use_cases.fetching import Fetched
from services.ingest.use_cases.polling import hints_for
from services.ingest.use_cases.settling import ref
from services.ingest.use_cases.taking import Taken, take_items
from shared.runtime import Database, Transaction, new_id, utc_now

_NOTED_EVERY = timedelta(seconds=30)
PUSH = "push"  # the built-in source of pushes that name none


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a push: one answer per item, and what could not be read."""

    taken: list[Taken]
    complaints: list[Complaint]


async def source_for(tx: Transaction, name: str | None) -> Source:
    """The source a push belongs to; one that is named for the first time is made, to be reviewed."""
    wanted = name or PUSH
    found = await sources.named(tx.session, wanted)
    if found is not None:
        return found
    now = utc_now()
    made = await sources.add(
        tx.session,
        {
            "id": new_id(),
            "name": wanted,
            "kind": "push",
            "trust": "review",
            "full_text": "auto",
            "status": "active",
            "next_at": now,
            "interval_seconds": 900,
            "failures": 0,
            "created_at": now,
        },
    )
    found = made or await sources.named(tx.session, wanted)
    if found is None:
        raise Unreadable("no_source", f"The source {wanted!r} could not be made; try again.")
    return found


async def push_own(tx: Transaction, pushes: Sequence[PushItem], *, trust: str | None = None) -> Pushed:
    """Take our own JSON, one or many of one source."""
    source = await source_for(tx, pushes[0].source if pushes else None)
    hints = hints_for(source)
    items: list[Item] = []
    complaints: list[Complaint] = []
    for push in pushes:
        try:
            items.append(read_push(push, hints))
        except Unreadable as error:
            if len(pushes) == 1:
                raise
            complaints.append(Complaint(cause=error.cause, detail=str(error), entry=push.guid or push.url))
    return await _take(tx, source, items, complaints, trust, started=time.monotonic())


async def read_handed(
    database: Database, parsers: Parsers, document: Fetched, form: Form, *, source_name: str | None, url: str | None
) -> Harvest:
    """Read a document that was handed over, before any transaction is opened.

    Raises Unreadable where it gives nothing.
    """
    async with database.reading() as session:
        source = await sources.named(session, source_name or PUSH)
    hints = Hints(now=utc_now()) if source is None else hints_for(source)
    known = {"url": url, "charset": document.charset, "media_type": document.media_type}
    harvest = await parsers.read(form, document.content, hints.model_copy(update=known))
    if not harvest.items and not harvest.complaints:
        raise Unreadable("empty", f"{url or 'The document'} is a feed without entries.")
    return harvest


async def push_document(
    tx: Transaction,
    harvest: Harvest,
    document: Fetched,
    form: Form,
    *,
    source_name: str | None,
    trust: str | None,
    url: str | None,
) -> Pushed:
    """Take what a handed-over document gave."""
    started = time.monotonic()
    source = await source_for(tx, source_name)
    kept = await keep(tx, source.id, await packed(document, form), utc_now())
    items = [i for i in harvest.items if i.withdrawn or (i.headline and i.body_text)]
    empty = [i for i in harvest.items if not i.withdrawn and not (i.headline and i.body_text)]
    complaints = [
        *harvest.complaints,
        *(Complaint(cause="no_text", detail=f"{i.headline!r} has no text.", entry=i.guid) for i in empty),
    ]
    return await _take(
        tx, source, items, complaints, trust, started=started, url=url, size=len(document.content), payload=kept
    )


async def log_failure(
    database: Database, *, source_name: str | None, url: str | None, cause: str, detail: str, size: int
) -> None:
    """Write down a push that gave nothing; in its own transaction, because the door's is rolled back."""
    async with database.transaction() as tx:
        source = await sources.named(tx.session, source_name or PUSH)
        await sources.log_fetch(
            tx.session,
            {
                "id": new_id(),
                "source_id": source.id if source else None,
                "source_name": source_name or PUSH,
                "kind": "push",
                "url": url,
                "outcome": "failed",
                "cause": cause,
                "detail": detail,
                "failed": 1,
                "size": size,
                "at": utc_now(),
            },
        )


async def _take(
    tx: Transaction, source: Source, items: Sequence[Item], complaints: list[Complaint], trust: str | None,
    *, started: float, url: str | None = None, size: int = 0, payload: UUID | None = None,
) -> Pushed:  # fmt: skip
    now = utc_now()
    found = await take_items(tx, ref(source, trust), items, now=now, payload_id=payload)
    taken = [t for t in found if t is not None]
    lost = [item for item, t in zip(items, found, strict=True) if t is None]
    complaints += [
        Complaint(cause="unknown_article", detail=f"Nothing is known under {i.guid or i.url!r}; nothing withdrawn.")
        for i in lost
    ]
    changed = sum(t.outcome in ("new", "revised") for t in taken)
    fresh = source.last_story_at is not None and now - source.last_story_at < _NOTED_EVERY
    if changed and not fresh:  # pushes that come together must not queue for one row
        await sources.change(tx.session, source.id, {"last_story_at": now, "last_ok_at": now, "last_checked_at": now})
    if (
        complaints or len(items) != 1
    ):  # single pushes that went well are told by their articles; the log is for what is worth reading
        await sources.log_fetch(
            tx.session,
            {
                "id": new_id(),
                "source_id": source.id,
                "source_name": source.name,
                "kind": "push",
                "url": url,
                "outcome": "partly" if complaints and taken else "failed" if complaints else "ok",
                "cause": complaints[0].cause if complaints else None,
                "detail": "; ".join(c.detail for c in complaints[:3]) or None,
                "found": len(items),
                "new": sum(t.outcome == "new" for t in taken),
                "revised": sum(t.outcome == "revised" for t in taken),
                "failed": len(complaints),
                "size": size,
                "seconds": round(time.monotonic() - started, 3),
                "payload_id": payload,
                "at": now,
            },
        )
    return Pushed(taken, complaints)
