"""Routing rules do what their editor wrote, and say on what grounds."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from pydantic import ValidationError

from services.publishing.domain.content import Content
from services.publishing.domain.intake import leave_by
from services.publishing.domain.routing import Actions, Filters, RoutingRule, Subject, matches, route, routed

STORY = Content(
    headline="Hà Nội mở tuyến metro số 3",
    body_html="<p>Tuyến đường sắt dài 12,5 km.</p>",
    language="vi",
    outlet="VTC News",
    wire="Reuters",
    section="news",
    source_url="https://x.example/1",
    credit="Hoa Vu",
    keywords=["Giao thông"],
)
MONDAY_23H = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # 23:30 in Ha Noi
SUBJECT = Subject(STORY, "VTC feed", MONDAY_23H)


@pytest.mark.parametrize(
    ("filters", "ground"),
    [
        ({"sources": ["vtc feed"]}, "source is VTC feed"),
        ({"outlets": ["Other", "VTC NEWS"]}, "outlet is VTC News"),
        ({"wires": ["reuters"]}, "wire is Reuters"),
        ({"sections": ["News"]}, "section is news"),
        ({"tags": ["giao-thong"]}, "tag is Giao thông"),
        ({"languages": ["vi"]}, "language is vi"),
        ({"words": ["METRO"]}, 'says "METRO"'),
        ({"days": ["mon"], "time_zone": "Asia/Ho_Chi_Minh"}, "came on Mon at 23:30"),
        ({"hours": [time(22), time(6)], "time_zone": "Asia/Ho_Chi_Minh"}, "came on Mon at 23:30"),
        ({}, "matches everything"),
    ],
)
def test_a_filter_that_holds_says_why(filters: dict[str, Any], ground: str) -> None:
    assert ground in " ".join(matches(Filters(**filters), SUBJECT) or [])


@pytest.mark.parametrize(
    "filters",
    [
        {"sources": ["other"]},
        {"languages": ["en"]},
        {"words": ["metr"]},
        {"days": ["tue"]},
        {"hours": [time(22), time(6)]},
        {"outlets": ["VTC News"], "wires": ["AFP"]},
    ],
)
def test_one_condition_that_does_not_hold_is_enough(filters: dict[str, Any]) -> None:
    assert matches(Filters(**filters), SUBJECT) is None


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="Asia/Hanoi"):
        Filters(time_zone="Asia/Hanoi")


def test_the_higher_priority_decides_and_tags_add_up() -> None:
    low = RoutingRule("low", 1, Filters(), Actions(desk="night", section="local", tags=["a"], outcome="publish"))
    high = RoutingRule("high", 9, Filters(wires=["Reuters"]), Actions(desk="world", tags=["b"], outcome="hold"))
    made = route([low, high], SUBJECT)
    assert (made.desk, made.section, made.tags, made.outcome, made.decided_by) == (
        "world", "local", ("b", "a"), "hold", "high"
    )  # fmt: skip
    assert len(made.why) == 2
    content = routed(STORY, made)
    assert content.section == "local"
    assert content.section_chosen
    assert [tag.id for tag in content.tags_chosen] == ["b", "a"]


def test_rules_let_out_hold_back_or_put_away_but_never_break_an_embargo() -> None:
    def leave(outcome: str, content: Content = STORY) -> Any:
        routing = route([RoutingRule("r", 0, Filters(), Actions.model_validate({"outcome": outcome}))], SUBJECT)
        return leave_by(content, outcome == "hold", routing, MONDAY_23H, 3)

    assert leave("publish").state == "scheduled"
    assert leave("hold").state == "draft"
    assert "rule “r”" in leave("hold").why_not
    assert leave("spike").state == "spiked"
    until = datetime(2027, 1, 1, tzinfo=UTC)
    assert leave("publish", STORY.model_copy(update={"embargoed_until": until})).due_at == until
    assert leave("publish", STORY.model_copy(update={"outlet": None})).state == "draft"
