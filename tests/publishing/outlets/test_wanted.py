"""Filters: values within a field are alternatives, fields add up, and nobody misses a kill."""

import orjson
import pytest

from services.publishing.outlets.frames import Frame
from services.publishing.outlets.wanted import Wanted, stored, wanted_of
from shared.events import ArticleKilled, ArticlePublished, CommentShown, Publication
from tests.publishing.outlets.builders import AT, ID, a_published_article


def a_frame(fact: Publication | None = None, position: int = 7) -> Frame:
    fact = fact or ArticlePublished.model_validate(a_published_article().model_dump())
    event = {"position": position, "type": fact.type_name(), "data": fact.model_dump(mode="json")}
    return Frame(position, "0190", fact.type_name(), orjson.dumps(event))


KILLED = "newsroom.article.killed.v1"
KILL = ArticleKilled(article_id=ID, revision=4, slug="x", reason="Legal.", killed_at=AT)
COMMENT = CommentShown(
    comment_id=ID, article_id=ID, revision=1, author_name="Lan", text="Hi", submitted_at=AT, shown_at=AT
)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(sections=frozenset({"political-system", "news"})),
        Wanted(tags=frozenset({"kremlin"})),
        Wanted(outlets=frozenset({"vtc news"}), wires=frozenset({"reuters"})),
        Wanted(languages=frozenset({"en"})),
        Wanted(urgency=4),
        Wanted(words=("kremlin", "nothing like it")),
        Wanted(words=("đợi",)),
        Wanted(types=frozenset({"newsroom.article.published.v1"})),
    ],
)
def test_a_story_that_fits_is_taken(wanted: Wanted) -> None:
    assert wanted.takes(a_frame().facts)
    assert wanted.refusal(a_frame().facts) is None


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted(sections=frozenset({"business"})), "section political-system is not among business"),
        (Wanted(tags=frozenset({"nato"})), "no tag of nato"),
        (Wanted(outlets=frozenset({"vtc news"}), wires=frozenset({"ap"})), "wire Reuters is not among ap"),
        (Wanted(languages=frozenset({"vi"})), "language en is not among vi"),
        (Wanted(urgency=3), "urgency 4 is less than 3"),
        (Wanted(words=("tennis",)), "none of the words tennis"),
        (
            Wanted(types=frozenset({"newsroom.article.killed.v1"})),
            "type newsroom.article.published.v1 is not asked for",
        ),
    ],
)
def test_a_story_that_does_not_fit_is_refused_with_the_reason(wanted: Wanted, why: str) -> None:
    assert not wanted.takes(a_frame().facts)
    assert wanted.refusal(a_frame().facts) == why


def test_a_kill_reaches_everyone_who_might_hold_a_copy() -> None:
    for wanted in (Wanted(), Wanted(sections=frozenset({"business"})), Wanted(words=("tennis",), urgency=1)):
        assert wanted.takes(a_frame(KILL).facts)


def test_comments_come_into_a_narrow_reading_only_by_name() -> None:
    narrow = Wanted(sections=frozenset({"business"}))
    assert not narrow.takes(a_frame(COMMENT).facts)
    assert Wanted().takes(a_frame(COMMENT).facts)
    named = Wanted(sections=narrow.sections, types=frozenset({"newsroom.comment.shown.v1"}))
    assert named.takes(a_frame(COMMENT).facts)


def test_a_thin_payload_keeps_ids_and_what_changed() -> None:
    thin = orjson.loads(a_frame().thin)
    assert thin["position"] == 7
    assert thin["data"]["article_id"] == str(ID)
    assert "body_html" not in thin["data"]
    assert orjson.loads(a_frame(KILL).thin)["data"]["reason"] == "Legal."


def test_the_wire_form_is_one_event_of_one_data_line() -> None:
    frame = a_frame()
    assert frame.wire == b"id: 7\ndata: " + frame.event + b"\n\n"
    assert b"\n" not in frame.event


def test_a_filter_survives_being_stored() -> None:
    wanted = Wanted(sections=frozenset({"a"}), words=("x",), urgency=2, types=frozenset({"t"}))
    assert wanted_of(stored(wanted)) == wanted
    assert stored(Wanted()) == {}
