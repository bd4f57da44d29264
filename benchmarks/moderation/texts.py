"""What is judged: public data where it is there, and comments made here."""

import csv
import os
import random
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.moderation.comments import clean_comments
from benchmarks.moderation.report import Report
from services.moderation.domain.evaluation import Example
from shared.events import CommentSubmitted
from shared.runtime import utc_now
from shared.runtime.envelope import Cause, seal

_WORDS = " ".join(clean_comments(400)).split()


def data(name: str, report: Report) -> Path | None:
    """A public data set (`NEWSROOM_DATA`, else `../shared/data` beside the checkout), or None (said)."""
    folder = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
    path = folder / "moderation" / name
    if path.exists():
        return path
    report.say(name, "skipped, no data")
    return None


def rows_of(name: str, report: Report) -> list[dict[str, str]]:
    """The rows of a public data set, none where it is not there."""
    path = data(name, report)
    if path is None:
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def davidson(report: Report) -> list[Example]:
    """Tweets; class 2 is neither hateful nor offensive."""
    return [Example(row["tweet"], row["class"] != "2") for row in rows_of("davidson.csv", report)]


def long_comment(chance: random.Random, size: int = 377) -> str:
    """A comment of about `size` characters that nobody sent before."""
    said = ""
    while len(said) < size:
        said += chance.choice(_WORDS) + " "
    return said[:size]


def a_fact(said: str, author: str, **more: Any) -> CommentSubmitted:
    """A comment as publishing tells it."""
    base = {"comment_id": uuid4(), "article_id": uuid4(), "author_id": author, "author_name": author}
    return CommentSubmitted(**{**base, "text": said, "submitted_at": utc_now(), **more})


def fields_of(fact: CommentSubmitted) -> dict[Any, Any]:
    """A fact as publishing's relay puts it on the stream."""
    envelope = seal(fact, "publishing", Cause.fresh())
    return {"id": str(envelope.id), "type": fact.type_name(), "event": envelope.model_dump_json()}
