"""Reading the desk and the public lists: latency at a steady load, and what a page costs in a small and a large house.

    python -m benchmarks.desk [--many 10000,1000000] [--stored 100000] [--rate 200] [--seconds 20]

First the median of each read straight on the storage functions, in houses of `--many` articles taken in turn (so that a
busy machine slows both alike), their ratio, and PostgreSQL's plans. Then p50/p99 of `GET` of a list page and of an
article at a steady rate in a house of `--stored` articles: a real process on one core of its own, an editor's token,
and PostgreSQL, Valkey and the asker on the other core. Latency is the machine's, ratios travel; 0 leaves a part out.
"""

import argparse
import asyncio
import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx2
from sqlalchemy.dialects import postgresql
from sqlmodel.ext.asyncio.session import AsyncSession

from ops import servers
from services.publishing.settings import Settings
from services.publishing.storage import articles, public, views
from services.publishing.storage.views import Wanted
from shared.runtime import Database
from shared.runtime.migrate import upgrade
from tests.publishing.desk.replicas import AUTH, Replica

_SEED = """
INSERT INTO articles (id, state, revision, words_of, machine, slug, content, headline, language, outlet, section, trust,
                      source_revision, taken_revision, touched, corrections, created_by, created_at, updated_at,
                      first_published_at, public_revision, public_words)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       CASE WHEN n % 3 = 0 THEN 'draft' ELSE 'published' END, 2, 1, 0, 'story-' || n,
       jsonb_build_object('headline', 'Story ' || n, 'body_html', '<p>Words of story ' || n || '.</p>',
                          'language', 'en', 'outlet', 'Outlet ' || n % 50, 'credit', 'Mai',
                          'source_url', 'https://outlet.example/' || n),
       'Story ' || n, 'en', 'Outlet ' || n % 50, 'section-' || n % 8, 'review', 1, 1, false, '[]', 'newsroom',
       timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second',
       timestamptz '2026-01-01' + n * interval '1 second', 2, 1
FROM generate_series($1::int, $2::int) AS n
"""
_PUBLIC = """
INSERT INTO public_articles (article_id, slug, revision, language, outlet, section, first_published_at, updated_at,
                             seen_at, article, related, related_by)
SELECT id, slug, 2, 'en', outlet, section, first_published_at, updated_at, updated_at,
       jsonb_build_object('article_id', id, 'revision', 2, 'slug', slug, 'url', 'http://x/articles/' || slug,
           'headline', headline, 'body_html', content->>'body_html', 'language', 'en', 'outlet', outlet,
           'source_url', content->>'source_url', 'published_at', first_published_at,
           'first_published_at', first_published_at, 'updated_at', updated_at, 'section', section), '[]', '{}'
FROM articles WHERE state = 'published' ON CONFLICT DO NOTHING
"""
_SHELVES = """
INSERT INTO public_shelves (kind, slug, first_published_at, article_id, name)
SELECT kind, CASE kind WHEN 'section' THEN section ELSE '' END, first_published_at, article_id, ''
FROM public_articles, unnest(ARRAY['all', 'section']) AS kind ON CONFLICT DO NOTHING
"""


async def seed(url: str, many: int) -> None:
    """Bring a new database to `many` articles, two in three of them public."""
    name = url.partition("?")[0].rpartition("/")[2]
    link = await asyncpg.connect(user="postgres", database=name, host=url.partition("host=")[2])
    for first in range(1, many + 1, 50_000):
        await link.execute(_SEED, first, min(first + 49_999, many))
    await link.execute(_PUBLIC)
    await link.execute(_SHELVES)
    await link.execute("VACUUM ANALYZE")
    await link.close()


