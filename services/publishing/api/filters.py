"""What a reader asks of the log: a filter in a query string or in a body.

A filter that is not understood would let everything through, so each field may be said in the singular or the plural,
and a body with any other field is refused.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import AliasChoices, BeforeValidator, Field

from services.publishing.api.shapes import Body
from services.publishing.outlets.frames import folded
from services.publishing.outlets.wanted import Wanted
from shared.events import EVENTS, Publication
from shared.runtime import Problem

TYPES = tuple(sorted(name for name, event in EVENTS.items() if issubclass(event, Publication)))

Many = Annotated[list[str] | None, Query(max_length=50)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_listed)]


def _names(plural: str, most: int = 200, description: str | None = None) -> Any:
    names = AliasChoices(plural, plural.removesuffix("s"))
    return Field(default=[], max_length=most, validation_alias=names, description=description)


class EventFilters(Body):
    """What is wanted; an empty field asks for everything. Types may be short (`published`)."""

    types: Names = _names("types", 50)
    sections: Names = _names("sections")
    tags: Names = _names("tags")
    outlets: Names = _names("outlets")
    wires: Names = _names("wires")
    languages: Names = _names("languages", 50)
    urgency: int | None = Field(default=None, ge=1, le=9, description="This urgent or more; 1 is the most.")
    words: Names = _names("words", description="One of them in headline, summary or body.")

    def wanted(self) -> Wanted:
        """The filter as it is used. Raises Problem 422 for an unknown type."""
        return make_wanted(
            self.types,
            self.sections,
            self.tags,
            self.outlets,
            self.wires,
            self.languages,
            self.urgency,
            self.words,
        )


def wanted_by(
    request: Request,
    types: Many = None,
    section: Many = None,
    tag: Many = None,
    outlet: Many = None,
    wire: Many = None,
    language: Many = None,
    urgency: Annotated[int | None, Query(ge=1, le=9)] = None,
    words: Many = None,
) -> Wanted:
    """The filter in a query string; a field may be repeated or hold values between commas."""

    def said(values: Sequence[str] | None, otherwise: str) -> list[str]:
        return _split([*(values or ()), *request.query_params.getlist(otherwise)])

    return make_wanted(
        said(types, "type"),
        said(section, "sections"),
        said(tag, "tags"),
        said(outlet, "outlets"),
        said(wire, "wires"),
        said(language, "languages"),
        urgency,
        said(words, "word"),
    )


def make_wanted(
    types: Sequence[str] | None = None,
    sections: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
    outlets: Sequence[str] | None = None,
    wires: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    urgency: int | None = None,
    words: Sequence[str] | None = None,
) -> Wanted:
    """A filter from what a person wrote. Types may be short: `published`, `article.published`. Raises Problem 422."""
    return Wanted(
        types=frozenset(full_type(name) for name in _said(types)),
        sections=frozenset(map(folded, _said(sections))),
        tags=frozenset(_said(tags)),
        outlets=frozenset(map(folded, _said(outlets))),
        wires=frozenset(map(folded, _said(wires))),
        languages=frozenset(map(folded, _said(languages))),
        urgency=urgency,
        words=tuple(map(folded, _said(words))),
    )


def full_type(name: str) -> str:
    """The event type a person meant. Raises Problem 422 that lists them all."""
    for known in TYPES:
        short = known.removeprefix("newsroom.")
        if name in {known, short, short.rsplit(".", 1)[0], short.split(".")[1]}:
            return known
    raise Problem(
        422, "unknown-type", "There is no such event type.", detail=f"{name!r} is none of: {', '.join(TYPES)}."
    )


def position_ahead(position: int, end: int) -> Problem:
    """What to answer who claims to have more than there is: taken at their word, they would miss what comes next."""
    detail = f"The log ends at {end}; {position} is from another house or another time. Start again from 0."
    return Problem(409, "position-ahead", "The log does not reach that far.", detail=detail, head=end)


def _split(values: Sequence[str]) -> list[str]:
    return [item for value in values for item in value.split(",")]


def _said(values: Sequence[str] | None) -> list[str]:
    return [value.strip() for value in values or () if value.strip()]
