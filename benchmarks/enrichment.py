"""What one article costs enrichment, and what the index takes, with so many articles stored: `make bench-enrichment`.

The store is filled by recombining the articles of the evaluation data (`NEWSROOM_DATA`, by default `../shared/data`):
each synthetic one has half the terms of one article and half of another, so that lists of terms grow as they would.
`python -m benchmarks.enrichment [STORED…]`; CPU is this process's own and the database server's together.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import numpy as np

from ops import servers
from services.enrichment.app import reading_steps
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.features import RECORD, Features
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.vocabulary import Vocabulary
from services.enrichment.settings import Settings
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from services.enrichment.use_cases.enrich import Heard, enrich
from services.enrichment.use_cases.enricher import Enricher
from shared.runtime import Database, utc_now
from shared.runtime.migrate import upgrade

DATA = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[2] / "shared" / "data")) / "stories"
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
    """Write so many synthetic articles and their blocks straight into the tables."""
    chance = random.Random(2)
    link = await asyncpg.connect(user="postgres", database=_name(url), host=url.partition("host=")[2])
    records = [np.frombuffer(d.features.packed, dtype=RECORD) for d in sources]
    lists: dict[int, list[int]] = defaultdict(list)
    rows = []
    for number in range(1, stored + 1):
        one, two = chance.sample(range(len(sources)), 2)
        mixed = np.concatenate([records[one][::2], records[two][1::2]])
        _, first = np.unique(mixed["key"], return_index=True)
        features = Features(mixed[first].tobytes())
        for key in features.rarest(terms):
            lists[key].append(number)
        marks = sorted(chance.randrange(-(2**31), 2**31) for _ in range(24))
        rows.append(
            (number, uuid4(), "draft", sources[one].language, features.packed, marks, 300, f"Outlet {number % 200}")
        )
        if len(rows) == 10_000:
            await _copy(link, rows)
            rows = []
    await _copy(link, rows)
    blocks = (
        (key, numbers[at], np.array(numbers[at : at + 256], dtype=">i4").tobytes())
        for key, numbers in lists.items()
        for at in range(0, len(numbers), 256)
    )
    await link.copy_records_to_table("blocks", records=blocks, columns=["term", "block", "numbers"])
    await link.execute("SELECT setval(pg_get_serial_sequence('articles', 'number'), $1)", stored)
    await link.execute("VACUUM ANALYZE")
    await link.close()


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
    """Fill the store, enrich fresh articles, and look up candidates one by one."""
    settings = Settings(database_url=url, redis_url="redis://127.0.0.1:1", command_timeout=600.0)
    reader = enricher(settings)
    rows = texts()
    drafts = [Draft(UUID(int=at), r["title"], r["text"], r.get("lang", "en")) for at, r in enumerate(rows)]
    await fill(url, [reader.read(d) for d in drafts], stored, settings.terms_asked)
    database = Database(settings, "enrichment")
    heard = [Heard(Draft(uuid4(), d.headline, d.body, d.declared), "ingested", 1) for d in drafts[: MEASURED + BATCH]]
    await _batch(database, reader, heard[:BATCH])
    own, theirs, began = time.process_time(), server_seconds(data), time.perf_counter()
    walls = []
    for at in range(BATCH, len(heard), BATCH):
        start = time.perf_counter()
        await _batch(database, reader, heard[at : at + BATCH])
        walls.append((time.perf_counter() - start) / BATCH * 1000)
    wall = time.perf_counter() - began
    cpu = (time.process_time() - own) * 1000 / MEASURED
    server = (server_seconds(data) - theirs) * 1000 / MEASURED
    single = []
    for h in heard[:60]:
        start = time.perf_counter()
        await _batch(database, reader, [Heard(replace(h.draft, article_id=uuid4()), "ingested", 1)])
        single.append((time.perf_counter() - start) * 1000)
    sizes = await _sizes(url)
    await database.close()
    return {
        "stored": stored, "cpu_ms": round(cpu, 1), "server_cpu_ms": round(server, 1),
        "articles_a_second": round(MEASURED / wall),
        "batch_ms_median": round(statistics.median(walls), 1), "alone_ms_p50": round(statistics.median(single), 1),
        "alone_ms_p95": round(sorted(single)[57], 1), **{k: round(v / stored) for k, v in sizes.items()},
    }  # fmt: skip


async def _batch(database: Database, reader: Enricher, heard: list[Heard]) -> None:
    async with database.transaction() as tx:
        tx.tell(*await enrich(tx.session, reader, heard, utc_now()))


async def _sizes(url: str) -> dict[str, int]:
    link = await asyncpg.connect(user="postgres", database=_name(url), host=url.partition("host=")[2])
    try:
        asked = "SELECT pg_total_relation_size($1::regclass)"
        return {f"bytes_{t}": await link.fetchval(asked, t) for t in ("articles", "blocks")}
    finally:
        await link.close()


async def main(stored: list[int]) -> None:
    """Measure for each number of stored articles."""
    if not DATA.is_dir():
        print(f"skipped, no data: {DATA} is not there; NEWSROOM_DATA names the folder")
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "pg"
        base = servers.start_postgres(data, durable=True)
        try:
            for count in stored:
                link = await asyncpg.connect(user="postgres", database="postgres", host=base.partition("host=")[2])
                await link.execute(f"CREATE DATABASE stored_{count}")
                await link.close()
                url = base.replace("/postgres?", f"/stored_{count}?")
                await asyncio.to_thread(upgrade, "enrichment", url)
                print(json.dumps(await measure(data, url, count)), flush=True)
        finally:
            servers.stop_postgres(data)


if __name__ == "__main__":
    asyncio.run(main([int(a) for a in sys.argv[1:]] or [10_000, 100_000]))
