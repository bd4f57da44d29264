"""Routing rules an editor writes without code: what an article must be like, and what then happens to it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from services.publishing.domain.content import Content
from services.publishing.domain.html import plain_text
from services.publishing.domain.slugs import slugify
from services.publishing.domain.zones import zone_named
from shared.events import Tag, Word

Outcome = Literal["publish", "hold", "spike"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Filters(Word):
    """All that are given must hold; within one, any. Names match whole and without regard to case.

    `words` are looked for as whole words in headline, summary and body. `hours` is [from, to) in `time_zone`, and may
    run over midnight.
    """

    sources: list[str] = []
    outlets: list[str] = []
    wires: list[str] = []
    sections: list[str] = []
    tags: list[str] = Field(default=[], description="Keywords the source gave.")
    languages: list[str] = []
    words: list[str] = []
    hours: tuple[time, time] | None = None
    days: list[Day] = []
    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        return zone_named(name).key


class Actions(Word):
    """What happens to an article that matches. `publish` asks for attribution and embargo as ever."""

    desk: str | None = None
    section: str | None = None
    tags: list[str] = []
    outcome: Outcome | None = None


@dataclass(frozen=True)
class RoutingRule:
    """A rule as it is asked."""

    name: str
    priority: int
    filters: Filters
    actions: Actions


@dataclass(frozen=True)
class Subject:
    """What rules are asked about: the words as the source sent them, and when they came."""

    content: Content
    source: str
    at: datetime


@dataclass(frozen=True)
class Routing:
    """What all rules together make of an article; `why` tells which rule did what, and on what grounds."""

    desk: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    outcome: Outcome | None = None
    decided_by: str | None = None
    why: tuple[str, ...] = ()


def matches(filters: Filters, subject: Subject) -> list[str] | None:
    """Why a filter matches, one sentence a condition; None where one does not hold."""
    content = subject.content
    grounds: list[str] = []
    lists = (
        ("source", filters.sources, [subject.source]),
        ("outlet", filters.outlets, [content.outlet or ""]),
        ("wire", filters.wires, [content.wire or ""]),
        ("section", filters.sections, [content.section or ""]),
        ("tag", filters.tags, content.keywords),
        ("language", filters.languages, [content.language, content.language.split("-")[0]]),
    )
    for name, wanted, given in lists:
        if wanted:
            found = _first_common(wanted, given)
            if found is None:
                return None
            grounds.append(f"its {name} is {found}")
    for condition in (_word_found, _in_time):
        ground = condition(filters, subject)
        if ground is None:
            return None
        grounds += [ground] if ground else []
    return grounds or ["it matches everything"]


def _first_common(wanted: Sequence[str], given: Sequence[str]) -> str | None:
    known = {_plain(value): value for value in given if value}
    return next((known[_plain(value)] for value in wanted if _plain(value) in known), None)


def _plain(value: str) -> str:
    return slugify(value) or value.casefold()


def _word_found(filters: Filters, subject: Subject) -> str | None:
    """The ground; empty where no words are asked for, None where none is found."""
    if not filters.words:
        return ""
    content = subject.content
    text = f"{content.headline}\n{content.summary or ''}\n{plain_text(content.body_html)}"
    for word in filters.words:
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            return f'it says "{word}"'
    return None


def _in_time(filters: Filters, subject: Subject) -> str | None:
    """The ground; empty where no time is asked for, None where it came at another."""
    local = subject.at.astimezone(ZoneInfo(filters.time_zone))
    if filters.days and _DAYS[local.weekday()] not in filters.days:
        return None
    if filters.hours is not None:
        start, end = filters.hours
        now = local.time().replace(tzinfo=None)
        inside = start <= now < end if start <= end else (now >= start or now < end)
        if not inside:
            return None
    return f"it came on {local:%a at %H:%M} ({filters.time_zone})" if filters.days or filters.hours else ""


def route(rules: Iterable[RoutingRule], subject: Subject) -> Routing:
    """Ask every rule, highest priority first: desk, section and outcome are the first given, tags those of all."""
    made = Routing()
    tags: list[str] = []
    why: list[str] = []
    for rule in sorted(rules, key=lambda r: (-r.priority, r.name)):
        grounds = matches(rule.filters, subject)
        if grounds is None:
            continue
        tags += [tag for tag in rule.actions.tags if tag not in tags]
        why.append(f"Rule “{rule.name}” matches because {' and '.join(grounds)}.")
        made = Routing(
            desk=made.desk or rule.actions.desk,
            section=made.section or rule.actions.section,
            outcome=made.outcome or rule.actions.outcome,
            decided_by=made.decided_by or (rule.name if rule.actions.outcome else None),
        )
    return Routing(made.desk, made.section, tuple(tags), made.outcome, made.decided_by, tuple(why))


def routed(content: Content, routing: Routing) -> Content:
    """The content with the section and tags the rules chose; they count as a person's, who wrote the rule."""
    have = {tag.id for tag in content.tags_chosen}
    added = [
        Tag(id=slugify(name), name=name, reason="A routing rule put it there.", origin="person")
        for name in routing.tags
        if slugify(name) and slugify(name) not in have
    ]
    section = slugify(routing.section or "")
    chosen = {"section": section, "section_chosen": True} if section else {}
    return content.model_copy(update={"tags_chosen": [*content.tags_chosen, *added], **chosen})
