"""Records are chained, trust fades, near-duplicates share a key, plain values stay plain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.moderation.domain.fingerprints import band_keys, likeness, skeleton
from services.moderation.domain.language import detect
from services.moderation.domain.phrases import explain
from services.moderation.domain.queueing import risk_of, shares
from services.moderation.domain.records import GENESIS, Record, fingerprint, seal
from services.moderation.domain.text import read
from services.moderation.domain.trust import Standing
from shared.events import VerdictReason

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD = Record(
    position=1,
    decision_id=UUID(int=1),
    comment_id=UUID(int=2),
    article_id=UUID(int=3),
    revision=1,
    sequence=1,
    verdict="hold",
    reasons=(VerdictReason(code="words.insult", rule="words", message="m", verdict="hold", spans=[(1, 3)]),),
    inputs={"b": 1, "a": [1.5, None]},
    text_sha256=fingerprint("a text"),
    language="en",
    policy="built-in@0",
    model="none",
    trust=0.5,
    decided_by="machine",
    decided_at=NOW,
    supersedes=None,
    note=None,
    trains=0.0,
)


@pytest.mark.parametrize(
    "change", [{"verdict": "approve"}, {"position": 2}, {"inputs": {}}, {"decided_by": "x"}, {"text_sha256": "0"}]
)
def test_any_change_breaks_the_seal(change: dict[str, object]) -> None:
    assert seal(RECORD, GENESIS) == seal(replace(RECORD), GENESIS)
    assert seal(replace(RECORD, **change), GENESIS) != seal(RECORD, GENESIS)  # type: ignore[arg-type]  # any field


def test_a_seal_depends_on_what_came_before() -> None:
    assert seal(RECORD, GENESIS) != seal(RECORD, "1" * 64)


def test_trust_fades_by_half_in_ninety_days_and_an_undone_verdict_leaves_no_trace() -> None:
    begun = Standing(0, 0, NOW).after("reject", 1.0, NOW)
    later = NOW + timedelta(days=90)
    assert begun.at(later).bad == pytest.approx(0.5)
    assert begun.trust < begun.at(later).trust < 0.5
    undone = begun.without("reject", 1.0, NOW, later)
    assert undone.bad == pytest.approx(0.0)


def test_near_copies_share_a_key_and_strangers_do_not() -> None:
    text = "Earn money at home every day, ask me how you too can earn money at home every single day of the week."
    copy = text.upper().replace("ask me", "ask  me!!")
    other = "The museum will show the bronze drums of the delta until the end of the rainy season this year."
    one, two, three = (skeleton(read(t)) for t in (text, copy, other))
    assert set(band_keys(one)) & set(band_keys(two))
    assert likeness(one, two, 0.8) > 0.95
    assert not set(band_keys(one)) & set(band_keys(three))
    assert likeness(one, three, 0.8) == 0.0
    assert band_keys("abc") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I think that they should have told us about the bridge.", "en"),
        ("Tôi nghĩ rằng họ nên cho chúng tôi biết về cây cầu.", "vi"),
        ("Je pense qu'ils auraient dû nous parler de ce pont magnifique.", "fr"),
        ("ok", "und"),
    ],
)
def test_the_language_is_told_where_there_is_enough_to_tell(text: str, language: str) -> None:
    assert detect(text)[0] == language


def test_authors_are_told_in_their_language() -> None:
    assert explain("links.shortener") != explain("links.shortener", "vi")
    assert explain("words.insult", "vi") == explain("words", "vi")


def test_risk_grows_with_reasons_and_reports_and_a_claim_is_shared_out() -> None:
    held = VerdictReason(code="a.b", rule="a", message="m", verdict="hold")
    assert 0 == risk_of([], 0) < risk_of([held], 0) < risk_of([held, held], 0) < risk_of([held, held], 1.0)
    assert shares(10, 0.2) == (8, 1, 1)
    assert shares(1, 0.2) == (1, 0, 0)
