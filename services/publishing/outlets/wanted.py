"""What a reader of the log asked for, and in plain words why an entry is or is not part of it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.publishing.outlets.frames import Facts, folded

_COMMENT = "newsroom.comment."


@dataclass(frozen=True)
class Wanted:
    """A filter over the log; an empty field asks for everything. Values within a field are alternatives, fields add up.

    A kill or an unpublishing carries no article and is narrowed by `types` only: whoever may hold a copy must hear of
    it. Comments are narrowed the same way, and stay out of a filtered reading unless `types` names them.
    """

    types: frozenset[str] = field(default=frozenset())
    sections: frozenset[str] = field(default=frozenset())
    tags: frozenset[str] = field(default=frozenset())
    outlets: frozenset[str] = field(default=frozenset())
    wires: frozenset[str] = field(default=frozenset())
    languages: frozenset[str] = field(default=frozenset())
    urgency: int | None = None  # this urgent or more: 1 is the most urgent
    words: tuple[str, ...] = ()

    @cached_property
    def everything(self) -> bool:
        """Nothing is filtered, so nothing needs to be looked at."""
        return self == _EVERYTHING

    @property
    def narrows(self) -> bool:
        """Some field beside `types` is set."""
        contents = (self.sections, self.tags, self.outlets, self.wires, self.languages, self.words)
        return any(contents) or self.urgency is not None

    def takes(self, facts: Facts) -> bool:
        """Whether the entry is wanted."""
        return self.everything or self.refusal(facts) is None

    def refusal(self, facts: Facts) -> str | None:
        """Why the entry is not wanted, in words; None where it is."""
        if self.types and facts.type not in self.types:
            return f"type {facts.type} is not asked for"
        if not self.narrows:
            return None
        if not facts.has_article:
            unnamed = facts.type.startswith(_COMMENT) and not self.types
            return "comments come only when `types` names them" if unnamed else None
        return self._refused_content(facts)

    def _refused_content(self, facts: Facts) -> str | None:
        for name, wanted, found in (
            ("section", self.sections, facts.section),
            ("outlet", self.outlets, facts.outlet),
            ("wire", self.wires, facts.wire),
        ):
            if wanted and folded(found or "") not in wanted:
                return f"{name} {found or '(none)'} is not among {_listed(wanted)}"
        if self.languages and not _speaks(facts.language or "", self.languages):
            return f"language {facts.language} is not among {_listed(self.languages)}"
        if self.tags and not self.tags & facts.tags:
            return f"no tag of {_listed(self.tags)}"
        if self.urgency is not None and (facts.urgency is None or facts.urgency > self.urgency):
            return f"urgency {facts.urgency or '(none)'} is less than {self.urgency}"
        if self.words and not any(word in facts.text for word in self.words):
            return f"none of the words {_listed(self.words)}"
        return None


_EVERYTHING = Wanted()


def wanted_of(filters: dict[str, Any]) -> Wanted:
    """A stored filter as it is used."""
    sets = ("types", "sections", "tags", "outlets", "wires", "languages")
    return Wanted(
        **{name: frozenset(filters.get(name, ())) for name in sets},
        urgency=filters.get("urgency"),
        words=tuple(filters.get("words", ())),
    )


def stored(wanted: Wanted) -> dict[str, Any]:
    """A filter as it is stored: only the fields that say something."""
    sets = ("types", "sections", "tags", "outlets", "wires", "languages")
    kept: dict[str, Any] = {name: sorted(getattr(wanted, name)) for name in sets if getattr(wanted, name)}
    if wanted.words:
        kept["words"] = list(wanted.words)
    return kept if wanted.urgency is None else {**kept, "urgency": wanted.urgency}


def _listed(values: Collection[str]) -> str:
    return ", ".join(sorted(values))


def _speaks(language: str, wanted: frozenset[str]) -> bool:
    lowered = language.casefold()
    return lowered in wanted or lowered.split("-")[0] in wanted
