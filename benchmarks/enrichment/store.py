"""What one article costs enrichment, and what the index takes, with so many articles stored.

The store is filled as months of news would leave it (`filling.py` says how), once, and kept; each measurement is made
in a copy of it, so that a second one meets what the first did. Measured is what the service does for an article that
came (the whole of `enrich`, the outbox and the commit) and an article's share of what comes later of it: entering its
words in the search index, packing its postings. CPU is this process's own and the database server's together.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import numpy as np

from benchmarks.enrichment.bars import Line, costs
from benchmarks.enrichment.filling import fill, outlet_and_authors
from benchmarks.measure import percentile
from ops import servers
from services.enrichment.app import reading_steps
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.rarity import Lately
from services.enrichment.domain.vocabulary import KnownTag, Vocabulary
from services.enrichment.settings import Settings
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.storage import articles, index
from services.enrichment.use_cases.candidates import asked_terms, best_candidates, newest_lists
from services.enrichment.use_cases.enrich import Heard, enrich
from services.enrichment.use_cases.enricher import Enricher
from services.enrichment.use_cases.knowledge import Knowledge
from shared.runtime import Database, utc_now
from shared.runtime.garbage import collect_less
from shared.runtime.migrate import upgrade

DATA = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[3] / "shared" / "data")) / "stories"
BATCH = 16
MEASURED = 160
ALONE = 60
_TABLES = ("articles", "blocks", "postings", "print_blocks", "prints", "stories", "tags")


def drafts() -> list[Draft]:
    """The articles to recombine and to measure with, in a fixed shuffle, as they arrive."""
    rows = [json.loads(line) for path in sorted(DATA.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    random.Random(1).shuffle(rows)
    chance, now = np.random.default_rng(1), utc_now()
    told = [(row, outlet_and_authors(chance)) for row in rows[:900]]
    return [
        Draft(uuid4(), r["title"], r["text"], r.get("lang", "en"), outlet, tuple(authors), None, (), now)
        for r, (outlet, authors) in told
    ]


def enricher(settings: Settings, vocabulary: Vocabulary) -> Enricher:
    """The service's own."""
    return Enricher(reading_steps(ChooseTags(vocabulary), GuessSection(Learner())), settings)


def sources(settings: Settings) -> list[Draft]:
    """The articles as they are read once all of their tags are known."""
    first = [enricher(settings, Vocabulary.of([])).read(d) for d in drafts()]
    known = Vocabulary.of(KnownTag(t.slug, t.name, t.kind) for d in first for t in d.tags)
    return [enricher(settings, known).read(d) for d in drafts()]


async def lived_in(database: Database, settings: Settings) -> Enricher:
    """The service's own, which has taken in the vocabulary and the choices that are stored."""
    tags, section, lately = ChooseTags(Vocabulary.of([])), GuessSection(Learner()), Lately()
    async with database.reading() as session:
        await Knowledge(tags, section, lately, settings).refresh(session)
    return Enricher(reading_steps(tags, section, lately), settings)


async def connected(base: str, database: str) -> asyncpg.Connection:
    """A connection past the service."""
    return await asyncpg.connect(user="postgres", database=database, host=base.partition("host=")[2])


