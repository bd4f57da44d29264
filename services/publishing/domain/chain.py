"""The audit's chain: each entry's hash covers the one before, so that nothing can be changed or cut out unseen."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Act:
    """What somebody did. `before` and `after` hold what changed, as JSON values."""

    at: datetime
    by_id: str
    by_name: str
    act: str
    subject: str
    origin: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass(frozen=True)
class Link:
    """The end of a chain: the number and hash of its last entry."""

    number: int
    hash: str


GENESIS = Link(0, "0" * 64)
_COVERED = ("number", "at", "by_id", "by_name", "act", "subject", "origin", "before", "after")


def chain(last: Link, acts: Sequence[Act]) -> list[dict[str, Any]]:
    """`acts` as entries that follow `last`, each with its number, the hash before it and its own."""
    entries = []
    for act in acts:
        entry = {**asdict(act), "number": last.number + 1, "previous": last.hash}
        last = Link(last.number + 1, digest(last.hash, entry))
        entries.append({**entry, "hash": last.hash})
    return entries


def digest(previous: str, entry: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the hash before and the entry's JSON: sorted keys, no blanks, instants in UTC."""
    covered = {name: entry[name] for name in _COVERED}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_instant)
    return hashlib.sha256((previous + text).encode()).hexdigest()


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} cannot stand in the audit")


def broken_at(last: Link, entries: Iterable[Mapping[str, Any]]) -> tuple[int | None, Link]:
    """The number of the first entry that does not follow from the one before (None: all do), and the chain's end."""
    for entry in entries:
        number, previous = int(entry["number"]), str(entry["previous"])
        if number != last.number + 1 or previous != last.hash or digest(previous, entry) != entry["hash"]:
            return number, last
        last = Link(number, str(entry["hash"]))
    return None, last
