"""Letting words out: the public version and the fact that tells it, in one step, for one article or a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.content import Content
from services.publishing.domain.publication import (
    Place,
    changed_fields,
    published_article,
    related_by,
    shown_related,
)
from services.publishing.domain.workflow import STATE_AFTER
from services.publishing.storage import enrichments, outgoing, public, revisions
from services.publishing.storage.articles import Article
from services.publishing.storage.outgoing import Due
from services.publishing.storage.public import PublicArticle
from services.publishing.storage.revisions import Revision
from services.publishing.use_cases import verdicts
from shared.events import (
    ArticleCorrected,
    ArticleEnriched,
    ArticlePublication,
    ArticlePublished,
    ArticleUnpublished,
    ArticleUpdated,
    Correction,
    Publication,
    PublishedArticle,
    RelatedLink,
    RelatedStory,
)

_FACTS: dict[str, type[ArticlePublication]] = {
    "publish": ArticlePublished,
    "correct": ArticleCorrected,
    "update": ArticleUpdated,
}


@dataclass(frozen=True)
class Leaving:
    """A locked article, what of it leaves, and by whose act."""

    article: Article
    content: Content
    due: Due


async def release(session: AsyncSession, leaving: Sequence[Leaving], site: str, now: datetime) -> list[Publication]:
    """Make each article's content public and answer the facts that tell it, and of its comments that come back with it.

    The articles must be locked.
    """
    if not leaving:
        return []
    ids = [one.article.id for one in leaving]
    understood = await enrichments.understood_of(session, ids)
    before = await public.public_many(session, ids)
    was = {key: PublishedArticle.model_validate(row.article) for key, row in before.items()}
    acts = [_act(one, now) for one in leaving]
    shown = [_shown(one, understood.get(one.article.id), site, now) for one in leaving]
    rows = [
        public_row(article, one.content, understood.get(article.article_id), now)
        for one, article in zip(leaving, shown, strict=True)
    ]
    await public.put_public(session, rows)
    await revisions.add_revisions(session, acts)
    await outgoing.drop_due(session, [one.article.id for one in leaving if one.due.waits_for != "licence"])
    links = await _links(session, rows)
    comments = await verdicts.tell_approved(session, set(ids) - was.keys(), now)
    told: list[Publication] = []
    for one, article in zip(leaving, shown, strict=True):
        key = article.article_id
        told.append(_fact(one, article.model_copy(update={"related": links[key]}), was.get(key)))
        told += comments.get(key, [])
    return told


def _act(one: Leaving, now: datetime) -> Revision:
    """Turn the article's head to what it is now, and the revision that says who did it."""
    article, due = one.article, one.due
    base, words_of = article.revision, article.words_of
    article.revision, article.public_revision = base + 1, base + 1
    article.public_words = due.revision
    article.state = STATE_AFTER[due.verb]
    article.first_published_at = article.first_published_at or now
    article.updated_at, article.waiting_for = now, None
    if due.correction:
        article.corrections = [*article.corrections, due.correction]
    return Revision(
        article_id=article.id,
        number=article.revision,
        base=base,
        words_of=words_of,
        act=due.verb,
        state=article.state,
        by_id=due.by_id,
        by_name=due.by_name,
        note=due.note,
        made_at=now,
    )


def _shown(one: Leaving, understood: ArticleEnriched | None, site: str, now: datetime) -> PublishedArticle:
    return published_article(one.content, _place(one.article, site, now, now), understood)


def _place(article: Article, site: str, updated_at: datetime, now: datetime) -> Place:
    return Place(
        article_id=article.id,
        revision=article.public_revision or article.revision,
        slug=article.slug,
        site=site.rstrip("/"),
        first_published_at=article.first_published_at or now,
        updated_at=updated_at,
        now=now,
        corrections=[Correction.model_validate(correction) for correction in article.corrections],
    )


def public_row(
    article: PublishedArticle, content: Content, understood: ArticleEnriched | None, now: datetime
) -> PublicArticle:
    """What readers see of an article, as it is stored."""
    expiries = [picture.licence_expires_at for picture in article.pictures if picture.licence_expires_at]
    by_kind = related_by(content, article.article_id, understood)
    return PublicArticle(
        article_id=article.article_id,
        slug=article.slug,
        revision=article.revision,
        language=article.language,
        outlet=article.outlet,
        section=article.section,
        first_published_at=article.first_published_at,
        updated_at=article.updated_at,
        seen_at=now,
        article=article.model_dump(mode="json", exclude={"related"}),
        related=[story.model_dump(mode="json") for story in shown_related(content, article.article_id, understood)],
        related_by={kind: [s.model_dump(mode="json") for s in stories] for kind, stories in by_kind.items()},
        pictures_expire_at=min(expiries, default=None),
    )


async def _links(session: AsyncSession, rows: Sequence[PublicArticle]) -> dict[UUID, list[RelatedLink]]:
    stories = {row.article_id: [RelatedStory.model_validate(story) for story in row.related] for row in rows}
    wanted = {story.article_id for some in stories.values() for story in some}
    known = await public.public_many(session, wanted)
    return {
        article_id: [public.link_to(s, known[s.article_id]) for s in some if s.article_id in known][: public.LINKS]
        for article_id, some in stories.items()
    }


def _fact(one: Leaving, article: PublishedArticle, was: PublishedArticle | None) -> ArticlePublication:
    return _FACTS[one.due.verb].model_validate(
        {
            **dict(article),
            "previous_revision": was.revision if was else None,
            "changed": changed_fields(was, article),
            "note": one.due.note if one.due.verb != "publish" else None,  # why it was let out is the desk's own
        }
    )


async def refresh(
    session: AsyncSession, heads: Sequence[Article], understood: dict[UUID, ArticleEnriched], site: str, now: datetime
) -> None:
    """Show what enrichment understood of articles that are public already; no words change, so no fact is told."""
    live = [article for article in heads if article.public_words is not None]
    contents = await revisions.contents_at(session, [(a.id, a.public_words) for a in live if a.public_words])
    before = await public.public_many(session, contents)
    rows = []
    for article in (a for a in live if a.id in before):
        kept = PublishedArticle.model_validate(before[article.id].article)
        place = _place(article, site, kept.updated_at, now)
        shown = published_article(contents[article.id], place, understood.get(article.id))
        rows.append(public_row(shown, contents[article.id], understood.get(article.id), now))
    await public.put_public(session, rows)


async def take_off(session: AsyncSession, head: Article, reason: str, now: datetime) -> ArticleUnpublished:
    """Take a public article off; what is told says why."""
    head.public_revision = head.public_words = None
    await public.take_down(session, head.id, gone="unpublished", reason=reason, at=now, revision=head.revision)
    return ArticleUnpublished(
        article_id=head.id, revision=head.revision, slug=head.slug, reason=reason, unpublished_at=now
    )
