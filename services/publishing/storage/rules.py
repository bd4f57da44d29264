"""Routing rules: what an editor wrote, in the order in which they are asked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.routing import Actions, Filters, RoutingRule
from services.publishing.storage.base import Json, Table, json_object, moment


class Rule(Table, table=True):
    """A filter and what happens to the articles it matches; a higher `priority` is asked first."""

    __tablename__ = "rules"

    id: UUID = Field(primary_key=True)
    name: str = Field(unique=True)
    enabled: bool = False
    priority: int = 0
    revision: int = 1
    filters: Json = json_object()
    actions: Json = json_object()
    changed_by: str
    changed_at: datetime = moment()


async def list_rules(session: AsyncSession) -> Sequence[Rule]:
    """All rules in the order in which they are asked."""
    return (await session.exec(select(Rule).order_by(col(Rule.priority).desc(), col(Rule.name)))).all()


async def enabled_rules(session: AsyncSession) -> list[RoutingRule]:
    """The rules that are switched on, ready to be asked."""
    rows = await session.exec(select(Rule).where(col(Rule.enabled)))
    return [as_asked(row) for row in rows.all()]


def as_asked(row: Rule) -> RoutingRule:
    """A kept rule as the domain asks it."""
    return RoutingRule(row.name, row.priority, Filters.model_validate(row.filters), Actions.model_validate(row.actions))


async def find_rule(session: AsyncSession, rule_id: UUID) -> Rule | None:
    """One rule, held for this transaction."""
    return await session.get(Rule, rule_id, with_for_update=True)


async def rule_named(session: AsyncSession, name: str) -> Rule | None:
    """The rule of this name."""
    return (await session.exec(select(Rule).where(Rule.name == name))).one_or_none()
