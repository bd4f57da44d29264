"""The workflow as data: which verb leads from which state to which, and in words why one is not possible now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.publishing.domain.content import LIVE, State
from shared.events import Role

Verb = Literal[
    "submit",
    "approve",
    "reject",
    "schedule",
    "unschedule",
    "publish",
    "correct",
    "update",
    "unpublish",
    "kill",
    "takedown",
    "spike",
    "restore",
]

_UNSEEN: frozenset[State] = frozenset({"draft", "in_review", "ready", "scheduled", "unpublished"})


@dataclass(frozen=True)
class Rule:
    """One verb: who may, from where, to where (None: the state stays or is remembered), and what it is for."""

    role: Role
    start: frozenset[State]
    end: State | None
    meaning: str
    leaves: bool = False  # readers will see the words: attribution, embargo and holds are asked
    instead: Mapping[State, str] = field(default_factory=dict)


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


_LIVE_HINT: dict[State, str] = dict.fromkeys(
    LIVE, "it is already public: `correct` says what was wrong, `update` tells a new development"
)
_NOT_PUBLIC: dict[State, str] = dict.fromkeys(_UNSEEN | {"spiked"}, "it is not public: `publish` it first")
_STILL_PUBLIC: dict[State, str] = dict.fromkeys(LIVE, "it is public: `unpublish` it first, or `kill` it")

WORKFLOW: dict[Verb, Rule] = {
    "submit": Rule(Role.CONTRIBUTOR, _from("draft"), "in_review", "Ask for a second pair of eyes."),
    "approve": Rule(Role.EDITOR, _from("draft", "in_review"), "ready", "Say that it may go out."),
    "reject": Rule(Role.EDITOR, _from("in_review", "ready"), "draft", "Send it back to its writer."),
    "schedule": Rule(
        Role.EDITOR,
        _from("draft", "in_review", "ready", "scheduled", "unpublished") | LIVE,
        "scheduled",
        "Let it go out, or let a change of it go out, at a given second.",
        leaves=True,
    ),
    "unschedule": Rule(
        Role.EDITOR, _from("scheduled") | LIVE, None, "Call off what waits: a schedule, an embargo's lift, an undo."
    ),
    "publish": Rule(
        Role.EDITOR,
        _UNSEEN,
        "published",
        "Show it to the world.",
        leaves=True,
        instead=_LIVE_HINT,
    ),
    "correct": Rule(
        Role.EDITOR,
        LIVE,
        "corrected",
        "Change what was wrong, and say so on the page.",
        leaves=True,
        instead=_NOT_PUBLIC,
    ),
    "update": Rule(
        Role.EDITOR, LIVE, "updated", "Tell a new development of a public story.", leaves=True, instead=_NOT_PUBLIC
    ),
    "unpublish": Rule(Role.EDITOR, LIVE, "unpublished", "Take it off; it may come back.", instead=_NOT_PUBLIC),
    "kill": Rule(
        Role.EDITOR,
        LIVE | {"scheduled", "unpublished"},
        "killed",
        "Remove it everywhere, at once and for good.",
        instead=dict.fromkeys(_from("draft", "in_review", "ready"), "nobody outside has it: `spike` it"),
    ),
    "takedown": Rule(
        Role.CHIEF,
        LIVE | {"scheduled", "unpublished"},
        "killed",
        "Remove it on somebody's demand, at once and for good.",
        instead=dict.fromkeys(_from("draft", "in_review", "ready"), "nobody outside has it: `spike` it"),
    ),
    "spike": Rule(Role.EDITOR, _UNSEEN, "spiked", "Put it away; it can be restored.", instead=_STILL_PUBLIC),
    "restore": Rule(Role.EDITOR, _from("spiked"), None, "Take it out of the spike."),
}

#: What a live article is called after its change went out.
STATE_AFTER: dict[str, State] = {"publish": "published", "correct": "corrected", "update": "updated"}


@dataclass(frozen=True)
class Standing:
    """What the workflow asks of an article. `missing` names attribution that is not there; `due`: something waits."""

    state: State
    due: bool = False
    missing: tuple[str, ...] = ()
    held: str | None = None
    embargoed_until: datetime | None = None


@dataclass(frozen=True)
class Action:
    """A verb and whether it is possible now; `why_not` says what stands against it and what to do."""

    verb: Verb
    allowed: bool
    meaning: str
    why_not: str | None = None


def why_not(verb: Verb, standing: Standing) -> str | None:
    """What stands against a verb, as a sentence; None when nothing does. Roles are asked apart."""
    rule = WORKFLOW[verb]
    if standing.state == "killed":
        return f"Cannot {verb}: the article was killed, which is final. Write a new one."
    if standing.state not in rule.start:
        hint = rule.instead.get(standing.state) or f"that is possible from {_list(sorted(rule.start))}"
        return f"Cannot {verb} an article that is {standing.state.replace('_', ' ')}: {hint}."
    if verb == "unschedule" and not standing.due:
        return "Cannot unschedule: nothing waits to go out."
    if verb in {"correct", "update"} and standing.due:
        return f"Cannot {verb}: a change of it waits to go out already. `unschedule` that one first."
    return obstacle(verb, standing) if rule.leaves else None


def obstacle(verb: str, standing: Standing) -> str | None:
    """What keeps the words from readers whatever the state: attribution, a hold. Not the embargo's clock."""
    if standing.missing:
        return (
            f"Cannot {verb}: the attribution lacks {_list(standing.missing)}. PATCH the article with what is missing."
        )
    if standing.held:
        return f'Cannot {verb}: the story is held ({standing.held}). Clear it with PATCH {{"held": null}}.'
    return None


def actions(standing: Standing, roles: frozenset[Role]) -> list[Action]:
    """Every verb, allowed or why not, for somebody who holds `roles` (already widened downwards)."""
    found = []
    for verb, rule in WORKFLOW.items():
        against = why_not(verb, standing)
        if rule.role not in roles:
            against = f"Cannot {verb}: that takes the role {rule.role.value}."
        found.append(Action(verb, against is None, rule.meaning, against))
    return found


def _list(words: tuple[str, ...] | list[str]) -> str:
    plain = [word.replace("_", " ") for word in words]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}"
