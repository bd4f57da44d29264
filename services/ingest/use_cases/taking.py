"""Taking items in: who they are, whether they changed, and the fact that tells it.

The whole batch in few statements.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.ingest.domain.identity import Known, fingerprint, keys_of, same_story, sketch, tells_another_story
from services.ingest.domain.items import Item, Outcome, SourceRef
from services.ingest.domain.revisions import Change, compare
from services.ingest.storage import Article, articles
from shared.events import ArticleIngested, ArticleWithdrawn, ChangeKind, Event
from shared.runtime import Transaction, new_id

_LOOKBACK = timedelta(days=30)
_CANDIDATES = 5  # stories of one batch a text is compared with in full


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
    """One batch on its way: the names known so far, and what is to be written."""

    source: SourceRef
    source_id: UUID
    now: datetime
    payload_id: UUID | None
    names: dict[str, UUID]
    ignored: frozenset[str]
    fresh: dict[UUID, Item]
    facts: list[Event]
    rows: list[dict[str, Any]]
    revisions: list[dict[str, Any]]
    sketches: dict[int, list[UUID]]


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
    keys = [keys_of(item) for item in items]
    shared = Counter(key for ks in keys for key in ks if key.startswith("url:"))
    ignored = frozenset(key for key, count in shared.items() if count > 2)  # a feed whose entries all point to one page
    names = await articles.known_names(tx.session, source_id, (key for ks in keys for key in ks))
    batch = _Batch(source, source_id, now, payload_id, names, ignored, {}, [], [], [], defaultdict(list))
    whose = [await _identify(tx, batch, item, ks) for item, ks in zip(items, keys, strict=True)]
    whose = await _claim(tx, batch, whose, keys)
    known = await articles.locked(tx.session, (article for article, _ in whose if article not in batch.fresh))
    hashes = list(entries) or [None] * len(items)
    taken = [
        await _take_one(tx, batch, known, item, article, why, entry)
        for item, (article, why), entry in zip(items, whose, hashes, strict=True)
    ]
    await articles.add(tx.session, batch.rows, batch.revisions)
    tx.tell(*batch.facts)
    return taken


async def _identify(tx: Transaction, batch: _Batch, item: Item, keys: list[str]) -> tuple[UUID, str | None]:
    """The article an item belongs to: known by a name, by its text, or new."""
    for key in keys:
        article = batch.names.get(key) if key not in batch.ignored else None
        if article is not None and (key.startswith("guid:") or not await _is_another(tx, batch, article, item)):
            return article, f"same {key.split(':', 1)[0]}"
    mine = [] if item.withdrawn else sketch(item.body_text)
    if mine and (found := await _by_its_words(tx, batch, item, mine)):
        return found
    article = new_id()
    batch.fresh[article] = item
    for number in mine:
        batch.sketches[number].append(article)
    for key in keys:
        if key not in batch.ignored or key.startswith("guid:"):
            batch.names.setdefault(key, article)
    return article, None


async def _by_its_words(tx: Transaction, batch: _Batch, item: Item, mine: list[int]) -> tuple[UUID, str] | None:
    for candidate in await articles.lookalikes(tx.session, batch.source_id, mine, batch.now - _LOOKBACK):
        if why := same_story(_known(candidate), item):
            return candidate.id, why
    for article in _alike(batch, mine):
        other = batch.fresh[article]
        if why := same_story(Known(str(article), other.headline, other.body_text, other.published_at), item):
            return article, why
    return None


def _alike(batch: _Batch, mine: list[int]) -> list[UUID]:
    """Stories of this batch that share a hash of the sketch with one, the most alike first."""
    shared = Counter(article for number in mine for article in batch.sketches.get(number, ())[:_CANDIDATES])
    return [article for article, _ in shared.most_common(_CANDIDATES)]


async def _is_another(tx: Transaction, batch: _Batch, article: UUID, item: Item) -> bool:
    """An address may be used again for another story; then only the text can tell."""
    if article in batch.fresh:
        other = batch.fresh[article]
        known = Known(str(article), other.headline, other.body_text, other.published_at, other.guid)
    else:
        row = await articles.article(tx.session, article)
        if row is None:
            return False
        known = _known(row)
    return tells_another_story(known, item)


async def _claim(
    tx: Transaction, batch: _Batch, whose: list[tuple[UUID, str | None]], keys: list[list[str]]
) -> list[tuple[UUID, str | None]]:
    """Give every article its names.

    Where another writer was faster, the story is theirs and ours becomes a reading of it.
    """
    wanted: dict[str, UUID] = {}
    for (article, _), ks in zip(whose, keys, strict=True):
        for key in ks:
            if key not in batch.ignored and batch.names.get(key, article) == article:
                wanted.setdefault(key, article)
    already = {key for key, article in batch.names.items() if article not in batch.fresh}
    given = await articles.claim_names(
        tx.session, batch.source_id, {key: article for key, article in wanted.items() if key not in already}
    )
    lost = [key for key, article in wanted.items() if key not in already and given.get(key) != article]
    if not lost:
        return whose
    owners = await articles.known_names(tx.session, batch.source_id, lost)
    theirs = {wanted[key]: owner for key, owner in owners.items() if wanted[key] in batch.fresh}
    for ours, owner in theirs.items():
        await articles.move_names(tx.session, ours, owner)
        batch.fresh.pop(ours, None)
    return [
        (theirs.get(article, article), why or ("taken a moment ago" if article in theirs else None))
        for article, why in whose
    ]


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


def _known(row: Article) -> Known:
    item = Item.model_validate(row.item)
    return Known(str(row.id), row.headline, item.body_text, row.published_at, item.guid)
