"""What the peers' tasks do, on psycopg, one article and one commit at a time: their own documentation's way.

Fewer rows than ours: no inbox and no outbox, for task queues have none. A task that runs twice has its effect twice.
"""

import os
import threading
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
import redis

from benchmarks.pipeline import stages

_local = threading.local()


def connection(database: str) -> "psycopg.Connection[Any]":
    """This thread's connection to a stage's database, kept open."""
    links: dict[str, psycopg.Connection[Any]] = _local.__dict__.setdefault("links", {})
    if database not in links:
        links[database] = psycopg.connect(f"host={os.environ['BENCH_PG']} user=postgres dbname=newsroom_{database}")
    return links[database]


@cache
def streams() -> "redis.Redis":
    """This process's client for the publications stream."""
    return redis.Redis.from_url(os.environ["BENCH_REDIS"], decode_responses=True)


def ingest(some: list[stages.Article]) -> None:
    """A feed's worth of articles in one transaction, as in every contender."""
    link = connection("ingest")
    with link.transaction(), link.cursor() as cursor:
        cursor.executemany(stages.psycopg(stages.INGEST_ONE), [(one.id, one.headline, one.body) for one in some])


def enrich(article_id: str) -> str:
    """The fixed answer."""
    link = connection("enrichment")
    with link.transaction():
        link.execute(stages.psycopg(stages.ENRICH_ONE), (UUID(article_id), stages.TAGS))
    return stages.TAGS


def keep(article_id: str, headline: str, body: str) -> None:
    """Keep a draft; publish it if its tags were here first."""
    _complete(stages.psycopg(stages.KEEP_ONE), (UUID(article_id), headline, body))


def tag(article_id: str, tags: str) -> None:
    """Keep the tags; publish if the draft was here first."""
    _complete(stages.psycopg(stages.TAG_ONE), (UUID(article_id), tags))


def _complete(statement: str, values: tuple[Any, ...]) -> None:
    link = connection("publishing")
    with link.transaction():
        row = link.execute(statement, values).fetchone()
        whole = row is not None and row[1] is not None and row[3] is not None
        if whole:
            link.execute(stages.psycopg(stages.PUBLISH_ONE), (values[0],))
    if row is not None and whole:
        streams().xadd("publications", {"event": stages.publication(str(row[0]), row[1], row[2], row[3])})


def wait_for_go() -> range:
    """The articles the harness says to take in."""
    while (said := streams().blpop(["bench.go"], timeout=1)) is None:
        pass
    first, count = map(int, str(said[1]).split(":"))
    return range(first, first + count)
