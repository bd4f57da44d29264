"""The audit's chain shows every change, cut and swap."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from services.publishing.domain.chain import GENESIS, Act, broken_at, chain

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ACTS = [
    Act(AT, "u1", "Mai", verb, "article:1", "127.0.0.1", {"state": "draft"}, {"n": n}) for n, verb in enumerate("abcd")
]


def test_a_whole_chain_holds_in_any_time_zone() -> None:
    entries = chain(GENESIS, ACTS)
    assert broken_at(GENESIS, entries)[0] is None
    elsewhere = [{**e, "at": e["at"].astimezone(timezone(timedelta(hours=7)))} for e in entries]
    assert broken_at(GENESIS, elsewhere)[0] is None


@pytest.mark.parametrize(
    ("field", "value"), [("by_id", "u2"), ("after", {"n": 9}), ("origin", None), ("at", AT + timedelta(microseconds=1))]
)
def test_a_changed_entry_breaks_the_chain_there(field: str, value: Any) -> None:
    entries = chain(GENESIS, ACTS)
    entries[2] = {**entries[2], field: value}
    assert broken_at(GENESIS, entries)[0] == 3


def test_a_missing_entry_breaks_the_chain() -> None:
    entries = chain(GENESIS, ACTS)
    assert broken_at(GENESIS, [entries[0], *entries[2:]])[0] == 3


def test_a_chain_goes_on_where_it_ended() -> None:
    first = chain(GENESIS, ACTS[:2])
    broken, last = broken_at(GENESIS, first)
    assert broken is None
    assert broken_at(last, chain(last, ACTS[2:]))[0] is None
