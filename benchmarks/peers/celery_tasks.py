"""The stages as Celery tasks on Redis, late acknowledgement: `celery -A benchmarks.peers.celery_tasks worker -Q …`."""

import os

from celery import Celery

from benchmarks.peers import rows

app = Celery("bench", broker=os.environ["BENCH_REDIS"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=4,
    task_routes={
        "benchmarks.peers.celery_tasks.enrich": {"queue": "enrichment"},
        "benchmarks.peers.celery_tasks.keep": {"queue": "publishing"},
        "benchmarks.peers.celery_tasks.tag": {"queue": "publishing"},
    },
)


@app.task
def enrich(article_id: str, headline: str, body: str) -> None:  # noqa: ARG001  # enrichment is handed the text to read
    """Enrichment's stage."""
    tag.delay(article_id, rows.enrich(article_id))


@app.task
def keep(article_id: str, headline: str, body: str) -> None:
    """Publishing's first half."""
    rows.keep(article_id, headline, body)


@app.task
def tag(article_id: str, tags: str) -> None:
    """Publishing's second half."""
    rows.tag(article_id, tags)
