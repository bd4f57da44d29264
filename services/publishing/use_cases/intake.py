"""Taking in: what sources bring becomes drafts at once, and what may leave on its own is let go."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.chain import Act
from services.publishing.domain.content import LIVE, Content
from services.publishing.domain.intake import content_from, leave_by, may_leave
from services.publishing.domain.routing import Routing, Subject, route, routed
from services.publishing.domain.slugs import article_slug
from services.publishing.settings import Settings
from services.publishing.storage import articles, audit, desk, public, revisions, rules
from services.publishing.storage.articles import Article, Due, Enrichment, SourceVersion
from services.publishing.storage.revisions import Revision
from services.publishing.use_cases.release import Leaving, refresh, release, take_off
from shared.events import ArticleEnriched, ArticleIngested, ArticlePublication, ArticleWithdrawn, Event

_BY_ID, _BY_NAME = "newsroom", "Newsroom"
#: An untouched article in one of these takes its source's change in without asking.
_TAKES_IN = frozenset({"draft", "scheduled"})


async def take_in(
    session: AsyncSession, batch: Sequence[ArticleIngested], settings: Settings, now: datetime
) -> list[ArticlePublication]:
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
    await desk.note_changes(session, [(key, "ingested", None) for key in fresh], _BY_NAME, now)
    changed = [revision.article_id for revision in made]
    heads = await articles.lock_articles(session, changed)
    return await _send_on(session, heads, routes, settings, now)


async def _keep(session: AsyncSession, batch: Sequence[ArticleIngested], now: datetime) -> dict[UUID, ArticleIngested]:
    """The newest fact of each article in the batch, of those not kept before."""
    unique = {(fact.article_id, fact.revision): fact for fact in batch}
    kept = await articles.add_source_versions(session, [_version(fact, now) for fact in unique.values()])
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
        created_by=_BY_ID,
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
        by_id=_BY_ID,
        by_name=_BY_NAME,
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
) -> list[ArticlePublication]:
    """Let trusted, complete articles wait for their moment, and those whose tags are known already go."""
    understood = await articles.understood_of(session, heads)
    waiting: list[Leaving] = []
    leaving: list[Leaving] = []
    for head in heads.values():
        content = Content.model_validate(head.content)
        leave = leave_by(content, head.trust == "publish", routes[head.id], now, settings.enrichment_wait)
        head.waiting_for, head.state = leave.why_not, leave.state
        head.state_before = "draft" if leave.state == "spiked" else None
        if leave.due_at is None:
            continue
        due = _due(head, leave.due_at, leave.waits_for)
        known = head.id in understood and understood[head.id].revision >= head.taken_revision
        ready = leave.due_at <= now or (known and leave.waits_for == "enrichment")
        (leaving if ready else waiting).append(Leaving(head, content, due))
    await articles.drop_due(session, heads)
    await articles.put_due(session, [one.due for one in waiting])
    return await _let_go(session, leaving, settings.public_url, now)


def _due(head: Article, due_at: datetime, waits_for: str) -> Due:
    return Due(
        article_id=head.id,
        due_at=due_at,
        revision=head.revision,
        verb="publish",
        waits_for=waits_for,
        note=f"Published on its own: the source {head.source_name} is trusted.",
        by_id=_BY_ID,
        by_name=_BY_NAME,
        back_to="draft",
    )


async def take_understanding(
    session: AsyncSession, batch: Sequence[ArticleEnriched], settings: Settings, now: datetime
) -> list[ArticlePublication]:
    """Keep what enrichment understood; let go what only waited for it; show it on what is public already."""
    newest = {fact.article_id: fact for fact in sorted(batch, key=lambda fact: fact.enriched_at)}
    heads = await articles.lock_articles(session, newest)
    rows = [_enrichment(fact) for fact in newest.values()]
    changed = await articles.keep_enrichments(session, rows)
    dues = await articles.due_of(session, changed)
    leaving = []
    for key in (key for key in newest if key in changed and key in heads):
        heads[key].machine += 1
        due = dues.get(key)
        if due and due.waits_for == "enrichment" and newest[key].revision >= heads[key].taken_revision:
            leaving.append(Leaving(heads[key], Content.model_validate(heads[key].content), due))
    told = await _let_go(session, leaving, settings.public_url, now)
    gone_out = {one.article.id for one in leaving}
    known = {key: newest[key] for key in changed - gone_out}
    await refresh(session, [heads[key] for key in known if key in heads], known, settings.public_url, now)
    await desk.note_changes(session, [(key, "enriched", None) for key in changed & heads.keys()], _BY_NAME, now)
    return told


def _enrichment(fact: ArticleEnriched) -> Enrichment:
    return Enrichment(
        article_id=fact.article_id,
        of=fact.of,
        revision=fact.revision,
        enriched_at=fact.enriched_at,
        understood=fact.model_dump(mode="json"),
    )


async def lift(session: AsyncSession, settings: Settings, now: datetime, limit: int = 100) -> list[ArticlePublication]:
    """Let out what is due. What may not leave after all (an embargo moved, a hold) waits on or is called off."""
    heads = {head.id: head for head in await articles.lock_due(session, now, limit)}
    dues = {key: due for key, due in (await articles.due_of(session, heads)).items() if due.due_at <= now}
    places = [(key, due.revision) for key, due in dues.items()]
    contents = await revisions.contents_at(session, places)
    leaving = []
    for key, due in dues.items():
        leave = may_leave(_gated(contents[key], heads[key]), True, now, 0)
        if leave.why_not:
            await call_off(session, heads[key], due, leave.why_not, now)
        elif leave.waits_for == "embargo" and leave.due_at:
            await articles.put_due(session, [due.model_copy(update={"due_at": leave.due_at, "waits_for": "embargo"})])
        else:
            leaving.append(Leaving(heads[key], contents[key], due))
    return await _let_go(session, leaving, settings.public_url, now)


async def expire_pictures(
    session: AsyncSession, settings: Settings, now: datetime, limit: int = 50
) -> list[ArticlePublication]:
    """Pull pictures whose licence ended from every surface: the page at once, consumers by an update that says so."""
    ids = await public.pictures_expired(session, now, limit)
    heads = await articles.lock_articles(session, ids)
    live = {key: head for key, head in heads.items() if head.public_words is not None}
    contents = await revisions.contents_at(session, [(key, head.public_words or 1) for key, head in live.items()])
    leaving = [
        Leaving(
            head,
            contents[key],
            _due(head, now, "licence").model_copy(update=_LICENCE | {"revision": head.public_words}),
        )
        for key, head in live.items()
    ]
    return await _let_go(session, leaving, settings.public_url, now)


_LICENCE = {"verb": "update", "note": "The licence of a picture ended."}


def _gated(content: Content, head: Article) -> Content:
    """Embargo and hold are asked of the newest revision, whichever words leave: a late embargo holds them too."""
    newest = Content.model_validate(head.content)
    return content.model_copy(update={"embargoed_until": newest.embargoed_until, "held": newest.held})


async def _let_go(
    session: AsyncSession, leaving: Sequence[Leaving], site: str, now: datetime
) -> list[ArticlePublication]:
    """Let out what nobody has to ask for any more; the audit says on whose order and what it had waited for."""
    told = await release(session, leaving, site, now)
    acts = [
        Act(
            now,
            one.due.by_id,
            one.due.by_name,
            f"{one.due.verb} (was due)",
            f"article:{one.article.id}",
            after={"state": one.article.state, "revision": one.article.revision, "waited_for": one.due.waits_for},
        )
        for one in leaving
    ]
    await audit.append_audit(session, acts)
    return told


async def call_off(session: AsyncSession, head: Article, due: Due, why: str, now: datetime) -> None:
    """What waited goes nowhere; the article is where it was before, with the reason on it."""
    head.state, head.waiting_for, head.updated_at = due.back_to, why, now
    head.machine += 1
    await articles.drop_due(session, [head.id])


async def withdraw(session: AsyncSession, fact: ArticleWithdrawn, now: datetime) -> list[Event]:
    """The source took an article back: it is held; one that only a machine let out leaves the public, too."""
    head = await articles.lock_article(session, fact.article_id)
    if head is None or head.withdrawn is not None or fact.revision < head.source_revision or head.state == "killed":
        return []
    head.withdrawn = fact.reason
    why = f"its source withdrew it: {fact.reason}"
    due = (await articles.due_of(session, [head.id])).get(head.id)
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
    await desk.note_changes(session, [(head.id, "withdrawn", head.revision)], _BY_NAME, now)
    return [await take_off(session, head, why, now)] if live and not head.touched else []
