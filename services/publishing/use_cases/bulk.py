"""Bulk acts: one order for up to 500 articles, each done or refused on its own."""

from datetime import datetime
from typing import cast

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.people import may_change
from services.publishing.domain.refusals import Refused, not_found, not_yours
from services.publishing.domain.workflow import Verb
from services.publishing.settings import Settings
from services.publishing.storage import articles, desk
from services.publishing.storage.articles import Article
from services.publishing.storage.base import Json
from services.publishing.storage.desk import BulkItem, BulkJob
from services.publishing.use_cases.acts import By, Order, act
from shared.events import Event, Role


async def work_on_bulk(
    session: AsyncSession, settings: Settings, now: datetime, limit: int = 25
) -> tuple[int, list[Event]]:
    """Do the next articles of the bulk acts that wait; how many were looked at, and the facts to tell."""
    rows = await desk.take_bulk(session, limit)
    await articles.lock_articles(session, {item.article_id for item, _ in rows})
    told: list[Event] = []
    for item, job in rows:
        item.answer, facts = await _one(session, item, job, settings, now)
        session.add(item)
        told += facts
    return len(rows), told


async def _one(
    session: AsyncSession, item: BulkItem, job: BulkJob, settings: Settings, now: datetime
) -> tuple[Json, list[Event]]:
    try:
        async with session.begin_nested():
            head, facts = await _act(session, item, job, settings, now)
    except Refused as refused:
        return {"status": refused.status, "type": f"/problems/{refused.slug}", "detail": refused.detail}, []
    return {"status": 200, "state": head.state, "revision": head.revision}, facts


async def _act(
    session: AsyncSession, item: BulkItem, job: BulkJob, settings: Settings, now: datetime
) -> tuple[Article, list[Event]]:
    verb = cast(Verb, job.verb)
    head = await articles.lock_article(session, item.article_id)
    if head is None:
        raise not_found(f"Article {item.article_id}")
    if verb == "submit" and not may_change([Role(role) for role in job.roles], job.by_id, head.created_by, head.state):
        raise not_yours()
    by = By(job.by_id, job.by_name, job.origin)
    return head, await act(session, head, verb, Order.from_json(job.order), by, settings, now)
