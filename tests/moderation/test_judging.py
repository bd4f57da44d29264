"""Collect everything, then decide: the most severe live reason is the verdict, and no signal is taken for granted."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.case import Alike, Author, Case, Reports, Score, Thread, revive
from services.moderation.domain.judge import SEVERITY, Judge, most_severe
from services.moderation.domain.policy import Policy
from services.moderation.rules import standard_rules
from services.moderation.use_cases.learning import lexicon
from shared.events import Verdict, VerdictReason
from tests.moderation.builders import a_case, codes, judged

REASONS = st.lists(
    st.builds(
        lambda verdict, shadow: VerdictReason(code="a.b", rule="a", message="m", verdict=verdict, shadow=shadow),
        st.sampled_from(["approve", "hold", "reject"]),
        st.booleans(),
    )
)


@given(REASONS)
def test_the_verdict_is_the_most_severe_live_reason(reasons: list[VerdictReason]) -> None:
    live = [SEVERITY[reason.verdict] for reason in reasons if not reason.shadow]
    assert SEVERITY[most_severe(reasons)] == max(live, default=0)


@given(st.text(max_size=400))
def test_any_text_is_judged_with_spans_inside_it(text: str) -> None:
    ruling = judged(a_case(text))
    assert "signal.unknown" not in codes(ruling)
    for reason in ruling.reasons:
        assert all(0 <= start < end <= len(text) for start, end in reason.spans)


def test_an_ordinary_comment_is_approved() -> None:
    assert judged(a_case()).verdict == "approve"


def test_every_reason_is_kept_not_only_the_first() -> None:
    ruling = judged(a_case("CALL ME NOW AND LISTEN TO WHAT I SAY 0912 345 678 YOU IDIOT http://bit.ly/win"))
    assert {"contact.phone", "words.insult", "links.shortener", "shouting.capitals"} <= codes(ruling)


def test_a_rule_that_fails_is_an_unknown_signal_and_holds() -> None:
    def broken(case: Case, policy: Policy) -> Iterable[VerdictReason]:
        raise ZeroDivisionError

    ruling = Judge(Policy(), [broken]).judge(a_case())
    assert (ruling.verdict, codes(ruling)) == ("hold", {"signal.unknown"})


def test_a_scorer_that_does_not_answer_holds_unless_it_may_be_missed() -> None:
    silent = Score("remote", "m", None, failure="timeout")
    assert judged(a_case(scores=(silent,))).verdict == "hold"
    spared = Score("remote", "m", None, failure="timeout", on_failure="ignore")
    ruling = judged(a_case(scores=(spared,)))
    assert (ruling.verdict, codes(ruling)) == ("approve", {"score.silent"})


def test_a_shadow_reason_is_recorded_and_never_counts() -> None:
    ruling = judged(a_case("You are an idiot."), shadow=["words.insult"])
    assert ruling.verdict == "approve"
    assert [(r.code, r.shadow) for r in ruling.reasons] == [("words.insult", True)]


def test_a_slow_pattern_is_stopped_and_holds() -> None:
    slow = {"name": "slow", "expression": "(a|aa)+$", "message": "never"}
    ruling = judged(a_case("a" * 60 + "!"), patterns=[slow])
    assert (ruling.verdict, codes(ruling)) == ("hold", {"signal.unknown"})


@pytest.mark.parametrize(
    ("mode", "verdict", "look_later"),
    [("pre", "hold", False), ("post", "approve", True), ("reactive", "approve", False)],
)
def test_the_mode_says_whether_a_doubt_is_shown_first(mode: str, verdict: Verdict, look_later: bool) -> None:
    ruling = judged(a_case("What an idiot."), modes={"site": mode})
    assert (ruling.verdict, ruling.look_later) == (verdict, look_later)


def test_what_may_never_be_shown_first_is_held_in_every_mode() -> None:
    banned = a_case("Fine words.", author=Author(status="premoderated"))
    assert judged(banned, modes={"site": "reactive"}).verdict == "hold"


def test_the_most_particular_mode_wins() -> None:
    policy = Policy.model_validate(
        {"modes": {"site": "pre", "sections": {"news": "post"}, "articles": {str(a_case().article_id): "reactive"}}}
    )
    assert policy.mode_of(str(a_case().article_id), "news", "pre") == "reactive"
    assert policy.mode_of("other", "news", "pre") == "post"
    assert policy.mode_of("other", "sport", "reactive") == "reactive"
    assert policy.mode_of("other", None, None) == "pre"


def test_a_case_is_whole_again_from_what_its_record_keeps() -> None:
    case = a_case(
        language="vi",
        section="news",
        thread=Thread(open=False, mode="post"),
        author=Author(status="suspended", trust=0.25, rejected=3, last_minute=2),
        alike=Alike(1, 2, 0.93),
        reports=Reports(2, 1.25),
        scores=(Score("learner", "m@3", {"reject": 0.7}, spans=((1, 4),), hold_from=0.2, reject_from=0.9),),
        missing=("a scorer",),
    )
    again = revive(case.comment_id, case.article_id, case.revision, case.text, case.inputs())
    assert again == case
    judge = Judge(Policy(), standard_rules(lexicon()))
    assert judge.judge(again) == judge.judge(case)
