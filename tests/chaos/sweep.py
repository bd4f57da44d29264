"""The sweep of crash points: a process dies at every boundary, for every kind of fact, first time and again.

`python -m tests.chaos.sweep [kind…]` runs every point × every event type × three ways: on first delivery, on a
redelivery (the process before died just before it acknowledged), and while a failed fact is tried again. After each
death the process is started afresh; then every fact must stand once in the outbox, once in Redis, and have had its
effect once. Processes are forked from one that has everything imported, so a case takes about a second.
"""

import asyncio
import faulthandler
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import asyncpg
from redis import asyncio as aioredis
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.pipeline.ground import runtime_tables
from ops import servers
from shared.events import EVENTS, Event
from shared.runtime import Handlers, Service, ServiceSettings, crashpoints
from shared.runtime.consumer import BEFORE_XACK
from shared.runtime.log import head
from shared.runtime.outbox import FEW
from tests.chaos.samples import kinds, sample

Way = Literal["first", "redelivery", "retry"]
WAYS: tuple[Way, ...] = ("first", "redelivery", "retry")
#: How many facts each door tells: one, a few, and as many as go by COPY.
DOORS = (1, 2, FEW + 1)
FACTS = sum(DOORS)
_CRASHED, _SETTLED, _STUCK = 137, 0, 3
_PATIENCE = 60.0
_SCHEMA = (
    "CREATE TABLE effects (subject text NOT NULL)",
    "CREATE TABLE begun (number int PRIMARY KEY)",
)
#: The runtime itself hears these in every service, so nobody else can.
OWN = frozenset({"TokenIssued", "TokenRevoked"})


@dataclass(frozen=True)
class Case:
    """One way to die."""

    kind: str
    point: str
    way: Way
    batch: bool


@dataclass(frozen=True)
class Result:
    """What came of it: how the processes ended, and every broken promise in words."""

    case: Case
    ends: list[int]
    broken: list[str] = field(default_factory=list)

    @property
    def died(self) -> bool:
        """Whether the point was reached, so that the case says something."""
        return self.ends.count(_CRASHED) >= (2 if self.case.way == "redelivery" else 1)


def cases(names: list[str]) -> Iterator[Case]:
    """Every point and way for the named kinds; handlers of batches and of single facts in turn."""
    for number, name in enumerate(names):
        for point in sorted(crashpoints.CRASH_POINTS):
            for way in WAYS:
                yield Case(name, point, way, batch=number % 2 == 0)


