"""The workflow says what is possible, and why not in words that help."""

from typing import get_args

import pytest

from services.publishing.domain.content import LIVE, State
from services.publishing.domain.workflow import WORKFLOW, Standing, Verb, actions, why_not
from shared.events import Role

STATES: tuple[State, ...] = get_args(State)
ALL = frozenset(Role)


def test_every_verb_is_in_the_table() -> None:
    assert set(WORKFLOW) == set(get_args(Verb))


@pytest.mark.parametrize("state", STATES)
def test_every_refusal_is_a_sentence_that_names_the_verb(state: State) -> None:
    for verb in WORKFLOW:
        against = why_not(verb, Standing(state))
        assert against is None or (against.startswith(f"Cannot {verb}") and against.endswith("."))


@pytest.mark.parametrize("verb", WORKFLOW)
def test_nothing_leads_out_of_a_kill(verb: Verb) -> None:
    assert "final" in (why_not(verb, Standing("killed", due=True)) or "")


def test_only_live_articles_are_corrected_updated_or_unpublished() -> None:
    for verb in ("correct", "update", "unpublish"):
        assert {state for state in STATES if why_not(verb, Standing(state)) is None} == LIVE


def test_what_lacks_attribution_does_not_leave_and_the_refusal_names_it() -> None:
    standing = Standing("ready", missing=("source_url", "outlet", "credit"))
    assert "lacks source url, outlet and credit" in (why_not("publish", standing) or "")
    assert "lacks" in (why_not("schedule", standing) or "")
    assert why_not("approve", Standing("in_review", missing=("outlet",))) is None


def test_what_is_held_does_not_leave() -> None:
    assert "embargo unreadable" in (why_not("publish", Standing("ready", held="embargo unreadable")) or "")


def test_publishing_twice_points_to_correct_and_update() -> None:
    assert "`correct`" in (why_not("publish", Standing("published")) or "")


def test_unschedule_needs_something_that_waits() -> None:
    assert why_not("unschedule", Standing("published", due=True)) is None
    assert "nothing waits" in (why_not("unschedule", Standing("published")) or "")


def test_actions_say_which_role_is_missing() -> None:
    found = {a.verb: a for a in actions(Standing("draft"), frozenset({Role.CONTRIBUTOR, Role.READER}))}
    assert found["submit"].allowed
    assert not found["publish"].allowed
    assert "role editor" in (found["publish"].why_not or "")
    assert {a.verb for a in actions(Standing("published"), ALL) if a.allowed} == {
        "schedule", "correct", "update", "unpublish", "kill", "takedown"
    }  # fmt: skip
