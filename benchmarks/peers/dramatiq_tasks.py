"""The stages as Dramatiq actors on Redis: `dramatiq benchmarks.peers.dramatiq_tasks -p 1 -t 8 -Q enrichment`."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from benchmarks.peers import rows

broker = RedisBroker(url=os.environ["BENCH_REDIS"])
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name="enrichment")
def enrich(article_id: str, headline: str, body: str) -> None:  # noqa: ARG001  # enrichment is handed the text to read
    """Enrichment's stage."""
    tag.send(article_id, rows.enrich(article_id))


@dramatiq.actor(queue_name="publishing")
def keep(article_id: str, headline: str, body: str) -> None:
    """Publishing's first half."""
    rows.keep(article_id, headline, body)


@dramatiq.actor(queue_name="publishing")
def tag(article_id: str, tags: str) -> None:
    """Publishing's second half."""
    rows.tag(article_id, tags)
