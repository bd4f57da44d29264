"""Which article an item belongs to: known by a name it has, by its words, or new."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.ingest.domain.identity import Known, keys_of, same_story, sketch, tells_another_story
from services.ingest.domain.items import Item
from services.ingest.storage import Article, articles
from shared.runtime import Transaction, new_id

_LOOKBACK = timedelta(days=30)
_CANDIDATES = 5  # stories of one batch a text is compared with in full

Whose = tuple[UUID, str | None]  # the article, and how it was recognised where it was known


@dataclass(slots=True)
class _Names:
    """What is known while the items of one batch are identified; `fresh` are the stories that begin with it."""

    source_id: UUID
    now: datetime
    names: dict[str, UUID]
    ignored: frozenset[str]
    fresh: dict[UUID, Item]
    sketches: dict[int, list[UUID]]


async def identify(
    tx: Transaction, source_id: UUID, items: Sequence[Item], now: datetime
) -> tuple[list[Whose], dict[UUID, Item]]:
    """For each item its article; and the stories that begin with this batch, which have their names now."""
    keys = [keys_of(item) for item in items]
    shared = Counter(key for ks in keys for key in ks if key.startswith("url:"))
    ignored = frozenset(key for key, count in shared.items() if count > 2)  # a feed whose entries all point to one page
    names = await articles.known_names(tx.session, source_id, (key for ks in keys for key in ks))
    known = _Names(source_id, now, names, ignored, {}, defaultdict(list))
    whose = [await _identify(tx, known, item, ks) for item, ks in zip(items, keys, strict=True)]
    return await _claim(tx, known, whose, keys), known.fresh


async def _identify(tx: Transaction, known: _Names, item: Item, keys: list[str]) -> Whose:
    """The article an item belongs to: known by a name, by its text, or new."""
    for key in keys:
        article = known.names.get(key) if key not in known.ignored else None
        if article is not None and (key.startswith("guid:") or not await _is_another(tx, known, article, item)):
            return article, f"same {key.split(':', 1)[0]}"
    mine = [] if item.withdrawn else sketch(item.body_text)
    if mine and (found := await _by_its_words(tx, known, item, mine)):
        return found
    article = new_id()
    known.fresh[article] = item
    for number in mine:
        known.sketches[number].append(article)
    for key in keys:
        if key not in known.ignored or key.startswith("guid:"):
            known.names.setdefault(key, article)
    return article, None


async def _by_its_words(tx: Transaction, known: _Names, item: Item, mine: list[int]) -> tuple[UUID, str] | None:
    for candidate in await articles.lookalikes(tx.session, known.source_id, mine, known.now - _LOOKBACK):
        if why := same_story(_known(candidate), item):
            return candidate.id, why
    for article in _alike(known, mine):
        other = known.fresh[article]
        if why := same_story(Known(str(article), other.headline, other.body_text, other.published_at), item):
            return article, why
    return None


def _alike(known: _Names, mine: list[int]) -> list[UUID]:
    """Stories of this batch that share a hash of the sketch with one, the most alike first."""
    shared = Counter(article for number in mine for article in known.sketches.get(number, ())[:_CANDIDATES])
    return [article for article, _ in shared.most_common(_CANDIDATES)]


async def _is_another(tx: Transaction, known: _Names, article: UUID, item: Item) -> bool:
    """An address may be used again for another story; then only the text can tell."""
    if article in known.fresh:
        other = known.fresh[article]
        story = Known(str(article), other.headline, other.body_text, other.published_at, other.guid)
    else:
        row = await articles.article(tx.session, article)
        if row is None:
            return False
        story = _known(row)
    return tells_another_story(story, item)


async def _claim(tx: Transaction, known: _Names, whose: list[Whose], keys: list[list[str]]) -> list[Whose]:
    """Give every article its names.

    Where another writer was faster, the story is theirs and ours becomes a reading of it.
    """
    wanted: dict[str, UUID] = {}
    for (article, _), ks in zip(whose, keys, strict=True):
        for key in ks:
            if key not in known.ignored and known.names.get(key, article) == article:
                wanted.setdefault(key, article)
    already = {key for key, article in known.names.items() if article not in known.fresh}
    given = await articles.claim_names(
        tx.session, known.source_id, {key: article for key, article in wanted.items() if key not in already}
    )
    lost = [key for key, article in wanted.items() if key not in already and given.get(key) != article]
    if not lost:
        return whose
    owners = await articles.known_names(tx.session, known.source_id, lost)
    theirs = {wanted[key]: owner for key, owner in owners.items() if wanted[key] in known.fresh}
    for ours, owner in theirs.items():
        await articles.move_names(tx.session, ours, owner)
        known.fresh.pop(ours, None)
    return [
        (theirs.get(article, article), why or ("taken a moment ago" if article in theirs else None))
        for article, why in whose
    ]


def _known(row: Article) -> Known:
    item = Item.model_validate(row.item)
    return Known(str(row.id), row.headline, item.body_text, row.published_at, item.guid)
