"""Leaving on its own: what is due is let out or called off, and pictures whose licence ended are pulled."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.chain import Act
from services.publishing.domain.content import Content
from services.publishing.domain.intake import may_leave
from services.publishing.settings import Settings
from services.publishing.storage import articles, audit, outgoing, public, revisions
from services.publishing.storage.articles import Article
from services.publishing.storage.outgoing import Due
from services.publishing.use_cases.acts import By
from services.publishing.use_cases.release import Leaving, release
from shared.events import Publication

#: Who acts where no person does.
HOUSE = By("newsroom", "Newsroom")


def on_its_own(head: Article, due_at: datetime, waits_for: str) -> Due:
    """A trusted source's article that goes out at that moment without anybody's order."""
    return Due(
        article_id=head.id,
        due_at=due_at,
        revision=head.revision,
        verb="publish",
        waits_for=waits_for,
        note=f"Published on its own: the source {head.source_name} is trusted.",
        by_id=HOUSE.id,
        by_name=HOUSE.name,
        back_to="draft",
    )


async def lift(session: AsyncSession, settings: Settings, now: datetime, limit: int = 100) -> list[Publication]:
    """Let out what is due. What may not leave after all (an embargo moved, a hold) waits on or is called off."""
    heads = {head.id: head for head in await outgoing.lock_due(session, now, limit)}
    dues = {key: due for key, due in (await outgoing.due_of(session, heads)).items() if due.due_at <= now}
    places = [(key, due.revision) for key, due in dues.items()]
    contents = await revisions.contents_at(session, places)
    leaving = []
    for key, due in dues.items():
        leave = may_leave(_gated(contents[key], heads[key]), True, now, 0)
        if leave.why_not:
            await call_off(session, heads[key], due, leave.why_not, now)
        elif leave.waits_for == "embargo" and leave.due_at:
            await outgoing.put_due(session, [due.model_copy(update={"due_at": leave.due_at, "waits_for": "embargo"})])
        else:
            leaving.append(Leaving(heads[key], contents[key], due))
    return await let_go(session, leaving, settings.public_url, now)


async def expire_pictures(
    session: AsyncSession, settings: Settings, now: datetime, limit: int = 50
) -> list[Publication]:
    """Pull pictures whose licence ended from every surface: the page at once, consumers by an update that says so."""
    ids = await public.pictures_expired(session, now, limit)
    if not ids:
        return []
    heads = await articles.lock_articles(session, ids)
    live = {key: head for key, head in heads.items() if head.public_words is not None}
    contents = await revisions.contents_at(session, [(key, head.public_words or 1) for key, head in live.items()])
    leaving = [
        Leaving(
            head,
            contents[key],
            on_its_own(head, now, "licence").model_copy(update=_LICENCE | {"revision": head.public_words}),
        )
        for key, head in live.items()
    ]
    return await let_go(session, leaving, settings.public_url, now)


_LICENCE = {"verb": "update", "note": "The licence of a picture ended."}


def _gated(content: Content, head: Article) -> Content:
    """Embargo and hold are asked of the newest revision, whichever words leave: a late embargo holds them too."""
    newest = Content.model_validate(head.content)
    return content.model_copy(update={"embargoed_until": newest.embargoed_until, "held": newest.held})


async def let_go(session: AsyncSession, leaving: Sequence[Leaving], site: str, now: datetime) -> list[Publication]:
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
    await outgoing.drop_due(session, [head.id])
