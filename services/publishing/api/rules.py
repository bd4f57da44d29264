"""Routing rules: write them, try them on what came in lately, then switch them on."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.publishing.api.at_desk import AtDesk, refusing
from services.publishing.api.shapes import Body
from services.publishing.domain.chain import Act
from services.publishing.domain.content import Content
from services.publishing.domain.refusals import not_found
from services.publishing.domain.routing import Actions, Filters, Outcome, RoutingRule, Subject, matches
from services.publishing.storage import articles, audit, rules, sources
from services.publishing.storage.rules import Rule
from shared.events import Role
from shared.runtime import DoorRouter, Page, Problem, Reading, allow, new_id

router = DoorRouter(tags=["rules"])
contributors = [allow(Role.CONTRIBUTOR)]
editors = [allow(Role.EDITOR)]


class WriteRule(Body):
    """A rule; new ones are off until switched on, so that they can be tried first."""

    name: str = Field(min_length=1, max_length=200, examples=["Sports wire to the sports desk"])
    enabled: bool = False
    priority: int = Field(default=0, ge=-1000, le=1000)
    filters: Filters = Filters()
    actions: Actions


class TryRule(Body):
    """A rule to try, kept nowhere."""

    filters: Filters = Field(default=Filters(), examples=[{"wires": ["Reuters"], "words": ["typhoon"]}])
    actions: Actions = Actions()


class RuleView(BaseModel):
    """A rule as kept."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    enabled: bool
    priority: int
    revision: int
    filters: Filters
    actions: Actions
    changed_by: str
    changed_at: datetime


class Tried(BaseModel):
    """What a rule would have done with one article, and why (empty: it does not match)."""

    article_id: UUID
    headline: str
    matches: bool
    why: list[str]
    outcome: Outcome | None
    state_now: str


class Trial(BaseModel):
    """A rule tried on the articles that came in last; nothing was changed."""

    looked_at: int
    matched: int
    articles: list[Tried]


@router.get("/v1/rules", dependencies=contributors, summary="List routing rules in the order they are asked")
async def list_rules(session: Reading) -> Page[RuleView]:
    """Highest priority first."""
    return Page(items=[RuleView.model_validate(row) for row in await rules.list_rules(session)], next=None)


@router.post("/v1/rules", status_code=201, dependencies=editors, summary="Write a routing rule")
async def write_rule(body: WriteRule, desk: AtDesk) -> RuleView:
    """Asked of every article that comes in from now on, once it is enabled."""
    await _free(desk, body.name, None)
    rule = Rule(id=new_id(), changed_by=desk.by.name, changed_at=desk.now, **body.model_dump(mode="json"))
    desk.session.add(rule)
    return await _changed(desk, rule, "write rule")


@router.put("/v1/rules/{rule_id}", dependencies=editors, summary="Change a routing rule")
async def change_rule(rule_id: UUID, body: WriteRule, desk: AtDesk) -> RuleView:
    """The whole rule; `enabled` switches it on or off."""
    rule = await _found(desk, rule_id)
    before = RuleView.model_validate(rule)
    await _free(desk, body.name, rule_id)
    for name, value in body.model_dump(mode="json").items():
        setattr(rule, name, value)
    rule.revision, rule.changed_by, rule.changed_at = rule.revision + 1, desk.by.name, desk.now
    return await _changed(desk, rule, "change rule", before)


@router.delete("/v1/rules/{rule_id}", status_code=204, dependencies=editors, summary="Remove a routing rule")
async def remove_rule(rule_id: UUID, desk: AtDesk) -> None:
    """What it did stays done; the audit keeps what it said."""
    rule = await _found(desk, rule_id)
    await desk.session.delete(rule)
    await _changed(desk, rule, "remove rule", RuleView.model_validate(rule))


@router.post("/v1/rules/dry-run", dependencies=editors, summary="Try a rule on what came in lately")
async def try_rule(
    body: TryRule,
    session: Reading,
    last: Annotated[int, Query(ge=1, le=2000, description="Articles to look at.")] = 200,
) -> Trial:
    """Which of the last articles it would have caught, and on what grounds."""
    rule = RoutingRule("this rule", 0, body.filters, body.actions)
    rows = await sources.latest_ingested(session, last)
    tried = [
        _tried(rule, head, Subject(Content.model_validate(sent.content), head.source_name or "", sent.received_at))
        for head, sent in rows
    ]
    return Trial(looked_at=len(rows), matched=sum(one.matches for one in tried), articles=tried)


def _tried(rule: RoutingRule, head: articles.Article, subject: Subject) -> Tried:
    grounds = matches(rule.filters, subject)
    return Tried(
        article_id=head.id,
        headline=subject.content.headline,
        matches=grounds is not None,
        why=grounds or [],
        outcome=rule.actions.outcome if grounds else None,
        state_now=head.state,
    )


async def _found(desk: AtDesk, rule_id: UUID) -> Rule:
    with refusing():
        rule = await rules.find_rule(desk.session, rule_id)
        if rule is None:
            raise not_found(f"Rule {rule_id}")
    return rule


async def _free(desk: AtDesk, name: str, but: UUID | None) -> None:
    taken = await rules.rule_named(desk.session, name)
    if taken is not None and taken.id != but:
        detail = f"There is a rule “{name}” already ({taken.id}); change that one or choose another name."
        raise Problem(409, "name-taken", "That name is taken.", detail=detail)


async def _changed(desk: AtDesk, rule: Rule, act: str, before: RuleView | None = None) -> RuleView:
    view = RuleView.model_validate(rule)
    was, now = before.model_dump(mode="json") if before else None, view.model_dump(mode="json")
    entry = Act(desk.now, desk.by.id, desk.by.name, act, f"rule:{rule.id}", desk.by.origin, was, now)
    await desk.session.flush()
    await audit.append_audit(desk.session, [entry])
    return view
