"""A store as months of news would leave it, written straight into enrichment's tables.

Reading so many articles would take hours; instead each thing is made to weigh what it weighs in use:

- An article is pieced together from twelve of the sources (the articles of the evaluation data, read by the service's
  own steps): a twelfth of the terms and of the tags of each. Lists of terms and tags grow as they would, and two
  articles are alike only where they tell of the same events.
- Stories have Zipf sizes (1 to 60 articles, three in five of one article); their articles share six tenths of their
  pieces and come within a day or so of each other. Every second source is what an open story is about, and one in
  twelve was stored before word for word.
- Outlets (200) and authors (3,000; a quarter of the articles names none) are drawn by rank, the section is the guess
  for the first source, 2,000 articles come a day.
- The vocabulary grows with the 0.7th power of the articles, as that of the sources does (629 tags in 100 articles,
  10,307 in 3,171); a quarter of it is known. Tags that no source has are made of the words of those that one has.
- Editors chose the section of one article in thirty, at most 3,000 times.
- The newest 2,304 articles are still listed row by row, as they are between two packings (256 to 4,352).
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import numpy.typing as npt

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.duplicates import INDEXED, lower_halves
from services.enrichment.domain.features import RECORD, Features
from services.enrichment.domain.search import search_vector
from services.enrichment.domain.text import slug
from services.enrichment.steps.section import section_words
from services.enrichment.storage.prints import HELD
from services.enrichment.use_cases.candidates import Listings
from services.enrichment.use_cases.enricher import VERSION
from shared.runtime import new_id, utc_now

Ints = npt.NDArray[np.int32]

PARTS = 12
OUTLETS, AUTHORS, A_DAY = 200, 3_000, 2_000
_FRESH = 2_304
_OPEN = 20_000  # the newest articles, among which are the stories that the sources are about
_COPIED = 12
_KINDS = ("person", "organisation", "place", "event", "topic")
_ARTICLE = (
    "number", "article_id", "state", "ingested", "language", "outlet", "authors", "section", "tags", "story_id",
    "published_at", "features", "sample", "enricher",
)  # fmt: skip
_STORY = ("id", "label", "language", "size", "first_number", "latest_number", "first_at", "latest_at")
_TAG = ("slug", "name", "kind", "status", "uses", "changed_at")


@dataclass(frozen=True)
class Piece:
    """A twelfth of a source: some of its terms, the heaviest of them (an article is listed under those), some tags."""

    records: npt.NDArray[np.void]
    heaviest: list[int]
    tags: list[str]


@dataclass(frozen=True)
class Plan:
    """For each article in order of arrival: the twelve pieces it is made of, its story, whose copy it is (or -1)."""

    pieces: Ints
    story: Ints
    copy_of: Ints


def pieces_of(draft: Draft, terms: int) -> list[Piece]:
    """A source in twelve pieces."""
    records = np.frombuffer(draft.features.packed, dtype=RECORD)
    slugs = [t.slug for t in draft.tags]
    shares = [terms * (at + 1) // PARTS - terms * at // PARTS for at in range(PARTS)]
    parts = [records[at::PARTS] for at in range(PARTS)]
    return [
        Piece(part, Features(part.tobytes()).rarest(share), slugs[at::PARTS])
        for at, (part, share) in enumerate(zip(parts, shares, strict=True))
    ]


def plan(languages: Sequence[str], stored: int) -> Plan:
    """Draw so many articles from sources in these languages."""
    chance = np.random.default_rng(2)
    sizes = np.minimum(chance.zipf(2.0, stored), 60)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), stored)) + 1]
    story = np.repeat(np.arange(len(sizes)), sizes)[:stored]
    came = chance.uniform(0, stored, len(sizes))[story] + chance.exponential(A_DAY, stored)
    story = story[np.argsort(came)]
    alike = [np.flatnonzero(np.array(languages) == language) for language in languages]
    pool = np.array([others[chance.integers(0, len(others), 512)] for others in alike])  # others of its language
    about = chance.integers(0, len(languages), len(sizes))
    own = pool[about[:, None], chance.integers(0, 512, (len(sizes), PARTS))]
    own[:, 0] = about
    followed = chance.permutation(np.unique(story[-_OPEN:]))[: len(languages) // 2]
    for source, at in zip(range(0, len(languages), 2), followed, strict=False):
        own[at, :8] = about[at] = source
    other = pool[about[story][:, None], chance.integers(0, 512, (stored, PARTS))]
    sources = np.where(chance.random((stored, PARTS)) < 0.6, own[story], other)
    copied = np.arange(0, len(languages), _COPIED)
    copy_of = np.full(stored, -1, dtype=np.int32)
    copy_of[stored - 1 - chance.permutation(min(stored, _OPEN))[: len(copied)]] = copied
    return Plan((sources * PARTS + np.arange(PARTS)).astype(np.int32), story.astype(np.int32), copy_of)


async def fill(link: asyncpg.Connection, sources: Sequence[Draft], stored: int, terms: int) -> None:
    """Fill empty tables; indexes that no constraint needs are built afterwards."""
    pieces = [piece for draft in sources for piece in pieces_of(draft, terms)]
    planned = plan([d.language for d in sources], stored)
    indexes = await link.fetch(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname "
        "WHERE i.tablename IN ('articles', 'texts') AND c.oid IS NULL"
    )
    for index in indexes:
        await link.execute(f"DROP INDEX {index['indexname']}")
    await link.execute("ALTER TABLE articles SET (autovacuum_enabled = off)")
    stories = [new_id() for _ in range(int(planned.story.max()) + 1)]
    listed = _terms_listed(planned, pieces)
    prints: list[Ints] = []
    named: dict[int, array[int]] = defaultdict(lambda: array("i"))
    for start in range(0, stored, 20_000):
        numbers = range(start, min(stored, start + 20_000))
        rows = [_article(n, stored, planned, sources, pieces, stories) for n in numbers]
        await link.copy_records_to_table("articles", records=rows, columns=_ARTICLE)
        for row in rows:
            for key in Listings.of(row[6], row[7], row[8].splitlines()):
                named[key].append(row[0])
        prints += [_prints(n, planned, sources)[:INDEXED] for n in numbers]
    for key, numbers_so_named in named.items():
        listed[key].append(np.frombuffer(numbers_so_named, dtype=np.int32))
    await link.copy_records_to_table("stories", records=_stories(planned, sources, stories, stored), columns=_STORY)
    await _lists(link, listed, stored)
    await _print_lists(link, prints)
    await _texts(link, planned, sources)
    await _vocabulary(link, sources, stored)
    await _choices(link, sources, min(3_000, stored // 30))
    for index in indexes:
        await link.execute("SET maintenance_work_mem = '512MB'")
        await link.execute(index["indexdef"])
    await link.execute("SELECT setval(pg_get_serial_sequence('articles', 'number'), $1)", stored)
    await link.execute("VACUUM ANALYZE")


def by_rank(chance: np.random.Generator, names: int) -> int:
    """A number below `names`, each the rarer the further down it stands (Zipf)."""
    return min(names - 1, int(names ** chance.random()) - 1)


def day_of(number: int, stored: int, now: datetime) -> datetime:
    """When an article came."""
    return now - timedelta(days=(stored - number) / A_DAY)


def outlet_and_authors(chance: np.random.Generator) -> tuple[str, list[str]]:
    """Who tells an article."""
    named = chance.random() < 0.75
    return f"Outlet {by_rank(chance, OUTLETS)}", [f"Author Number {by_rank(chance, AUTHORS)}"] if named else []


def _article(
    at: int, stored: int, planned: Plan, sources: Sequence[Draft], pieces: Sequence[Piece], stories: Sequence[UUID]
) -> tuple[Any, ...]:
    chance = np.random.default_rng(at)
    mine = [pieces[p] for p in planned.pieces[at]]
    source = sources[planned.copy_of[at] if planned.copy_of[at] >= 0 else planned.pieces[at][0] // PARTS]
    outlet, authors = outlet_and_authors(chance)
    packed, tags = _together(mine), list(dict.fromkeys(t for p in mine for t in p.tags))
    if planned.copy_of[at] >= 0:
        packed, tags = source.features.packed, [t.slug for t in source.tags]
    came = day_of(at, stored, utc_now())
    return (
        at + 1, _id(came, chance), "published" if at % 3 else "draft", 1, source.language, outlet, authors,
        source.guess.slug if source.guess else None, "\n".join(tags), stories[planned.story[at]], came,
        packed, lower_halves(_prints(at, planned, sources).tolist()), VERSION,
    )  # fmt: skip


def _id(came: datetime, chance: np.random.Generator) -> UUID:
    """An id as ingest gives them: the moment, then chance (version 7)."""
    return UUID(bytes=round(came.timestamp() * 1000).to_bytes(6) + chance.bytes(10))


def _prints(at: int, planned: Plan, sources: Sequence[Draft]) -> Ints:
    """An article's fingerprints: its source's where it is a copy, else chance."""
    if planned.copy_of[at] >= 0:
        return np.array(sources[planned.copy_of[at]].fingerprints, dtype=np.int32)
    drawn = np.random.default_rng(at + 2**32).integers(-(2**31), -(2**31) + 2**29, 24)
    return np.sort(drawn).astype(np.int32)


def _together(mine: Sequence[Piece]) -> bytes:
    both = np.concatenate([p.records for p in mine])
    _, distinct = np.unique(both["key"], return_index=True)
    packed: bytes = both[distinct].tobytes()
    return packed


def _stories(
    planned: Plan, sources: Sequence[Draft], stories: Sequence[UUID], stored: int
) -> Iterator[tuple[Any, ...]]:
    order = np.argsort(planned.story, kind="stable")
    bounds = np.searchsorted(planned.story[order], np.arange(len(stories) + 1))
    now = utc_now()
    for which, key in enumerate(stories):
        members = order[bounds[which] : bounds[which + 1]]
        if len(members):
            first, last = int(members[0]), int(members[-1])
            source = sources[planned.pieces[first][0] // PARTS]
            dates = day_of(first, stored, now), day_of(last, stored, now)
            yield key, source.headline[:300], source.language, len(members), first + 1, last + 1, *dates


def _terms_listed(planned: Plan, pieces: Sequence[Piece]) -> dict[int, list[Ints]]:
    """For each term the numbers of the articles listed under it."""
    flat = planned.pieces.ravel()
    order = np.argsort(flat, kind="stable")
    bounds = np.searchsorted(flat[order], np.arange(len(pieces) + 1))
    listed: dict[int, list[Ints]] = defaultdict(list)
    for at, piece in enumerate(pieces):
        numbers = (order[bounds[at] : bounds[at + 1]] // PARTS + 1).astype(np.int32)
        for key in piece.heaviest:
            listed[key].append(numbers)
    return listed


async def _lists(link: asyncpg.Connection, listed: Mapping[int, list[Ints]], stored: int) -> None:
    """Older numbers in blocks, the newest in rows."""
    settled = max(0, stored - _FRESH)
    fresh: list[tuple[int, int]] = []

    def blocks() -> Iterator[tuple[int, int, bytes]]:
        for key, parts in listed.items():
            numbers = np.unique(np.concatenate(parts))
            fresh.extend((key, n) for n in numbers[numbers > settled].tolist())
            numbers = numbers[numbers <= settled]
            for at in range(0, len(numbers), 256):
                yield key, int(numbers[at]), numbers[at : at + 256].astype(">i4").tobytes()

    await link.copy_records_to_table("blocks", records=blocks(), columns=("term", "block", "numbers"))
    await link.copy_records_to_table("postings", records=sorted(fresh), columns=("term", "number"))
    await link.execute("UPDATE packed SET upto = $1", settled)


async def _print_lists(link: asyncpg.Connection, prints: Sequence[Ints]) -> None:
    """Fingerprints of older articles in blocks, those of the newest in rows."""
    settled = max(0, len(prints) - _FRESH)
    fresh = sorted((p, n) for n, own in enumerate(prints[settled:], settled + 1) for p in own.tolist())
    await link.copy_records_to_table("prints", records=fresh, columns=("print", "number"))
    numbers = np.repeat(np.arange(1, settled + 1), [len(own) for own in prints[:settled]])
    marks = np.concatenate(prints[:settled]) if settled else np.zeros(0, dtype=np.int32)
    order = np.lexsort((numbers, marks & 0xFFFF))
    numbers, marks = numbers[order], marks[order]
    bounds = np.searchsorted(marks & 0xFFFF, np.arange(0x1_0001))

    def blocks() -> Iterator[tuple[int, int, bytes]]:
        for half, (start, end) in enumerate(pairwise(bounds.tolist())):
            for at in range(start, end, 64):
                own = slice(at, min(end, at + 64))
                held = np.rec.fromarrays((numbers[own], marks[own] >> 16), dtype=HELD)
                yield half - 0x8000, int(numbers[at]), held.tobytes()

    await link.copy_records_to_table("print_blocks", records=blocks(), columns=("half", "block", "held"))


async def _texts(link: asyncpg.Connection, planned: Plan, sources: Sequence[Draft]) -> None:
    """The words of one source for each article; bodies (read only to lay suspects side by side) only of copies."""
    await link.execute("CREATE TABLE filling (source int, headline text, body text, vector text)")
    rows = [(at, d.headline, d.body, search_vector(d.headline, d.body)) for at, d in enumerate(sources)]
    await link.copy_records_to_table("filling", records=rows)
    await link.execute("CREATE TABLE worded AS SELECT source, headline, body, vector::tsvector AS words FROM filling")
    await link.execute("CREATE TABLE wording (number int, source int, copied bool)")
    copied = planned.copy_of >= 0
    source = np.where(copied, planned.copy_of, planned.pieces[:, 0] // PARTS)
    made = zip(range(1, len(source) + 1), source.tolist(), copied.tolist(), strict=True)
    await link.copy_records_to_table("wording", records=made)
    await link.execute(
        "INSERT INTO texts (number, headline, body, declared, words) "
        "SELECT number, headline, CASE WHEN copied THEN body ELSE '' END, 'en', words "
        "FROM wording JOIN worded USING (source) ORDER BY number"
    )
    await link.execute("DROP TABLE filling, worded, wording")


async def _vocabulary(link: asyncpg.Connection, sources: Sequence[Draft], stored: int) -> None:
    """The sources' tags, known, and others made of their words, a quarter of them known."""
    chance, now = np.random.default_rng(3), utc_now()
    rows: dict[str, tuple[Any, ...]] = {
        t.slug: (t.slug, t.name, t.kind, "proposed", 3, now) for d in sources for t in d.tags
    }
    words = [w for row in list(rows.values()) for w in row[1].split()]
    wanted = round(10_307 * (stored / 3_171) ** 0.7)
    while len(rows) < wanted:
        name = " ".join(words[w] for w in chance.integers(0, len(words), 2))
        kind, uses = _KINDS[int(chance.integers(0, 5))], 3 if chance.random() < 0.25 else 1
        rows.setdefault(slug(name), (slug(name), name, kind, "proposed", uses, now))
    await link.copy_records_to_table("tags", records=[r for r in rows.values() if r[0]], columns=_TAG)


async def _choices(link: asyncpg.Connection, sources: Sequence[Draft], many: int) -> None:
    """Sections that editors chose: the words of two sources by halves."""
    chance, now = np.random.default_rng(4), utc_now()
    chosen = []
    for one, two in chance.integers(0, len(sources), (many, 2)):
        words = sorted({*section_words(sources[one])[::2], *section_words(sources[two])[1::2]})
        guess = sources[one].guess
        chosen.append((UUID(bytes=chance.bytes(16)), 1, guess.slug if guess else "news", words, now))
    columns = ("article_id", "revision", "section", "words", "chosen_at")
    await link.copy_records_to_table("section_choices", records=chosen, columns=columns)
