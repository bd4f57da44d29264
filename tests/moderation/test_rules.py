"""What each rule finds, and what it leaves alone."""

import pytest

from services.moderation.domain.case import Alike, Author, Reports, Score, Thread
from services.moderation.rules.links import belongs, hosts
from tests.moderation.builders import A_GOOD_COMMENT, a_case, codes, judged

FOUND = [
    ("", "length.empty"),
    ("\u200b\u200b \u2060", "length.empty"),
    ("x" * 5001, "length.long"),
    ("Read this: http://bit.ly/3xyz", "links.shortener"),
    ("Read this: bit[.]ly/3xyz", "links.shortener"),
    ("See https://a.example.com https://b.example.org http://c.example.net", "links.too_many"),
    ("My number is 0912.345.678 ok", "contact.phone"),
    ("gọi +84 912 345 678 nhé", "contact.phone"),
    ("write to someone (at) mail.com please", "contact.email"),
    ("Leave your email below and I will send it", "contact.harvest"),
    ("bạn nào cần cho mình xin số điện thoại nhé", "contact.harvest"),
    ("THIS IS THE WORST DECISION EVER MADE HERE", "shouting.capitals"),
    ("Really!!!!!!!!!!!", "shouting.signs"),
    ("You are an idiot.", "words.insult"),
    ("Thằng ngu này nói gì vậy", "words.insult"),
    ("go kill yourself", "words.threat"),
    ("Nhà cái uy tín số một", "words.spam"),
]


@pytest.mark.parametrize(("text", "code"), FOUND)
def test_a_rule_finds_what_it_is_for(text: str, code: str) -> None:
    assert code in codes(judged(a_case(text)))


CLEAN = [
    A_GOOD_COMMENT,
    "The 2024 budget of 1,250,000,000 dong was approved on 06/11/2024 at 10.30.",
    "NATO and the WHO met in the USA.",
    "In 1999-2004 the score was 3-2, then 0-1; see page 12, lines 100 200 300.",
    "Prof. Dickens of Essex assessed the Scunthorpe classics at Middlesex.",
    "Các bạn đi du lịch buổi sáng, lớn lên cùng con lợn đất và lon nước.",
    "Mr.Smith said e.g.this and i.e.that, etc.and so on.",
    "Ý kiến hay, cảm ơn toà soạn.",
]


@pytest.mark.parametrize("text", CLEAN)
def test_ordinary_comments_are_left_alone(text: str) -> None:
    assert codes(judged(a_case(text))) == set()


def test_hosts_match_by_label_boundary() -> None:
    assert belongs("www.example.com", ["example.com"])
    assert not belongs("badexample.com", ["example.com"])
    assert [host for host, _ in hosts("at https://user@EVIL.example.com:8080/x and www.good.vn.")] == [
        "evil.example.com",
        "good.vn",
    ]


def test_a_denied_host_rejects_and_an_allowed_one_counts_for_nothing() -> None:
    text = "look at https://sub.bad.example/x"
    assert judged(a_case(text), links={"deny": ["bad.example"]}).verdict == "reject"
    assert judged(a_case(text), links={"allow": ["bad.example"]}).verdict == "approve"


def test_a_link_by_a_known_author_is_welcome() -> None:
    text = "More at https://example.org/report"
    assert judged(a_case(text)).verdict == "hold"
    assert judged(a_case(text, author=Author(approved=5))).verdict == "approve"


@pytest.mark.parametrize(
    ("author", "verdict"),
    [
        (Author(status="banned"), "reject"),
        (Author(status="suspended"), "reject"),
        (Author(status="premoderated"), "hold"),
        (Author(trust=0.2, rejected=4), "hold"),
        (Author(last_minute=7), "hold"),
        (Author(last_minute=25), "reject"),
        (Author(last_hour=61), "hold"),
    ],
)
def test_who_writes_counts(author: Author, verdict: str) -> None:
    assert judged(a_case(author=author)).verdict == verdict


def test_a_closed_thread_takes_nothing_and_a_killed_one_less() -> None:
    assert codes(judged(a_case(thread=Thread(open=False)))) == {"thread.closed"}
    killed = judged(a_case(thread=Thread(open=False, killed=True)), closed_thread="off")
    assert (killed.verdict, codes(killed)) == ("reject", {"thread.killed"})


@pytest.mark.parametrize(
    ("alike", "code"),
    [
        (Alike(by_author=1, likeness=0.9), "repeat.same_author"),
        (Alike(by_author=3, likeness=0.9), "repeat.many"),
        (Alike(by_others=2, likeness=1.0), "repeat.across"),
    ],
)
def test_repeats_are_named_by_who_repeats(alike: Alike, code: str) -> None:
    assert codes(judged(a_case(alike=alike))) == {code}


def test_reports_count_once_they_weigh_enough() -> None:
    assert judged(a_case(reports=Reports(1, 0.5))).verdict == "approve"
    assert codes(judged(a_case(reports=Reports(2, 1.1)))) == {"reports.weight"}


def test_another_language_is_held_only_where_it_is_sure() -> None:
    french = "Je pense que cette décision est vraiment mauvaise pour notre ville et ses habitants."
    expected = {"expected": ["en", "vi"]}
    assert codes(judged(a_case(french, language="fr", language_sure=0.99), language=expected)) == {
        "language.unexpected"
    }
    assert codes(judged(a_case(french, language="fr", language_sure=0.5), language=expected)) == set()


def test_a_score_decides_only_by_thresholds_that_evidence_bears() -> None:
    unsure = Score("learner", "m", {"reject": 0.97})
    assert judged(a_case(scores=(unsure,))).verdict == "approve"
    bold = Score("learner", "m", {"reject": 0.97}, hold_from=0.1, reject_from=0.9)
    assert judged(a_case(scores=(bold,))).verdict == "reject"
    between = Score("learner", "m", {"reject": 0.5}, hold_from=0.1, reject_from=0.9)
    assert judged(a_case(scores=(between,))).verdict == "hold"


def test_automation_is_refused_while_the_evidence_is_thin() -> None:
    thin = Score("learner", "m", {"reject": 0.01})
    ruling = judged(a_case(scores=(thin,)), scores={"approve_only_below": True})
    assert (ruling.verdict, codes(ruling)) == ("hold", {"score.thin"})


def test_a_scorer_in_shadow_is_recorded_and_does_not_decide() -> None:
    bold = Score("new", "m", {"toxic": 0.99}, hold_from=0.1, reject_from=0.9, shadow=True)
    ruling = judged(a_case(scores=(bold,)))
    assert ruling.verdict == "approve"
    assert [reason.shadow for reason in ruling.reasons] == [True]


def test_what_is_only_quoted_counts_less_but_quotation_marks_excuse_nothing() -> None:
    quoted = judged(a_case('He was banned for saying "you are an idiot" to a nurse.'))
    assert (quoted.verdict, codes(quoted)) == ("approve", {"words.quoted"})
    assert judged(a_case('Hey "you are an idiot"')).verdict == "hold"
