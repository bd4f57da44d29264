"""Writing: new articles and saves, each an immutable revision on a known base, so that nobody's words are lost."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.chain import Act
from services.publishing.domain.content import Content
from services.publishing.domain.differences import differences
from services.publishing.domain.editing import told_fields
from services.publishing.domain.html import plain_text
from services.publishing.domain.merging import Merged, merge
from services.publishing.domain.refusals import Refused, not_possible
from services.publishing.domain.slugs import article_slug
from services.publishing.storage import articles, audit, desk, revisions
from services.publishing.storage.articles import Article
from services.publishing.storage.revisions import Revision
from services.publishing.use_cases.acts import By
from shared.events import ArticleEdited, Event


async def create(
    session: AsyncSession, article_id: UUID, content: Content, by: By, now: datetime
) -> tuple[Article, list[Event]]:
    """A new draft of the desk's own."""
    head = Article(
        id=article_id,
        slug=article_slug(content.headline, article_id),
        headline=content.headline,
        language=content.language,
        touched=True,
        created_by=by.id,
        created_at=now,
        updated_at=now,
    )
    articles.set_content(head, content)
    session.add(head)
    await _record(session, head, None, "create", by, None, content, now)
    return head, [edited(head, content, now)]


async def save(
    session: AsyncSession,
    head: Article,
    base: int,
    change: Callable[[Content], Content],
    by: By,
    now: datetime,
    *,
    note: str | None = None,
    act: str = "save",
    merging: bool = False,
) -> list[Event]:
    """Make `change`, which was made looking at revision `base`, the locked article's next revision.

    Raises Refused (412) with the other's change where `base` is not the newest and `merging` is off or impossible.
    """
    if head.state in {"killed", "spiked"}:
        raise not_possible(f"Cannot change an article that is {head.state}." + _WAY_OUT[head.state])
    current = Content.model_validate(head.content)
    seen = current if base == head.revision else await _seen(session, head, base)
    mine = change(seen)
    content = mine if base == head.revision else _merged(head, base, seen, mine, current, merging)
    if content == current:
        return []
    before = head.revision
    head.revision, head.words_of, head.updated_at, head.touched = before + 1, before + 1, now, True
    articles.set_content(head, content)
    await _record(session, head, base, act, by, note, content, now)
    return [edited(head, content, now)] if told_fields(current, content) else []


_WAY_OUT = {"killed": " A kill is final: write a new article.", "spiked": " `restore` it first."}


async def _seen(session: AsyncSession, head: Article, base: int) -> Content:
    seen = await revisions.content_at(session, head.id, base)
    if seen is None:
        raise Refused(
            412,
            "unknown-revision",
            "No such revision.",
            f"If-Match names revision {base}; the newest is {head.revision}.",
        )
    return seen


def _merged(head: Article, base: int, seen: Content, mine: Content, current: Content, merging: bool) -> Content:
    merged = merge(seen, mine, current)
    if merging and not merged.conflicts:
        return merged.content
    raise _collision(head, base, seen, current, merged)


def _collision(head: Article, base: int, seen: Content, current: Content, merged: Merged) -> Refused:
    way = (
        "Both changed the same place: look at `conflicts` and save again with the new ETag."
        if merged.conflicts
        else "The changes do not touch: repeat the request with ?merge=true to keep both."
    )
    extra: dict[str, Any] = {
        "base": base,
        "revision": head.revision,
        "theirs": [asdict(difference) for difference in differences(seen, current)],
        "conflicts": [asdict(conflict) for conflict in merged.conflicts],
        "mergeable": not merged.conflicts,
    }
    detail = f"The article is at revision {head.revision}; you looked at {base}. {way}"
    return Refused(412, "changed-meanwhile", "Somebody changed it meanwhile.", detail, **extra)


async def _record(
    session: AsyncSession,
    head: Article,
    base: int | None,
    act: str,
    by: By,
    note: str | None,
    content: Content,
    now: datetime,
) -> None:
    made = Revision(
        article_id=head.id,
        number=head.revision,
        base=base,
        words_of=head.revision,
        act=act,
        state=head.state,
        by_id=by.id,
        by_name=by.name,
        note=note,
        content=content.model_dump(mode="json"),
        made_at=now,
    )
    await session.flush()
    await revisions.add_revisions(session, [made])
    await desk.note_changes(session, [(head.id, act, head.revision)], by.name, now)
    before = {"revision": head.revision - 1, "state": head.state} if base is not None else None
    after = {"revision": head.revision, "state": head.state, "base": base, "note": note}
    await audit.append_audit(session, [Act(now, by.id, by.name, act, f"article:{head.id}", by.origin, before, after)])


def edited(head: Article, content: Content, now: datetime) -> ArticleEdited:
    """The fact that the desk changed what enrichment reads."""
    return ArticleEdited(
        article_id=head.id,
        revision=head.revision,
        headline=content.headline,
        body_text=plain_text(content.body_html),
        language=content.language,
        outlet=content.outlet,
        byline=content.byline,
        section=content.section,
        section_chosen=content.section_chosen,
        tags_chosen=content.tags_chosen,
        tags_rejected=content.tags_rejected,
        related_pinned=content.related_pinned,
        related_hidden=content.related_hidden,
        published_at=content.published_at,
        edited_at=now,
    )
