"""Taking in: what sources bring becomes drafts at once, and what may leave on its own is sent on its way."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import LIVE, Content
from services.publishing.domain.intake import content_from, leave_by
from services.publishing.domain.routing import Routing, Subject, route, routed
from services.publishing.domain.slugs import article_slug
from services.publishing.settings import Settings
from services.publishing.storage import articles, desk, enrichments, outgoing, revisions, rules, sources
from services.publishing.storage.articles import Article
from services.publishing.storage.revisions import Revision
from services.publishing.storage.sources import SourceVersion
from services.publishing.use_cases.leaving import HOUSE, call_off, let_go, on_its_own
from services.publishing.use_cases.release import Leaving, take_off
from shared.events import ArticleIngested, ArticleWithdrawn, Event, Publication

#: An untouched article in one of these takes its source's change in without asking.
_TAKES_IN = frozenset({"draft", "scheduled"})


async def take_in(
    session: AsyncSession, batch: Sequence[ArticleIngested], settings: Settings, now: datetime
) -> list[Publication]:
    """Keep what sources sent: new articles become drafts, untouched drafts take it in, all others are offered it."""
    fresh = await _keep(session, batch, now)
    routes = await _routes(session, fresh, now)
    heads = await articles.lock_articles(session, fresh)
    new = {key: fact for key, fact in fresh.items() if key not in heads}
    added = await articles.add_articles(session, [_head(fact, routes[key], now) for key, fact in new.items()])
    made = [_revision(key, 1, None, _words(fact, routes[key]), now) for key, fact in new.items() if key in added]
    for key, head in heads.items():
        made += _revised(head, fresh[key], routes[key], now)
    await revisions.add_revisions(session, made)
    await desk.note_changes(session, [(key, "ingested", None) for key in fresh], HOUSE.name, now)
    changed = [revision.article_id for revision in made]
    heads = await articles.lock_articles(session, changed)
    return await _send_on(session, heads, routes, settings, now)


async def _keep(session: AsyncSession, batch: Sequence[ArticleIngested], now: datetime) -> dict[UUID, ArticleIngested]:
    """The newest fact of each article in the batch, of those not kept before."""
    unique = {(fact.article_id, fact.revision): fact for fact in batch}
    kept = await sources.add_source_versions(session, [_version(fact, now) for fact in unique.values()])
    newest: dict[UUID, ArticleIngested] = {}
    for key in sorted(kept, key=lambda place: place[1]):
        newest[key[0]] = unique[key]
    return newest


async def _routes(session: AsyncSession, fresh: dict[UUID, ArticleIngested], now: datetime) -> dict[UUID, Routing]:
    asked = await rules.enabled_rules(session)
    return {key: route(asked, Subject(content_from(fact), fact.source_name, now)) for key, fact in fresh.items()}


def _words(fact: ArticleIngested, routing: Routing) -> Content:
    return routed(content_from(fact), routing)


def _version(fact: ArticleIngested, now: datetime) -> SourceVersion:
    return SourceVersion(
        article_id=fact.article_id,
        revision=fact.revision,
        change=fact.change,
        changes=fact.changes,
        content=content_from(fact).model_dump(mode="json"),
        evidence=fact.evidence,
        received_at=now,
    )


def _head(fact: ArticleIngested, routing: Routing, now: datetime) -> Article:
    content = _words(fact, routing)
    head = Article(
        id=fact.article_id,
        slug=article_slug(fact.headline, fact.article_id),
        headline=content.headline,
        language=content.language,
        desk=routing.desk,
        source_id=fact.source_id,
        source_name=fact.source_name,
        trust=fact.trust,
        source_revision=fact.revision,
        taken_revision=fact.revision,
        created_by=HOUSE.id,
        created_at=now,
        updated_at=now,
    )
    articles.set_content(head, content)
    return head


def _revision(article_id: UUID, number: int, base: int | None, content: Content, now: datetime) -> Revision:
    return Revision(
        article_id=article_id,
        number=number,
        base=base,
        words_of=number,
        act="ingest",
        state="draft",
        by_id=HOUSE.id,
        by_name=HOUSE.name,
        content=content.model_dump(mode="json"),
        made_at=now,
    )


def _revised(head: Article, fact: ArticleIngested, routing: Routing, now: datetime) -> Iterable[Revision]:
    """What a newer revision from the source does to an article that is there: taken in, or only offered."""
    if fact.revision <= head.source_revision:
        return ()
    head.source_revision, head.updated_at, head.trust = fact.revision, now, fact.trust
    if head.touched or head.state not in _TAKES_IN:
        head.machine += 1
        return ()
    content = _words(fact, routing)
    base, head.revision, head.words_of = head.revision, head.revision + 1, head.revision + 1
    head.taken_revision = fact.revision
    articles.set_content(head, content)
    return (_revision(head.id, head.revision, base, content, now),)


async def _send_on(
    session: AsyncSession,
    heads: dict[UUID, Article],
    routes: dict[UUID, Routing],
    settings: Settings,
    now: datetime,
) -> list[Publication]:
    """Let trusted, complete articles wait for their moment, and those whose tags are known already go."""
    understood = await enrichments.understood_of(session, heads)
    waiting: list[Leaving] = []
    leaving: list[Leaving] = []
    for head in heads.values():
        content = Content.model_validate(head.content)
        leave = leave_by(content, head.trust == "publish", routes[head.id], now, settings.enrichment_wait)
        head.waiting_for, head.state = leave.why_not, leave.state
        head.state_before = "draft" if leave.state == "spiked" else None
        if leave.due_at is None:
            continue
        due = on_its_own(head, leave.due_at, leave.waits_for)
        known = head.id in understood and understood[head.id].revision >= head.taken_revision
        ready = leave.due_at <= now or (known and leave.waits_for == "enrichment")
        (leaving if ready else waiting).append(Leaving(head, content, due))
    await outgoing.drop_due(session, heads)
    await outgoing.put_due(session, [one.due for one in waiting])
    return await let_go(session, leaving, settings.public_url, now)


async def withdraw(session: AsyncSession, fact: ArticleWithdrawn, now: datetime) -> list[Event]:
    """The source took an article back: it is held; one that only a machine let out leaves the public, too."""
    head = await articles.lock_article(session, fact.article_id)
    if head is None or head.withdrawn is not None or fact.revision < head.source_revision or head.state == "killed":
        return []
    head.withdrawn = fact.reason
    why = f"its source withdrew it: {fact.reason}"
    due = (await outgoing.due_of(session, [head.id])).get(head.id)
    if due:
        await call_off(session, head, due, why, now)
    live = head.state in LIVE
    content = Content.model_validate(head.content).model_copy(update={"held": why})
    base, head.revision, head.words_of = head.revision, head.revision + 1, head.revision + 1
    articles.set_content(head, content)
    head.waiting_for, head.updated_at = why, now
    if live and not head.touched:
        head.state = "unpublished"
    made = _revision(head.id, head.revision, base, content, now)
    await revisions.add_revisions(session, [made.model_copy(update={"act": "withdrawn", "state": head.state})])
    await desk.note_changes(session, [(head.id, "withdrawn", head.revision)], HOUSE.name, now)
    return [await take_off(session, head, why, now)] if live and not head.touched else []
