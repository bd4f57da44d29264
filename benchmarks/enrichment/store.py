"""What one article costs enrichment, and what the index takes, with so many articles stored.

The store is filled by recombining the articles of the evaluation data (`NEWSROOM_DATA`, by default `../shared/data`):
each synthetic one has half the terms of one article and half of another, so that lists of terms grow as they would.
CPU is this process's own and the database server's together.
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
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import numpy as np
import numpy.typing as npt

from benchmarks.measure import percentile
from ops import servers
from services.enrichment.app import reading_steps
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.features import RECORD, Features
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.vocabulary import Vocabulary
from services.enrichment.settings import Settings
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.storage import articles
from services.enrichment.use_cases.candidates import asked_keys, best_candidates, newest_lists
from services.enrichment.use_cases.enrich import Heard, enrich
from services.enrichment.use_cases.enricher import Enricher
from shared.runtime import Database, utc_now
from shared.runtime.garbage import collect_less
from shared.runtime.migrate import upgrade

DATA = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[3] / "shared" / "data")) / "stories"
BATCH = 16
MEASURED = 160


def texts() -> list[dict[str, str]]:
    """The articles to recombine, in a fixed shuffle."""
    rows = [json.loads(line) for path in sorted(DATA.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    random.Random(1).shuffle(rows)
    return rows[:900]


def enricher(settings: Settings) -> Enricher:
    """The service's own, with an empty vocabulary."""
    return Enricher(reading_steps(ChooseTags(Vocabulary.of([])), GuessSection(Learner())), settings)


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


