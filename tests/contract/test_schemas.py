"""What is on the wire: golden schemas, names that never change, and a gate that names what would break readers."""

from typing import Any

import pytest
from pydantic import BaseModel

from ops.schemas import breaks, differences
from shared.events import EVENTS, Publication

STREAMS = {
    "newsroom.article.edited.v1": "article.edited",
    "newsroom.article.enriched.v1": "article.enriched",
    "newsroom.article.ingested.v1": "article.ingested",
    "newsroom.article.withdrawn.v1": "article.withdrawn",
    "newsroom.comment.moderated.v1": "comment.moderated",
    "newsroom.comment.reported.v1": "comment.reported",
    "newsroom.comment.submitted.v1": "comment.submitted",
    "newsroom.article.corrected.v1": "publications",
    "newsroom.article.killed.v1": "publications",
    "newsroom.article.published.v1": "publications",
    "newsroom.article.unpublished.v1": "publications",
    "newsroom.article.updated.v1": "publications",
    "newsroom.comment.removed.v1": "publications",
    "newsroom.comment.shown.v1": "publications",
    "newsroom.token.issued.v1": "token.issued",
    "newsroom.token.revoked.v1": "token.revoked",
}


class Word(BaseModel):
    """A part of a fact."""

    name: str
    score: float = 1.0


class Fact(BaseModel):
    """A fact as readers know it."""

    article_id: str
    headline: str
    kind: str | None = None
    tags: list[Word] = []


def test_golden_schemas_are_as_they_were_committed() -> None:
    assert differences() == ([], [])


def test_types_and_streams_keep_their_names() -> None:
    names = {name: event.stream_name() for name, event in EVENTS.items()}
    assert {name: names.get(name) for name in STREAMS} == STREAMS


def test_what_the_world_sees_is_told_by_publishing_on_one_stream() -> None:
    public = [event for event in EVENTS.values() if issubclass(event, Publication)]
    assert len(public) >= 7
    assert {(event.teller, event.stream_name()) for event in public} == {("publishing", "publications")}


def test_an_optional_field_may_be_added() -> None:
    class Later(Fact):
        summary: str | None = None

    assert breaks(Fact.model_json_schema(), Later.model_json_schema()) == []


def schema_with(**changed: Any) -> dict[str, Any]:
    """The schema of Fact with fields of other types (None takes one away)."""
    kept = {name: (field.annotation, field) for name, field in Fact.model_fields.items() if name not in changed}
    given = {name: kind for name, kind in changed.items() if kind is not None}
    from pydantic import create_model

    made = create_model("Fact", **kept, **given)  # type: ignore[call-overload]  # fields by name
    schema: dict[str, Any] = made.model_json_schema()
    return schema


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"headline": None}, "`headline` is gone"),
        ({"headline": (int, ...)}, "`headline` was"),
        ({"headline": (str, "none")}, "`headline` was required and no longer is"),
        ({"kind": (str, ...)}, "`kind` was"),
        ({"source": (str, ...)}, "`source` is new and required"),
        ({"tags": (list[str], [])}, "`tags[]` has another shape"),
    ],
)
def test_every_other_change_is_refused_by_name(changed: dict[str, Any], sentence: str) -> None:
    assert any(found.startswith(sentence) for found in breaks(Fact.model_json_schema(), schema_with(**changed)))


def test_a_change_deep_inside_is_named_with_its_path() -> None:
    class Narrow(BaseModel):
        name: str

    narrow = schema_with(tags=(list[Narrow], []))
    assert breaks(Fact.model_json_schema(), narrow) == ["`tags[].score` is gone"]