def server_seconds(data: Path) -> float:
    """CPU seconds used so far by the processes of the database server, those that ended included."""
    postmaster = (data / "postmaster.pid").read_text().split("\n")[0]
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == postmaster:
            total += sum(map(int, fields[11:15]))
        elif fields[1] == postmaster:
            total += sum(map(int, fields[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


async def copy(base: str, stored: int) -> None:
    """Copy a filled store, for one measurement."""
    link = await connected(base, "postgres")
    await link.execute("DROP DATABASE IF EXISTS measured")
    await link.execute(f"CREATE DATABASE measured TEMPLATE stored_{stored} STRATEGY FILE_COPY")
    await link.close()
    await asyncio.to_thread(upgrade, "enrichment", base.replace("/postgres?", "/measured?"))


async def measure(data: Path, base: str, stored: int) -> dict[str, float]:
    """Enrich fresh articles in batches and alone, and look up candidates one by one, in the copy."""
    url = base.replace("/postgres?", "/measured?")
    settings = Settings(database_url=url, redis_url="redis://127.0.0.1:1", command_timeout=600.0)
    database = Database(settings, "enrichment")
    reader = await lived_in(database, settings)
    collect_less()  # as the service does
    link = await connected(base, "measured")
    sizes = await _sizes(link, stored)
    try:
        costs = await _costs(data, database, link, reader)
        found = await _candidates(database, reader)
        fresh = await _freshness(database, Database(settings, "enrichment"), reader)
    finally:
        await link.close()
        await database.close()
    return {
        "stored": stored, "load": round(os.getloadavg()[0], 1), **costs,
        "candidates_ms_p50": round(statistics.median(found), 1), "candidates_ms_p95": round(percentile(found, 0.95), 1),
        **fresh, "memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), **sizes,
    }  # fmt: skip


async def _costs(data: Path, database: Database, link: asyncpg.Connection, reader: Enricher) -> dict[str, float]:
    heard = [Heard(d, "ingested", 1) for d in drafts()[: MEASURED + 2 * BATCH]]
    await _enter_words(link)
    for at in (0, BATCH):
        await _batch(database, reader, heard[at : at + BATCH])
    await _enter_words(link)
    own, theirs, began = time.process_time(), server_seconds(data), time.perf_counter()
    batches = []
    for at in range(2 * BATCH, len(heard), BATCH):
        start = time.process_time()
        await _batch(database, reader, heard[at : at + BATCH])
        batches.append((time.process_time() - start) / BATCH * 1000)
    wall = time.perf_counter() - began
    cpu = (time.process_time() - own) * 1000 / MEASURED
    server = (server_seconds(data) - theirs) * 1000 / MEASURED
    theirs = server_seconds(data)
    await _enter_words(link)
    words = (server_seconds(data) - theirs) * 1000 / MEASURED
    theirs, single = server_seconds(data), []
    for h in heard[:ALONE]:
        start = time.process_time()
        again = h.draft._replace(article_id=uuid4(), published_at=utc_now() + timedelta(days=30))
        await _batch(database, reader, [Heard(again, "ingested", 1)])
        single.append((time.process_time() - start) * 1000)
    alone = (server_seconds(data) - theirs) * 1000 / ALONE
    packing = await _packing(data, database)
    later = words + packing
    return {
        "words": round(statistics.mean(len(h.draft.body.split()) for h in heard)),
        "cpu_ms_mean": round(cpu + server + later, 1), "of_it_server": round(server, 1), "of_it_later": round(later, 2),
        "cpu_ms_p95_of_batches": round(percentile(batches, 0.95) + server + later, 1),
        "alone_cpu_ms_p50": round(statistics.median(single) + alone + later, 1),
        "alone_cpu_ms_p95": round(percentile(single, 0.95) + alone + later, 1),
        "articles_a_second_a_core": round(1000 / (cpu + server + later)), "articles_a_second": round(MEASURED / wall),
    }  # fmt: skip


async def _enter_words(link: asyncpg.Connection) -> None:
    """What waits in the search index's list of pending entries, entered: PostgreSQL does so every 4 MB."""
    await link.execute("SELECT gin_clean_pending_list('texts_words')")


async def _packing(data: Path, database: Database) -> float:
    """CPU milliseconds an article for moving its postings into blocks."""
    async with database.transaction() as tx:
        oldest, newest = await index.fresh_range(tx.session)
        start = server_seconds(data)
        await index.settle(tx.session, 256, newest - oldest - 255)
    return (server_seconds(data) - start) * 1000 / (newest - oldest - 255)


async def _candidates(database: Database, reader: Enricher) -> list[float]:
    found = []
    async with database.reading() as session:
        for d in [reader.read(d) for d in drafts()[400:600]]:
            start = time.perf_counter()
            keys = asked_terms(d, reader.settings)
            lists = await newest_lists(session, [keys], reader.settings)
            await articles.known_articles(session, best_candidates(0, keys, lists, reader.settings.candidates))
            found.append((time.perf_counter() - start) * 1000)
    return found


async def _freshness(database: Database, other: Database, reader: Enricher) -> dict[str, float]:
    """How many articles are listed under their terms for another connection right after their commit, and how soon."""
    took = []
    for draft in drafts()[600 : 600 + ALONE]:
        keys = asked_terms(reader.read(draft), reader.settings)
        await _batch(database, reader, [Heard(draft, "ingested", 1)])
        start = time.perf_counter()
        async with other.reading() as session:
            lists = await newest_lists(session, [keys], reader.settings)
            number = (await articles.numbers_of(session, [draft.article_id]))[draft.article_id]
        if keys and all(number in lists[key] for key in keys):
            took.append((time.perf_counter() - start) * 1000)
    await other.close()
    return {"fresh_asked": ALONE, "fresh_found": len(took), "fresh_ms_p50": round(statistics.median(took), 1)}


async def _batch(database: Database, reader: Enricher, heard: list[Heard]) -> None:
    async with database.transaction() as tx:
        tx.tell(*await enrich(tx.session, reader, heard, utc_now()))


async def _sizes(link: asyncpg.Connection, stored: int) -> dict[str, int]:
    """Bytes an article of each table with its indexes; the text itself and its search index stand apart."""
    asked = "SELECT pg_total_relation_size($1::regclass)"
    sizes = {table: round(await link.fetchval(asked, table) / stored) for table in _TABLES}
    return {f"bytes_{table}": size for table, size in sizes.items()} | {"bytes_together": sum(sizes.values())}


async def fill_new(base: str, stored: int) -> None:
    """A database of its own with so many articles."""
    link = await connected(base, "postgres")
    await link.execute(f"CREATE DATABASE stored_{stored}")
    await link.close()
    url = base.replace("/postgres?", f"/stored_{stored}?")
    await asyncio.to_thread(upgrade, "enrichment", url)
    settings = Settings(database_url=url, redis_url="redis://127.0.0.1:1")
    link = await connected(base, f"stored_{stored}")
    await fill(link, sources(settings), stored, settings.terms_asked)
    await link.close()


async def main(arguments: Sequence[str]) -> list[Line]:
    """Fill a store, copy it, measure in the copy, or (with no act named) all three, for each number of articles."""
    acts = argparse.ArgumentParser(prog="python -m benchmarks.enrichment store", description=__doc__)
    acts.add_argument("stored", nargs="*", type=int, default=[10_000, 100_000])
    acts.add_argument("--folder", type=Path, help="keep the filled stores here, to fill once and measure often")
    acts.add_argument("--only", choices=["fill", "copy", "measure"], help="copy: of a filled store, for one measuring")
    given = acts.parse_args(arguments)
    if not DATA.is_dir():
        print(f"skipped, no data: {DATA} is not there; NEWSROOM_DATA names the folder")
        return []
    measured: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        data = (given.folder or Path(scratch)) / "pg"
        base = servers.start_postgres(data, durable=True)
        try:
            for count in given.stored:
                if given.only in (None, "fill"):
                    await fill_new(base, count)
                if given.only in (None, "copy"):
                    await copy(base, count)
                if given.only in (None, "measure"):
                    measured.append(await measure(data, base, count))
                    print(json.dumps(measured[-1]), flush=True)
        finally:
            servers.stop_postgres(data, seconds=120.0)
    lines = costs(measured)
    print("", *lines, sep="\n", flush=True)
    return lines