async def fill(url: str, sources: list[Draft], stored: int, terms: int) -> None:
    """Write so many synthetic articles and their blocks straight into the tables; the indexes are built afterwards."""
    chance = np.random.default_rng(2)
    link = await asyncpg.connect(user="postgres", database=_name(url), host=url.partition("host=")[2])
    await link.execute("DROP INDEX articles_marks; ALTER TABLE articles SET (autovacuum_enabled = off)")
    one, two = chance.integers(0, len(sources), stored), chance.integers(0, len(sources), stored)
    halves = [[_half(d, which, terms // 2) for d in sources] for which in (0, 1)]
    for start in range(0, stored, 20_000):
        numbers = range(start, min(stored, start + 20_000))
        marks = np.sort(chance.integers(-(2**31), 2**31, (len(numbers), 24), dtype=np.int32), axis=1)
        rows = [
            (n + 1, uuid4(), "draft", sources[one[n]].language, _mixed(halves[0][one[n]][0], halves[1][two[n]][0]),
             marks[n - start].tolist(), 300, f"Outlet {n % 200}")
            for n in numbers
        ]  # fmt: skip
        await _copy(link, rows)
    listed: dict[int, list[npt.NDArray[np.int32]]] = defaultdict(list)
    for chosen, side in ((one, halves[0]), (two, halves[1])):
        order = np.argsort(chosen, kind="stable").astype(np.int32)
        bounds = np.searchsorted(chosen[order], np.arange(len(sources) + 1))
        for at, (_, keys) in enumerate(side):
            for key in keys:
                listed[key].append(order[bounds[at] : bounds[at + 1]] + 1)
    await link.copy_records_to_table("blocks", records=_blocks(listed), columns=["term", "block", "numbers"])
    await link.execute("SET maintenance_work_mem = '512MB'")
    await link.execute(
        "CREATE INDEX articles_marks ON articles USING gin ((fingerprints[1:12])) WITH (fastupdate = off)"
    )
    await link.execute("SELECT setval(pg_get_serial_sequence('articles', 'number'), $1)", stored)
    await link.execute("VACUUM ANALYZE")
    await link.close()


def _half(draft: Draft, which: int, most: int) -> tuple[npt.NDArray[np.void], list[int]]:
    """Every second term of an article, and the heaviest of them, under which it is listed."""
    records = np.frombuffer(draft.features.packed, dtype=RECORD)[which::2]
    return records, Features(records.tobytes()).rarest(most)


def _mixed(one: npt.NDArray[np.void], two: npt.NDArray[np.void]) -> bytes:
    both = np.concatenate([one, two])
    _, distinct = np.unique(both["key"], return_index=True)
    packed: bytes = both[distinct].tobytes()
    return packed


def _blocks(listed: Mapping[int, list[npt.NDArray[np.int32]]]) -> Iterator[tuple[int, int, bytes]]:
    for key, parts in listed.items():
        numbers = np.unique(np.concatenate(parts))
        for at in range(0, len(numbers), 256):
            yield key, int(numbers[at]), numbers[at : at + 256].astype(">i4").tobytes()


async def _copy(link: asyncpg.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    columns = ["number", "article_id", "state", "language", "features", "fingerprints", "shingles", "outlet"]
    await link.copy_records_to_table("articles", records=rows, columns=columns)


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


async def measure(data: Path, url: str, stored: int) -> dict[str, float]:
    """Enrich fresh articles in batches and alone, and look up candidates one by one."""
    settings = Settings(database_url=url, redis_url="redis://127.0.0.1:1", command_timeout=600.0)
    reader = enricher(settings)
    drafts = [Draft(uuid4(), r["title"], r["text"], r.get("lang", "en")) for r in texts()]
    collect_less()  # as the service does
    database = Database(settings, "enrichment")
    heard = [Heard(d, "ingested", 1) for d in drafts[: MEASURED + 2 * BATCH]]
    for at in (0, BATCH):
        await _batch(database, reader, heard[at : at + BATCH])
    own, theirs, began = time.process_time(), server_seconds(data), time.perf_counter()
    costs = []
    for at in range(2 * BATCH, len(heard), BATCH):
        start = time.process_time()
        await _batch(database, reader, heard[at : at + BATCH])
        costs.append((time.process_time() - start) / BATCH * 1000)
    wall = time.perf_counter() - began
    server = (server_seconds(data) - theirs) * 1000 / MEASURED
    cpu = (time.process_time() - own) * 1000 / MEASURED
    single, found = [], []
    for h in heard[:60]:
        start = time.process_time()
        await _batch(database, reader, [Heard(replace(h.draft, article_id=uuid4()), "ingested", 1)])
        single.append((time.process_time() - start) * 1000)
    async with database.reading() as session:
        for d in [reader.read(d) for d in drafts[400:600]]:
            start = time.perf_counter()
            keys = asked_keys(d, settings)
            lists = await newest_lists(session, [keys], settings)
            await articles.known_articles(session, best_candidates(0, keys, [], lists, settings.candidates))
            found.append((time.perf_counter() - start) * 1000)
    sizes = await _sizes(url)
    await database.close()
    return {
        "stored": stored, "load": round(os.getloadavg()[0], 1),
        "words": round(statistics.mean(len(d.body.split()) for d in drafts[: MEASURED + 2 * BATCH])),
        "cpu_ms_mean": round(cpu + server, 1), "of_it_server": round(server, 1),
        "cpu_ms_p95_of_batches": round(percentile(costs, 0.95) + server, 1),
        "alone_cpu_ms_p50": round(statistics.median(single) + server, 1),
        "alone_cpu_ms_p95": round(percentile(single, 0.95) + server, 1),
        "articles_a_second_a_core": round(1000 / (cpu + server)), "articles_a_second": round(MEASURED / wall),
        "candidates_ms_p50": round(statistics.median(found), 1), "candidates_ms_p95": round(percentile(found, 0.95), 1),
        "memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        **{k: round(v / stored) for k, v in sizes.items()},
    }  # fmt: skip


async def _batch(database: Database, reader: Enricher, heard: list[Heard]) -> None:
    async with database.transaction() as tx:
        tx.tell(*await enrich(tx.session, reader, heard, utc_now()))


async def _sizes(url: str) -> dict[str, int]:
    link = await asyncpg.connect(user="postgres", database=_name(url), host=url.partition("host=")[2])
    try:
        asked = "SELECT pg_total_relation_size($1::regclass)"
        return {f"bytes_{t}": await link.fetchval(asked, t) for t in ("articles", "blocks", "postings")}
    finally:
        await link.close()


async def fill_new(base: str, stored: int) -> None:
    """A database of its own with so many articles."""
    link = await asyncpg.connect(user="postgres", database="postgres", host=base.partition("host=")[2])
    await link.execute(f"CREATE DATABASE stored_{stored}")
    await link.close()
    url = base.replace("/postgres?", f"/stored_{stored}?")
    await asyncio.to_thread(upgrade, "enrichment", url)
    settings = Settings(database_url=url, redis_url="redis://127.0.0.1:1")
    read = enricher(settings).read
    sources = [read(Draft(uuid4(), r["title"], r["text"], r.get("lang", "en"))) for r in texts()]
    await fill(url, sources, stored, settings.terms_asked)


async def main(arguments: Sequence[str]) -> None:
    """Fill a store, measure it, or (with no act named) both, for each number of stored articles."""
    acts = argparse.ArgumentParser(prog="python -m benchmarks.enrichment store", description=__doc__)
    acts.add_argument("stored", nargs="*", type=int, default=[10_000, 100_000])
    acts.add_argument("--folder", type=Path, help="keep the filled stores here, to fill once and measure often")
    acts.add_argument("--only", choices=["fill", "measure"])
    given = acts.parse_args(arguments)
    if not DATA.is_dir():
        print(f"skipped, no data: {DATA} is not there; NEWSROOM_DATA names the folder")
        return
    with tempfile.TemporaryDirectory() as scratch:
        data = (given.folder or Path(scratch)) / "pg"
        base = servers.start_postgres(data, durable=True)
        try:
            for count in given.stored:
                if given.only != "measure":
                    await fill_new(base, count)
                if given.only != "fill":
                    print(
                        json.dumps(await measure(data, base.replace("/postgres?", f"/stored_{count}?"), count)),
                        flush=True,
                    )
        finally:
            servers.stop_postgres(data)
