"""Reading archived documents again with today's readers, to see or to take what they now make of them."""

import zlib
from collections.abc import Sequence
from uuid import UUID

from services.ingest.domain.items import Item, Unreadable
from services.ingest.sources.parsers import Parsers
from services.ingest.sources.reading import Form
from services.ingest.storage import Payload, Source, sources
from services.ingest.use_cases.polling import hints_for, joined
from services.ingest.use_cases.settling import ref
from services.ingest.use_cases.taking import Taken, take_items
from shared.runtime import Database, utc_now

_FORMS: dict[str, Form] = {
    "feed": "feed",
    "page": "page",
    "sitemap": "sitemap",
    "jsonfeed": "jsonfeed",
    "ninjs": "ninjs",
    "newsml": "newsml",
}


class _DryRun(Exception):
    """Raised to roll everything back after looking."""


async def read_again(
    database: Database, parsers: Parsers, payloads: Sequence[Payload], *, dry_run: bool
) -> list[tuple[Payload, list[Taken], str | None]]:
    """What each document comes to; the third value is why one could not be read."""
    results: list[tuple[Payload, list[Taken], str | None]] = []
    for payload in payloads:
        async with database.reading() as session:
            source = await sources.source(session, payload.source_id)
        if source is None:
            results.append((payload, [], "its source was removed"))
            continue
        try:
            items = await _items(parsers, payload, source)
        except Unreadable as error:
            results.append((payload, [], str(error)))
            continue
        results.append((payload, await _take(database, source, items, payload.id, dry_run=dry_run), None))
    return results


async def _items(parsers: Parsers, payload: Payload, source: Source) -> list[Item]:
    entry = Item.model_validate(payload.entry) if payload.entry else None
    hints = hints_for(source, url=payload.url or None).model_copy(
        update={"charset": payload.charset, "media_type": payload.media_type, "now": payload.at, "entry": entry}
    )
    harvest = await parsers.read(_FORMS.get(payload.form, "auto"), zlib.decompress(payload.content), hints, "slow")
    items = [joined(entry, item) for item in harvest.items] if entry else list(harvest.items)
    return [
        item
        for item in items
        if item.withdrawn or (item.body_text and not (item.partial and source.full_text != "feed"))
    ]


async def _take(database: Database, source: Source, items: list[Item], payload: UUID, *, dry_run: bool) -> list[Taken]:
    taken: list[Taken] = []
    try:
        async with database.transaction() as tx:
            taken = [t for t in await take_items(tx, ref(source), items, now=utc_now(), payload_id=payload) if t]
            if dry_run:
                raise _DryRun  # noqa: TRY301 - the exception is the only way out that commits nothing
    except _DryRun:
        pass
    return taken
