"""A Redis Cluster and a watched master, for real: a master killed with -9 fails over, and nothing told is lost."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from redis import exceptions as gone
from sqlalchemy import text

from ops.cli.consumers import _delete_user, _make_user
from ops.clusters import Cluster, Watched
from shared.events import ArticleIngested
from shared.runtime import Service
from shared.runtime.outbox import streams_of
from shared.runtime.redis import Place, Redis, connect, servers, visiting
from shared.runtime.streams import position_of
from tests.builders import an_article
from tests.conftest import NewDatabase
from tests.shared import travel

PARTITIONS = 6
chaos = pytest.mark.chaos  # real servers that fail over take their seconds


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three masters with a replica each."""
    running = Cluster(tmp_path / "cluster")
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A master, its replica and three Sentinels."""
    running = Watched(tmp_path / "watched")
    try:
        yield running.start()
    finally:
        running.stop()


@chaos
async def test_a_cluster_loses_a_master_and_no_fact(cluster: Cluster, new_database: NewDatabase) -> None:
    teller, hearer = await _pair(new_database, cluster.url, PARTITIONS)
    streams = streams_of(ArticleIngested, PARTITIONS)
    assert len({cluster.holder(stream) for stream in streams}) == 3, "the partitions spread over all masters"
    async with travel.running(teller, hearer):
        await travel.tell(teller, *_names(0, 200))
        await travel.heard(hearer, *_names(0, 200))
        telling = asyncio.create_task(_tell_on(teller, 200, 600))
        cluster.kill(cluster.holder(streams[3]))
        await telling
        await travel.heard(hearer, *_names(0, 600))
        await travel.until(lambda: _whole(teller, streams, 600), 30)


@chaos
async def test_one_storys_facts_stay_in_one_partition_in_their_order(
    cluster: Cluster, new_database: NewDatabase
) -> None:
    teller, _ = await _pair(new_database, cluster.url, PARTITIONS)
    stories = [an_article(headline=f"story {number}") for number in range(20)]
    async with travel.running(teller):
        for revision in range(1, 6):
            async with teller.database.transaction() as tx:
                tx.tell(*(story.model_copy(update={"revision": revision}) for story in stories))
        streams = streams_of(ArticleIngested, PARTITIONS)
        await travel.until(lambda: _whole(teller, streams, 100))
        seen: dict[str, list[tuple[str, int]]] = {}
        for stream in streams:
            entries: Any = await teller.redis.xrange(stream)
            for _, fields in entries:
                event = ArticleIngested.model_validate_json(_data(fields[b"event"]))
                seen.setdefault(event.subject, []).append((stream, event.revision))
    assert len(seen) == 20
    for facts in seen.values():
        assert [revision for _, revision in facts] == [1, 2, 3, 4, 5]
        assert len({stream for stream, _ in facts}) == 1


@chaos
async def test_a_watched_master_dies_and_no_fact_with_it(watched: Watched, new_database: NewDatabase) -> None:
    teller, hearer = await _pair(new_database, watched.url, 1)
    async with travel.running(teller, hearer):
        await travel.tell(teller, *_names(0, 100))
        await travel.heard(hearer, *_names(0, 100))
        telling = asyncio.create_task(_tell_on(teller, 100, 400))
        watched.kill("master")
        await telling
        await travel.heard(hearer, *_names(0, 400))
        await travel.until(lambda: _whole(teller, [travel.STREAM], 400), 30)


@chaos
async def test_tasks_that_ask_at_once_lose_no_sentinel(watched: Watched) -> None:
    async with visiting(watched.url.replace("://", "://127.0.0.1:1,")) as some:  # the first of them does not answer
        client: Any = some
        await asyncio.gather(*(client.ping() for _ in range(5)))
        assert len(set(client.connection_pool.sentinel_manager.sentinels)) == 4


@chaos
@pytest.mark.parametrize("kind", ["cluster", "watched"])
async def test_a_reader_is_known_to_every_server_also_to_one_that_takes_over(
    kind: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    some: Cluster | Watched = request.getfixturevalue(kind)
    await _make_user(some.url, "my-app", "secret", group=False)
    assert await _who_know(some.url) == (6 if kind == "cluster" else 2)
    if isinstance(some, Cluster):
        some.kill(some.holder("publications"))
    else:
        some.kill("master")
    async with visiting(some.url.replace("://", "://my-app:secret@")) as reader:
        await travel.until(lambda: _reads(reader), 30)
    with pytest.raises(typer.Exit):  # gone where it can be asked, and the dead server is named
        await _delete_user(some.url, "my-app")
    assert "1 of " in capsys.readouterr().err
    assert await _who_know(some.url) == 0


async def _who_know(url: str) -> int:
    """How many of the living servers know this user."""
    known = 0
    for link in await servers(url):
        with contextlib.suppress(gone.ConnectionError):
            known += await link.acl_getuser("my-app") is not None
        await link.aclose()
    return known


async def _reads(reader: Redis) -> bool:
    """Whether this user can use its one key now."""
    with contextlib.suppress(gone.ConnectionError, gone.RedisClusterException):
        return bool(await reader.set("publications:at:my-app", "1-0"))
    return False


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://localhost/0", Place("single")),
        ("unix:///tmp/redis.sock", Place("single")),
        ("redis-cluster://a,b:7001", Place("cluster", (("a", 6379), ("b", 7001)))),
        ("redis-sentinel://a,b:1/news", Place("sentinel", (("a", 26379), ("b", 1)), "news")),
        (
            "rediss-cluster://me:p%40ss@a:1",
            Place("cluster", (("a", 1),), "", (("username", "me"), ("password", "p@ss"), ("ssl", "yes"))),
        ),
    ],
)
def test_the_url_says_which_redis(url: str, place: Place) -> None:
    assert Place.of(url) == place


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("redis-clutser://a:1", "redis-clutser"),
        ("redis-cluster://", "no host"),
        ("redis-cluster://a:x", "no port"),
        ("redis-sentinel://:secret@a:1", "no master"),
    ],
)
def test_a_wrong_url_is_refused_with_its_reason_and_without_its_password(url: str, because: str) -> None:
    with pytest.raises(ValueError, match=because) as refused:
        connect(url)
    assert "secret" not in str(refused.value)


async def _pair(new_database: NewDatabase, redis: str, partitions: int) -> tuple[Service, Service]:
    made = [
        travel.settings(await new_database(name), redis, stream_partitions=partitions)
        for name in ("ingest", "enrichment")
    ]
    return travel.teller(made[0]), travel.hearer(made[1])


def _names(first: int, end: int) -> list[str]:
    return [f"story {number:05}" for number in range(first, end)]


async def _tell_on(teller: Service, first: int, end: int) -> None:
    """Acts at a door, one after the other, while a server dies: each is told once it is committed."""
    for number in range(first, end, 4):
        await travel.tell(teller, *_names(number, number + 4))
        await asyncio.sleep(0.02)  # so that they go on until well after the death


async def _whole(teller: Service, streams: list[str], facts: int) -> bool:
    """Whether Redis holds what the outbox holds, at its positions."""
    async with teller.database.reading() as session:
        rows = await session.execute(text("SELECT stream, position, event_id::text FROM positions"))
        told = [tuple(row) for row in rows]
    held: list[tuple[str, int, str]] = []
    for stream in streams:
        entries: Any = await teller.redis.xrange(stream)
        held += [(stream, position_of(entry_id), fields[b"id"].decode()) for entry_id, fields in entries]
    return len(held) == facts and sorted(held) == sorted(told)


def _data(event: bytes) -> bytes:
    return event[event.index(b'"data":') + 7 : -1]