async def costs(houses: dict[int, Database], rounds: int = 400) -> dict[int, dict[str, float]]:
    """Median milliseconds of each read in each house, in turn, at random places of the lists."""
    luck = random.Random(1)
    taken: dict[int, dict[str, list[float]]] = {many: {} for many in houses}
    for turn in range(rounds):
        for many, database in houses.items():
            async with database.reading() as session:
                for name, read in (await _reads(session, luck.randint(1, many))).items():
                    began = time.perf_counter()
                    await read()
                    if turn >= rounds // 10:
                        taken[many].setdefault(name, []).append((time.perf_counter() - began) * 1000)
    return {many: {name: statistics.median(t) for name, t in found.items()} for many, found in taken.items()}


async def _reads(session: AsyncSession, number: int) -> dict[str, Callable[[], Awaitable[object]]]:
    one = UUID(f"00000000-0000-7000-8000-{number:012x}")
    row = await articles.find_article(session, one)
    assert row is not None
    at = (row.updated_at, one)
    session.expunge_all()
    return {
        "desk page": lambda: views.list_lines(session, Wanted(), now=row.updated_at, after=at, limit=50),
        "desk article": lambda: views.read_whole(session, one),
        "public page": lambda: public.list_public(session, after=at, limit=20),
        "section page": lambda: public.list_public(session, "section", "section-1", after=at),
        "public article": lambda: public.find_public(session, f"story-{number}"),
    }


async def latency(house: Replica, many: int, rate: int, seconds: int) -> dict[str, list[float]]:
    """Milliseconds of every answer at a steady rate, measured from when it was due (no coordinated omission)."""
    luck, loop = random.Random(2), asyncio.get_running_loop()
    found: dict[str, list[float]] = {"list page": [], "article": []}
    lines = Lines(house.port, await _editor(house))

    async def ask(name: str, path: str, due: float) -> None:
        status = await lines.get(path)
        assert status == 200, f"{path}: {status}"
        found[name].append((loop.time() - due) * 1000)

    for warm in range(100):
        await lines.get(f"/v1/articles?limit={warm + 1}")
        await lines.get(f"/v1/articles/00000000-0000-7000-8000-{warm + 1:012x}")
    gc.disable()  # the asker's own pauses are not the house's
    start, tasks = loop.time(), []
    for n in range(rate * seconds):
        due = start + n / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
        key = f"00000000-0000-7000-8000-{luck.randint(1, many):012x}"
        name, path = ("list page", "/v1/articles?limit=50") if n % 2 else ("article", f"/v1/articles/{key}")
        tasks.append(asyncio.create_task(ask(name, path, due)))
    await asyncio.gather(*tasks)
    lines.close()
    return found


async def _editor(house: Replica) -> str:
    """A token of an editor: the bootstrap token is cheaper to check than those people have."""
    async with httpx2.AsyncClient(base_url=house.url, headers=AUTH) as client:
        made = await client.post("/v1/tokens", json={"name": "bench", "roles": ["editor"]})
        token = str(made.json()["token"])
        for _ in range(100):
            if (await client.get("/v1/me", headers={"authorization": f"Bearer {token}"})).status_code == 200:
                return token
            await asyncio.sleep(0.1)
    raise AssertionError("the token was not heard of in ten seconds")


