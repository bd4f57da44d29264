"""Decision records: append-only, each with the hash of the one before, so that no past is changed unseen."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from shared.events import Verdict, VerdictReason

#: What the first record names as its predecessor.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Record:
    """One decision. `position` counts all decisions of the house from 1 without gaps; `sequence` those on the comment.

    `trains` is the weight with which the decision teaches the learner (0: a machine's own, teaches nothing).
    """

    position: int
    decision_id: UUID
    comment_id: UUID
    article_id: UUID
    revision: int
    sequence: int
    verdict: Verdict
    reasons: tuple[VerdictReason, ...]
    inputs: dict[str, Any]
    text_sha256: str
    language: str
    policy: str
    model: str
    trust: float
    decided_by: str
    decided_at: datetime
    supersedes: UUID | None
    note: str | None
    trains: float


def fingerprint(text: str) -> str:
    """SHA-256 (hex) of a comment's text: the record proves what was judged even after the text is erased."""
    return sha256(text.encode()).hexdigest()


def seal(record: Record, previous: str) -> str:
    """The record's hash (SHA-256, hex) over its canonical JSON (keys sorted, UTC) and the previous hash."""
    body = {name: getattr(record, name) for name in Record.__slots__}
    body["reasons"] = [reason.model_dump() for reason in record.reasons]
    options = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
    return sha256(previous.encode() + orjson.dumps(body, default=str, option=options)).hexdigest()