def sweep(some: list[Case], at_once: int = 6) -> list[Result]:
    """Run the cases on servers of their own, several at a time; the results in the order of the cases."""
    folder = Path(tempfile.mkdtemp(prefix="newsroom-sweep-"))
    try:
        database = servers.start_postgres(folder / "postgres")
        redis = servers.start_valkey(folder / "valkey").rsplit("/", 1)[0]
        socket = database.rsplit("host=", 1)[1]
        asyncio.run(_template(socket))
        running: dict[int, int] = {}
        for number, case in enumerate(some):
            if len(running) >= at_once:
                running.pop(os.wait()[0])
            slot = next(n for n in range(1, at_once + 1) if n not in running.values())
            running[_fork(partial(_run, number, case, socket, f"{redis}/{slot}", folder))] = slot
        while running:
            running.pop(os.wait()[0])
        return [_read(folder / f"{number}.json", case) for number, case in enumerate(some)]
    finally:
        servers.stop_valkey(folder / "valkey")
        servers.stop_postgres(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _read(path: Path, case: Case) -> Result:
    if not path.exists():
        return Result(case, [], ["the case itself broke off; see the output"])
    found = json.loads(path.read_text())
    return Result(case, found["ends"], found["broken"])


def _fork(act: Callable[[], int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = act()
    finally:
        sys.stderr.flush()
        os._exit(code)


async def _template(socket: str) -> None:
    link = await asyncpg.connect(user="postgres", host=socket, database="postgres")
    await link.execute("CREATE DATABASE sweep")
    await link.close()
    link = await asyncpg.connect(user="postgres", host=socket, database="sweep")
    for statement in [*runtime_tables(), *_SCHEMA]:
        await link.execute(statement)
    await link.close()


def _run(number: int, case: Case, socket: str, redis: str, folder: Path) -> int:
    """One case in a process of its own, which forks the ones that die."""
    asyncio.run(_prepare(number, socket, redis))
    tries = folder / f"tries-{number}"
    tries.mkdir()
    points = [BEFORE_XACK, case.point] if case.way == "redelivery" else [case.point]
    ends = []
    for point in [*points, "", ""]:  # the last is only there in case the point was not met before
        url = f"postgresql://postgres@/case_{number}?host={socket}"
        pid = _fork(partial(_run_live, case, point, url, redis, tries))
        _, status = os.waitpid(pid, 0)
        ends.append(os.waitstatus_to_exitcode(status))
        if ends[-1] != _CRASHED:
            break
    broken = asyncio.run(_check(number, case, socket, redis))
    broken += [] if ends[-1] == _SETTLED else [f"the last process ended with {ends[-1]}"]
    (folder / f"{number}.json").write_text(json.dumps({"ends": ends, "broken": broken}))
    return 0


async def _prepare(number: int, socket: str, redis: str) -> None:
    link = await asyncpg.connect(user="postgres", host=socket, database="postgres")
    await link.execute(f"CREATE DATABASE case_{number} TEMPLATE sweep")
    await link.close()
    client = aioredis.from_url(redis)
    await client.flushdb()
    await client.aclose()


def _run_live(case: Case, point: str, database: str, redis: str, tries: Path) -> int:
    return asyncio.run(_live(case, point, database, redis, tries))


async def _live(case: Case, point: str, database: str, redis: str, tries: Path) -> int:
    """A service that tells the facts it has not told yet, hears them, and stops once all is settled; or dies."""
    faulthandler.dump_traceback_later(2 * _PATIENCE, exit=True)  # a process that hangs says where, and fails its case
    warnings.simplefilter("ignore")
    crashpoints._CHOSEN, crashpoints._left = point, 1
    kind = next(one for one in EVENTS.values() if one.__name__ == case.kind)
    quick: dict[str, Any] = {"claim_after": 0.6, "poll_ms": 200, "retry_waits": [0.05] * 6, "retry_lease": 0.5}
    settings = ServiceSettings(database_url=database, redis_url=redis, log_level="CRITICAL", **quick)
    service = Service(kind.teller, settings)
    handlers = Handlers(kind.teller)
    handlers.on(kind)(_handler(kind, case, tries))
    app = service.join(handlers=handlers)
    facts = [sample(kind, n) for n in range(FACTS)]
    tells = [facts[sum(DOORS[:n]) : sum(DOORS[: n + 1])] for n in range(len(DOORS))]
    await _door(service, 0, tells[0])  # before anybody relays: so the relay's first look finds something to number
    async with app.router.lifespan_context(app):
        for number in range(1, len(DOORS)):
            await _door(service, number, tells[number])
        deadline = time.monotonic() + _PATIENCE
        while await _unsettled(service, kind):
            if time.monotonic() > deadline:
                return _STUCK
            await asyncio.sleep(0.03)
    return _SETTLED


def _handler(kind: type[Event], case: Case, tries: Path) -> Callable[..., Awaitable[None]]:
    async def take(fact: Event, session: AsyncSession) -> None:
        tried = tries / fact.subject.replace("/", "_")
        if case.way == "retry" and not tried.exists():
            tried.touch()
            raise ValueError("this fact fails at first")
        await session.execute(text("INSERT INTO effects (subject) VALUES (:subject)"), {"subject": fact.subject})

    async def hear(fact: Event, session: AsyncSession) -> None:
        await take(fact, session)

    async def hear_all(facts: list[Event], session: AsyncSession) -> None:
        for fact in facts:
            await take(fact, session)

    chosen: Callable[..., Awaitable[None]] = hear_all if case.batch else hear
    first = "facts" if case.batch else "fact"
    chosen.__annotations__ = {first: list[kind] if case.batch else kind, "session": AsyncSession}  # type: ignore[valid-type]  # known only now
    return chosen


async def _door(service: Service, number: int, facts: list[Event]) -> None:
    async with service.database.transaction() as tx:
        begin = text("INSERT INTO begun (number) VALUES (:n) ON CONFLICT DO NOTHING RETURNING number")
        if (await tx.session.execute(begin, {"n": number})).first():
            tx.tell(*facts)


async def _unsettled(service: Service, kind: type[Event]) -> bool:
    """Redis first: what is acknowledged there is either done or in `failed_events`, which is looked at afterwards."""
    stream = kind.stream_name()
    if not await service.redis.exists(stream):
        return True
    info: Any = await service.redis.xinfo_stream(stream)
    groups: Any = await service.redis.xinfo_groups(stream)
    if not groups or any(one["pending"] or one["last-delivered-id"] != info["last-generated-id"] for one in groups):
        return True
    async with service.database.reading() as session:
        waiting = await session.execute(text("SELECT count(*) FROM waiting"))
        failed = await session.execute(text("SELECT count(*) FROM failed_events"))
        top = int(info["last-generated-id"].split(b"-")[0])
        return bool(waiting.scalar_one() or failed.scalar_one() or top != await head(session, stream))


_TOLD = """
    SELECT subject, position, event_id::text AS id FROM outbox LEFT JOIN positions USING (stream, event_id)
    ORDER BY position
"""


async def _check(number: int, case: Case, socket: str, redis: str) -> list[str]:
    kind = next(one for one in EVENTS.values() if one.__name__ == case.kind)
    told = [sample(kind, n).subject for n in range(FACTS)]
    link = await asyncpg.connect(user="postgres", host=socket, database=f"case_{number}")
    outbox = await link.fetch(_TOLD)
    effects = [row["subject"] for row in await link.fetch("SELECT subject FROM effects ORDER BY subject")]
    left = await link.fetch("SELECT error FROM failed_events")
    await link.close()
    client = aioredis.from_url(redis, decode_responses=True)
    entries: Any = await client.xrange(kind.stream_name())
    await client.aclose()
    broken = [f"left in failed_events: {row['error'][-200:]}" for row in left]
    if [row["subject"] for row in outbox] != told:
        broken.append(f"the outbox holds {[row['subject'] for row in outbox]}")
    if [row["position"] for row in outbox] != list(range(1, FACTS + 1)):
        broken.append(f"positions are {[row['position'] for row in outbox]}")
    if [(key, fields["id"]) for key, fields in entries] != [(f"{row['position']}-0", row["id"]) for row in outbox]:
        broken.append(f"Redis holds {[key for key, _ in entries]}")
    if case.kind not in OWN and effects != sorted(told):
        broken.append(f"effects were {effects}, not {sorted(told)}")
    return broken


def main(names: list[str]) -> int:
    """Sweep the named kinds, or all; print what broke; as JSON with `--json`."""
    as_json = "--json" in names
    names = [name for name in names if name != "--json"] or [
        kind.__name__ for kind in kinds() if kind.__name__ not in OWN
    ]
    results = sweep(list(cases(names)))
    if as_json:
        sys.stdout.write(json.dumps([{**asdict(result), "died": result.died} for result in results]))
        return 0
    for result in results:
        for broken in result.broken:
            sys.stdout.write(f"{result.case}: {broken}\n")
    died = sum(result.died for result in results)
    bad = sum(bool(result.broken) for result in results)
    sys.stdout.write(f"{len(results)} cases, {died} reached their point, {bad} broke a promise\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
