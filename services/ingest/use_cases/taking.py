"""Taking items in: whether they changed, and the fact that tells it. The whole batch in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.ingest.domain.identity import fingerprint, sketch
from services.ingest.domain.items import Item, Outcome, SourceRef
from services.ingest.domain.revisions import Change, compare
from services.ingest.storage import Article, articles
from services.ingest.use_cases.identifying import identify
from shared.events import ArticleIngested, ArticleWithdrawn, ChangeKind, Event
from shared.runtime import Transaction


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one item. `why` says how a known story was recognised."""

    article_id: UUID
    revision: int
    outcome: Outcome
    headline: str = ""
    change: str | None = None
    why: str | None = None


@dataclass(slots=True)
class _Batch:
    """One batch on its way: the stories that begin with it, and what is to be written."""

    source: SourceRef
    source_id: UUID
    now: datetime
    payload_id: UUID | None
    fresh: dict[UUID, Item]
    facts: list[Event] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)


async def take_items(
    tx: Transaction,
    source: SourceRef,
    items: Sequence[Item],
    *,
    now: datetime,
    payload_id: UUID | None = None,
    entries: Sequence[str | None] = (),
) -> list[Taken | None]:
    """Take items of one source, in order; None where an unknown story was withdrawn. Facts are told through `tx`.

    `entries` are the hashes of the feed entries that led to the items, where there were any.
    """
    source_id = UUID(source.id)
    whose, fresh = await identify(tx, source_id, items, now)
    batch = _Batch(source, source_id, now, payload_id, fresh)
    known = await articles.locked(tx.session, (article for article, _ in whose if article not in batch.fresh))
    hashes = list(entries) or [None] * len(items)
    taken = [
        await _take_one(tx, batch, known, item, article, why, entry)
        for item, (article, why), entry in zip(items, whose, hashes, strict=True)
    ]
    await articles.add(tx.session, batch.rows, batch.revisions)
    tx.tell(*batch.facts)
    return taken


async def _take_one(
    tx: Transaction,
    batch: _Batch,
    known: dict[UUID, Article],
    item: Item,
    article: UUID,
    why: str | None,
    entry: str | None,
) -> Taken | None:
    row = known.get(article)
    if row is None:
        return _take_new(batch, item, article, why, entry)
    if item.withdrawn:
        return await _withdraw(tx, batch, row, item)
    old = Item.model_validate(row.item)
    change = compare(old, item) if row.withdrawn_at is None else _return(old, item)
    if change is None:
        if entry is not None and (entry, item.mark) != (row.entry_hash, row.entry_mark):
            await articles.rewrite(tx.session, row.id, {"entry_hash": entry, "entry_mark": item.mark})
        return Taken(row.id, row.revision, "unchanged", row.headline, None, why)
    row.revision += 1
    row.item, row.headline, row.withdrawn_at = _dump(item), item.headline, None
    await articles.rewrite(
        tx.session,
        row.id,
        _columns(item)
        | {
            "revision": row.revision,
            "updated_at": batch.now,
            "withdrawn_at": None,
            "entry_hash": entry or row.entry_hash,
        },
    )
    _tell(batch, item, row.id, row.guid, row.revision, change)
    return Taken(row.id, row.revision, "revised", item.headline, change.kind, why)


def _take_new(batch: _Batch, item: Item, article: UUID, why: str | None, entry: str | None) -> Taken | None:
    if item.withdrawn:
        return None
    first = batch.fresh.get(article)
    if first is not item:  # the second reading of a story within one batch
        return Taken(article, 1, "unchanged", item.headline, None, why)
    guid = item.guid or item.canonical_url or item.url or f"urn:uuid:{article}"
    batch.rows.append(
        _columns(item)
        | {
            "id": article,
            "source_id": batch.source_id,
            "guid": guid,
            "revision": 1,
            "entry_hash": entry,
            "withdrawn_at": None,
            "ingested_at": batch.now,
            "updated_at": batch.now,
        }
    )
    _tell(batch, item, article, guid, 1, Change(kind="new", notes=[], diff=[]))
    return Taken(article, 1, "new", item.headline, "new")


async def _withdraw(tx: Transaction, batch: _Batch, row: Article, item: Item) -> Taken:
    if row.withdrawn_at is None:
        row.revision += 1
        row.withdrawn_at = batch.now
        await articles.rewrite(
            tx.session, row.id, {"revision": row.revision, "withdrawn_at": batch.now, "updated_at": batch.now}
        )
        batch.facts.append(
            ArticleWithdrawn(
                article_id=row.id, revision=row.revision, reason=item.withdrawn or "withdrawn", withdrawn_at=batch.now
            )
        )
    return Taken(row.id, row.revision, "withdrawn", row.headline)


def _return(old: Item, item: Item) -> Change:
    """A story that comes back after it was withdrawn is a real change, whatever its text."""
    change = compare(old, item)
    notes = ["published again after it was withdrawn", *(change.notes if change else [])]
    return Change(kind="update", notes=notes, diff=change.diff if change else [])


def _tell(batch: _Batch, item: Item, article: UUID, guid: str, revision: int, change: Change) -> None:
    kind: ChangeKind = change.kind
    batch.revisions.append(
        {
            "article_id": article,
            "revision": revision,
            "change": kind,
            "notes": change.notes,
            "diff": [list(d) for d in change.diff],
            "item": _dump(item),
            "payload_id": batch.payload_id,
            "at": batch.now,
        }
    )
    batch.facts.append(
        ArticleIngested(
            article_id=article,
            revision=revision,
            change=kind,
            source_id=batch.source_id,
            source_name=batch.source.name,
            trust=batch.source.trust,
            guid=guid,
            source_url=item.url or item.canonical_url,
            headline=item.headline,
            summary=item.summary,
            body_html=item.body_html,
            body_text=item.body_text,
            language=item.language or batch.source.language or "und",
            outlet=item.outlet or batch.source.outlet,
            wire=item.wire,
            byline=item.byline,
            authors=item.authors,
            published_at=item.published_at,
            section=item.section or batch.source.section,
            keywords=item.keywords,
            pictures=item.pictures,
            videos=item.videos,
            urgency=item.urgency,
            ednote=item.ednote,
            embargoed_until=item.embargoed_until,
            held=item.held,
            evidence=item.evidence,
            changes=change.notes,
            ingested_at=batch.now,
        )
    )


def _columns(item: Item) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint(item.headline, item.body_text),
        "headline": item.headline,
        "url": item.url,
        "canonical_url": item.canonical_url,
        "published_at": item.published_at,
        "sketch": sketch(item.body_text),
        "item": _dump(item),
        "entry_mark": item.mark,
    }


def _dump(item: Item) -> dict[str, Any]:
    return item.model_dump(mode="json", exclude_defaults=True, exclude={"mark"})
