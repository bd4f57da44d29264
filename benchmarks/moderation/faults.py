"""What survives: processes killed while moderators decide, and each part a comment needs taken away for a while."""

import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import redis.asyncio as redis
from sqlalchemy import text

from benchmarks.moderation.house import House, a_house
from benchmarks.moderation.report import Report
from benchmarks.moderation.texts import a_fact, fields_of, long_comment
from services.moderation.storage import decisions, people
from shared.runtime import Database

_MODERATORS = 12


@dataclass
class Desk:
    """What the moderators know: the version of each comment, and which of their decisions were acknowledged."""

    house: House
    versions: dict[UUID, int]
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0
    unanswered: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)


async def storm(report: Report) -> None:
    """10,000 decisions by twelve moderators at two processes, one or the other killed every few seconds."""
    count, chance = int(os.environ.get("BENCH_STORM", "10000")), random.Random(8)
    async with a_house() as house, redis.Redis.from_url(house.redis_url) as link:
        names = ("moderation", "moderation-2")
        await asyncio.gather(*(house.start(name) for name in names))
        facts = [a_fact(long_comment(chance, 200), f"author-{n % 500}") for n in range(2000)]
        for fact in facts:
            await link.xadd("comment.submitted", fields_of(fact))
        database = house.database()
        await _until(database, "SELECT count(*) FROM comments WHERE verdict IS NOT NULL", len(facts))
        async with database.reading() as session:
            versions = dict((await session.execute(text("SELECT id, version FROM comments"))).all())
        desk = Desk(house, versions)
        killer = asyncio.create_task(_kill(house, names, desk))
        began = time.perf_counter()
        await asyncio.gather(*(_moderate(desk, who, -(-count // _MODERATORS)) for who in range(_MODERATORS)))
        took = time.perf_counter() - began
        desk.done.set()
        kills = await killer
        await _settled(link, database)
        await _recount(report, desk, database, link, kills, took)
        await database.close()


async def _moderate(desk: Desk, who: int, wanted: int) -> None:
    """Decide again and again, at whichever process answers, until so many decisions were acknowledged."""
    chance, ids, done, number = random.Random(who), list(desk.versions), 0, 0
    clients = [desk.house.client(name) for name in ("moderation", "moderation-2")]
    while done < wanted:
        comment, client, number = chance.choice(ids), clients[number % 2], number + 1
        note = f"{who}-{number}"
        verdict = chance.choice(("approve", "reject"))
        body = {"verdict": verdict, "version": desk.versions[comment], "note": note}
        try:
            answer = await client.post(f"/v1/comments/{comment}/decisions", json=body)
        except httpx2.HTTPError:  # killed before or after its commit: the version says which, to whoever comes next
            desk.unanswered += 1
            await asyncio.sleep(0.05)
            continue
        if answer.status_code == 201:
            desk.acknowledged.add(note)
            desk.versions[comment] = answer.json()["version"]
            done += 1
        elif answer.status_code == 409:
            desk.refused += 1
            await _look(desk, client, comment)
    for client in clients:
        await client.aclose()


async def _look(desk: Desk, client: httpx2.AsyncClient, comment: UUID) -> None:
    try:
        desk.versions[comment] = (await client.get(f"/v1/comments/{comment}")).json()["version"]
    except (httpx2.HTTPError, KeyError, ValueError):
        desk.unanswered += 1


async def _kill(house: House, names: tuple[str, ...], desk: Desk) -> int:
    kills = 0
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(desk.done.wait(), 4)
            return kills
        house.kill(names[kills % 2])
        await house.start(names[kills % 2])
        kills += 1


async def _settled(link: Any, database: Database) -> None:
    """Wait until everything told stands on the stream."""
    async with database.reading() as session:
        told = (await session.execute(text("SELECT count(*) FROM outbox WHERE stream = 'comment.moderated'"))).scalar()
    async with asyncio.timeout(60):
        while await link.xlen("comment.moderated") < int(told or 0):  # noqa: ASYNC110 - another process's work
            await asyncio.sleep(0.1)


async def _recount(report: Report, desk: Desk, database: Database, link: Any, kills: int, took: float) -> None:
    async with database.reading() as session:
        notes = Counter(
            (await session.execute(text("SELECT note FROM decisions WHERE decided_by <> 'machine'"))).scalars()
        )
        whole = await decisions.first_broken(session) is None
        records = await decisions.count(session)
        authors = (await session.execute(text("SELECT author_id FROM authors"))).scalars().all()
        off = 0
        for author_id in authors:
            author, counted = await people.author(session, author_id), await people.recount(session, author_id)
            kept = {"approve": author.approved, "hold": author.held, "reject": author.rejected} if author else {}
            off += {verdict: number for verdict, number in kept.items() if number} != counted
    entries = await link.xrange("comment.moderated")
    told = Counter(json.loads(fields[b"event"])["data"]["decision_id"] for _, fields in entries)
    lost = len(desk.acknowledged - set(notes))
    double = sum(number > 1 for number in notes.values()) + sum(number > 1 for number in told.values())
    report.say(
        f"{len(desk.acknowledged):,} concurrent decisions with crashes: 0 lost, 0 double",
        f"{lost} lost, {double} double; {kills} processes killed, {desk.unanswered} unanswered, {desk.refused} refused "
        f"as stale, in {took:.0f} s; {records:,} records, {len(told):,} told once each, chain whole: {whole}",
        lost == double == 0 and whole and len(told) == records and kills > 0,
    )
    report.say("  counters equal a recount", f"{off} of {len(authors)} authors off", off == 0)


async def down(report: Report) -> None:
    """The scorer, moderation's database and moderation itself, each taken away while readers write."""
    async with scoring() as scorer, a_house(("publishing", "moderation"), environment=scorer.environment) as house:
        await house.start("publishing")
        await house.start("moderation")
        async with house.client("publishing") as editor, house.client("moderation") as desk:
            article = await _an_article(editor)
            site = httpx2.AsyncClient(base_url=editor.base_url, timeout=10)  # readers nobody asked for a name
            outages: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
                "scorer": (scorer.stop, scorer.start),
                "database": (lambda: house.stop_database("moderation"), lambda: house.start_database("moderation")),
                "moderation": (lambda: house.kill("moderation"), lambda: house.start("moderation")),
            }
            for name, (take, give) in outages.items():
                await _without(report, name, take, give, article, site, desk)
            await site.aclose()


async def _without(
    report: Report,
    name: str,
    take: Callable[[], Any],
    give: Callable[[], Any],
    article: str,
    site: httpx2.AsyncClient,
    desk: httpx2.AsyncClient,
) -> None:
    await _awaited(take())
    chance, sent, shown = random.Random(name), [], 0
    path = f"/v1/public/articles/{article}/comments"
    for n in range(40):
        body = {"author_name": f"{name} {n}", "text": long_comment(chance, 200)}
        answer = await site.post(path, json=body, headers={"Cookie": f"nwr_reader={chance.getrandbits(128):032x}"})
        sent.append(answer.json()["comment_id"])
        shown += await _shown(site, path, set(sent))
        await asyncio.sleep(0.1)
    began = time.perf_counter()
    await _awaited(give())
    states: dict[str, str] = {}
    while time.perf_counter() - began < 90 and len(states) < len(sent):
        states |= await _decided(desk, [comment for comment in sent if comment not in states])
        await asyncio.sleep(0.2)
    took = time.perf_counter() - began
    approved = {comment for comment, state in states.items() if state == "approve"}
    while time.perf_counter() - began < 120 and await _shown(site, path, approved) < len(approved):  # noqa: ASYNC110 - another process's work
        await asyncio.sleep(0.2)
    there = await _shown(site, path, set(sent))
    report.say(
        f"{name} down: 0 shown undecided, all decided after it returns",
        f"{shown} shown while away; {len(states)} of {len(sent)} decided {took:.1f} s after its return, "
        f"{dict(Counter(states.values()))}, {there} shown then",
        shown == 0 and len(states) == len(sent) and there == len(approved) == len(sent),
    )


async def _shown(site: httpx2.AsyncClient, path: str, which: set[str]) -> int:
    seen, cursor = 0, None
    while True:
        page = (await site.get(path, params={"limit": 100, **({"cursor": cursor} if cursor else {})})).json()
        seen += sum(item["id"] in which for item in page["items"])
        cursor = page["next"]
        if cursor is None:
            return seen


async def _decided(desk: httpx2.AsyncClient, ids: list[str]) -> dict[str, str]:
    """Which comments stand by more than a missing signal."""
    found = {}
    for comment in ids:
        try:
            told = (await desk.get(f"/v1/comments/{comment}")).json()
        except (httpx2.HTTPError, ValueError):
            break
        unknown = any(reason["code"] == "signal.unknown" for reason in told.get("reasons", ()))
        if told.get("state") in {"approve", "hold", "reject"} and not unknown:
            found[comment] = told["state"]
    return found


async def _an_article(site: httpx2.AsyncClient) -> str:
    body = {"headline": "The bridge opens in spring", "body_html": "<p>It does.</p>", "language": "en"}
    body |= {"outlet": "The Lagoon Post", "credit": "Mai Tran", "source_url": "https://outlet.example/bridge"}
    article: str = (await site.post("/v1/articles", json=body)).raise_for_status().json()["id"]
    (await site.post(f"/v1/articles/{article}/publish", json={"undo_seconds": 0})).raise_for_status()
    async with asyncio.timeout(30):
        while not (await site.get(f"/v1/public/articles/{article}")).is_success:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
    return article


async def _awaited(result: Any) -> None:
    if asyncio.iscoroutine(result):
        await result


async def _until(database: Database, query: str, wanted: int) -> None:
    async with asyncio.timeout(120):
        while True:
            async with database.reading() as session:
                if int((await session.execute(text(query))).scalar() or 0) >= wanted:
                    return
            await asyncio.sleep(0.1)


class AScorer:
    """A scorer of our own on loopback that finds everything harmless, and can go away."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server: asyncio.Server | None = None
        told = [{"name": "outside", "url": f"http://127.0.0.1:{port}/", "live": True, "seconds": 1.0}]
        self.environment = {
            "MODERATION_SCORERS": json.dumps(told),
            "NEWSROOM_OUTBOUND_ALLOW": f"127.0.0.1:{port}",
            "PUBLISHING_COMMENTS_PER_MINUTE": "100000",
        }

    async def start(self) -> None:
        """Answer."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Be gone."""
        if self._server:
            self._server.close()

    @staticmethod
    async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n")[0]))
        body = b'{"scores": {"toxic": 0.01}}'
        kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        writer.write(kind + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def scoring() -> AsyncIterator[AScorer]:
    """A scorer that answers until it is stopped."""
    probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = probe.sockets[0].getsockname()[1]
    probe.close()
    scorer = AScorer(port)
    await scorer.start()
    try:
        yield scorer
    finally:
        await scorer.stop()