class Lines:
    """Kept-alive connections that ask as cheaply as Python can: the asker must not be what is measured."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._free = port, list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]]()
        self._rest = f" HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n"

    async def get(self, path: str) -> int:
        """Ask and read the whole answer; its status."""
        reader, writer = await self._line()
        writer.write(f"GET {path}{self._rest}".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r")[0]))
        self._free.append((time.monotonic(), reader, writer))
        return int(head[9:12])

    async def _line(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            used, reader, writer = self._free.pop()
            if time.monotonic() - used < 3:  # the server hangs up after five quiet seconds
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        """Hang up."""
        for _, _, writer in self._free:
            writer.close()


async def plans(database: Database) -> None:
    """How PostgreSQL walks the lists: of the desk the very statements, of the public page its shape."""
    place = (datetime(2026, 1, 1, 1, tzinfo=UTC), UUID("00000000-0000-7000-8000-000000000e10"))
    asked = {
        "desk page": views.page_of_lines(Wanted(), after=place),
        "drafts": views.page_of_lines(Wanted(state="draft"), after=place),
        "search": views.page_of_lines(Wanted(q='"story 4321"')),
        "held": views.page_of_lines(Wanted(held=True)),
    }
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements = {
        name: str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        for name, query in asked.items()
    }
    statements["public page"] = (
        "SELECT a.slug FROM public_articles a JOIN public_shelves s USING (article_id) "
        "WHERE s.kind = 'all' AND s.slug = '' AND (s.first_published_at, s.article_id) < ('2026-01-01 01:00+00', "
        "'00000000-0000-7000-8000-000000000e10') ORDER BY s.first_published_at DESC, s.article_id DESC LIMIT 20"
    )
    async with database.engine.connect() as link:
        for name, statement in statements.items():
            print(f"\nplan of {name}:")
            explained = f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {statement}"
            for line in await link.exec_driver_sql(explained):
                print("   ", line[0])


def _quantiles(times: list[float]) -> str:
    ordered = sorted(times)
    return (
        f"p50 {ordered[len(ordered) // 2]:6.1f} ms   p99 {ordered[int(len(ordered) * 0.99)]:6.1f} ms   "
        f"most {ordered[-1]:6.1f} ms   n {len(ordered)}"
    )


async def main() -> None:
    """Seed, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", default="10000,1000000")
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=20)
    given = parser.parse_args()
    sizes = [int(size) for size in given.many.split(",") if int(size)]
    if len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(0, cores[1:])  # whatever is started from here on stays off the service's core
    home = Path(tempfile.mkdtemp(prefix="newsroom-bench-"))
    url, redis_url = servers.start_postgres(home / "pg"), servers.start_valkey(home / "valkey")
    try:
        if sizes:
            await compare(url, redis_url, sizes)
        if given.stored:
            await steady(await house(url, given.stored), redis_url, given.stored, given.rate, given.seconds, cores[:1])
    finally:
        servers.stop_postgres(home / "pg")
        servers.stop_valkey(home / "valkey")


async def house(url: str, size: int) -> str:
    """The URL of a new database with that many articles."""
    link = await asyncpg.connect(user="postgres", database="postgres", host=url.partition("host=")[2])
    await link.execute(f"CREATE DATABASE bench_{size}")
    await link.close()
    own = url.replace("/postgres?", f"/bench_{size}?")
    await asyncio.to_thread(upgrade, "publishing", own)
    await seed(own, size)
    return own


async def compare(url: str, redis_url: str, sizes: list[int]) -> None:
    """What a read costs in a small and a large house, and why: the plans of the largest."""
    houses = {}
    for size in sizes:
        own = await house(url, size)
        houses[size] = Database(Settings(database_url=own, redis_url=redis_url), "publishing")
    found = await costs(houses)
    for size, medians in found.items():
        print(f"{size:>9,} articles: " + "   ".join(f"{name} {ms:.2f} ms" for name, ms in medians.items()))
    first, last = found[sizes[0]], found[sizes[-1]]
    print("largest to smallest: " + "   ".join(f"{name} {last[name] / first[name]:.2f}×" for name in first))
    await plans(houses[sizes[-1]])
    for database in houses.values():
        await database.close()


async def steady(own: str, redis_url: str, size: int, rate: int, seconds: int, core: list[int]) -> None:
    """Latency of a real process on one core."""
    replica = await Replica(own, redis_url).start()
    try:
        assert replica.process is not None
        os.sched_setaffinity(replica.process.pid, core)
        busy = _cpu(replica.process.pid)
        for name, times in (await latency(replica, size, rate, seconds)).items():
            print(f"{size:>9,} articles, {rate} requests/s, GET {name:<10} {_quantiles(times)}")
        used = (_cpu(replica.process.pid) - busy) / seconds
        print(f"the service used {used:.0%} of its core; load {os.getloadavg()[0]:.1f}")
    finally:
        await replica.kill()


def _cpu(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    asyncio.run(main())
