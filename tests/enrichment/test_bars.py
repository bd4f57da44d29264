"""The benchmark's exit status says whether every bar that was measured is met."""

import pytest

from benchmarks.enrichment.bars import Line, costs, status

COST = {
    "stored": 100_000, "cpu_ms_mean": 14.0, "cpu_ms_p95_of_batches": 20.0, "alone_cpu_ms_p95": 30.0,
    "articles_a_second_a_core": 71, "bytes_together": 2_350, "fresh_asked": 60, "fresh_found": 60,
}  # fmt: skip


def test_a_missed_bar_is_told_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    met, baseline = Line("P", 0.99, 0.99), Line("P of a peer", 0.1)
    assert status([met, baseline]) == status([]) == 0
    assert status([met, baseline, Line("ms", 1.1, 1.0, most=True)]) == 1
    assert "1 bars met, 1 missed\nmissed: ms: 1.1, bar 1: missed by 0.1" in capsys.readouterr().out


def test_costs_are_judged_at_the_size_their_bar_is_set_for() -> None:
    assert status(costs([COST])) == 0
    assert status(costs([COST | {"cpu_ms_mean": 15.5}])) == 1
    assert status(costs([COST | {"fresh_found": 59}])) == 1
    small, large = COST | {"stored": 10_000, "cpu_ms_mean": 99.0}, {"candidates_ms_p95": 9.0, "memory_mib": 600}
    assert status(costs([small])) == 0
    assert status(costs([small | {"cpu_ms_mean": 9.0}, COST | large | {"stored": 1_000_000}])) == 1
