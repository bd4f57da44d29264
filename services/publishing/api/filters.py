"""What a reader asks of the log: a filter in a query string or in a body."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from services.publishing.outlets.wanted import Wanted
from shared.events import EVENTS, Publication
from shared.runtime import Problem

TYPES = tuple(sorted(name for name, event in EVENTS.items() if issubclass(event, Publication)))

Many = Annotated[list[str] | None, Query(max_length=50)]


class EventFilters(BaseModel):
    """What is wanted; an empty field asks for everything. Types may be short (`published`)."""

    types: list[str] = Field(default=[], max_length=50)
    sections: list[str] = Field(default=[], max_length=200)
    tags: list[str] = Field(default=[], max_length=200)
    outlets: list[str] = Field(default=[], max_length=200)
    wires: list[str] = Field(default=[], max_length=200)
    languages: list[str] = Field(default=[], max_length=50)
    urgency: int | None = Field(default=None, ge=1, le=9, description="This urgent or more; 1 is the most.")
    words: list[str] = Field(default=[], max_length=200, description="One of them in headline, summary or body.")

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
    return make_wanted(types, section, tag, outlet, wire, language, urgency, words)


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
        types=frozenset(full_type(name) for name in _split(types)),
        sections=frozenset(name.casefold() for name in _split(sections)),
        tags=frozenset(_split(tags)),
        outlets=frozenset(name.casefold() for name in _split(outlets)),
        wires=frozenset(name.casefold() for name in _split(wires)),
        languages=frozenset(name.casefold() for name in _split(languages)),
        urgency=urgency,
        words=tuple(word.casefold() for word in _split(words)),
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


def _split(values: Sequence[str] | None) -> list[str]:
    return [item.strip() for value in values or () for item in value.split(",") if item.strip()]
