"""Translating between the desk's door and what lies behind: ETags, people, refusals, views."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.shapes import ArticleView, Editing, GiveOrder, Machine, Waits
from services.publishing.domain.attribution import missing
from services.publishing.domain.content import LIVE, Content
from services.publishing.domain.people import may_change
from services.publishing.domain.refusals import Refused, not_found, not_yours
from services.publishing.settings import Settings
from services.publishing.storage import articles, views
from services.publishing.storage.articles import Article
from services.publishing.storage.base import Json
from services.publishing.storage.outgoing import Due
from services.publishing.use_cases.acts import By, Order
from shared.events import ArticleEnriched, Correction
from shared.runtime import Principal, Problem, Tx, Who, part, utc_now

_ETAG = re.compile(r'"(\d{1,9})(?:\.\d{1,9})?"')


class Desk:
    """What a change at the desk needs: the transaction, who asks, and from where."""

    def __init__(
        self,
        request: Request,
        response: Response,
        tx: Tx,
        who: Who,
        settings: Annotated[Settings, part(Settings)],
    ) -> None:
        self.request, self.response, self.tx, self.who, self.settings = request, response, tx, who, settings
        self.session, self.now, self.site = tx.session, utc_now(), settings.public_url
        self.by = By(who.id, who.name, request.client.host if request.client else None)

    async def answer(self, head: Article) -> ArticleView:
        """The article as it is now, with its ETag."""
        await self.session.flush()
        self.response.headers["ETag"] = etag_of(head)
        return await view_of(self.session, head.id, self.site, self.now)


AtDesk = Annotated[Desk, Depends()]
IfMatch = Annotated[str | None, Header(description='The ETag you looked at, like `"5.0"`.')]


@contextmanager
def refusing() -> Iterator[None]:
    """Let what is refused inside leave as a problem answer."""
    try:
        yield
    except Refused as refused:
        raise Problem(refused.status, refused.slug, refused.title, detail=refused.detail, **refused.extra) from refused


def etag_of(head: Article) -> str:
    """The strong ETag of an article: its revision, and what the machine added since."""
    return f'"{head.revision}.{head.machine}"'


def base_of(if_match: str | None) -> int:
    """The revision somebody looked at, from If-Match. Raises Problem 428 without one, 400 for what is not ours."""
    if if_match is None or if_match.strip() == "*":  # which would mean: whatever somebody else wrote meanwhile
        detail = "Send If-Match with the ETag that GET of this article answered: nobody's change is overwritten."
        raise Problem(428, "if-match-required", "Say which revision you looked at.", detail=detail)
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Problem(
            400, "bad-etag", "Not an ETag of ours.", detail=f'If-Match is {if_match!r}; an article\'s looks like "5.0".'
        )
    return int(found[1])


async def locked(session: AsyncSession, article_id: UUID) -> Article:
    """The article, held for this transaction. Raises Refused 404."""
    head = await articles.lock_article(session, article_id)
    if head is None:
        raise not_found(f"Article {article_id}")
    return head


def may_edit(who: Principal, head: Article) -> None:
    """Contributors change their own drafts only. Raises Refused 403."""
    if not may_change(who.roles, who.id, head.created_by, head.state):
        raise not_yours()


def order_of(body: GiveOrder, now: datetime) -> Order:
    """What an editor asks, as the act understands it."""
    given = body.correction
    correction = Correction(at=now, **given.model_dump()) if given else None
    return Order(body.note, body.at, body.change, correction, body.undo_seconds)


def waits_of(due: Due | None, head: Article) -> Waits | None:
    """What waits to go out, as people see it."""
    if due is None:
        return None
    return Waits.model_validate(
        {
            "verb": due.verb,
            "due_at": due.due_at,
            "waits_for": due.waits_for,
            "revision": due.revision,
            "by": due.by_name,
            "behind": due.revision != head.words_of,
        }
    )


def line_of(row: Json, now: datetime) -> Json:
    """A row of the desk's list as an ArticleLine."""
    name, until = row.pop("lock_name"), row.pop("lock_until")
    row["editing"] = {"by": name, "until": until} if name is not None and until is not None and until > now else None
    return row


def editing_of(head: Article, now: datetime) -> Editing | None:
    """Who is at the article now, unless they went silent."""
    if head.lock_name is None or head.lock_until is None or head.lock_until <= now:
        return None
    return Editing(by=head.lock_name, until=head.lock_until)


async def view_of(session: AsyncSession, article_id: UUID, site: str, now: datetime) -> ArticleView:
    """An article as an editor sees it. Raises Refused 404."""
    whole = await views.read_whole(session, article_id)
    if whole is None:
        raise not_found(f"Article {article_id}")
    head, content = whole.head, Content.model_validate(whole.head.content)
    return ArticleView.model_validate(
        {
            **dict(content),
            **{name: getattr(head, name) for name in _AS_STORED},
            "etag": etag_of(head),
            "url": address(head, site),
            "source_offers_change": head.source_revision > head.taken_revision,
            "waits": waits_of(whole.due, head),
            "missing": missing(content),
            "followed_by": whole.followed_by,
            "source_changed_since": _newer(whole.original_words, content),
            "machine": machine_of(whole.understood),
            "editing": editing_of(head, now),
        }
    )


_AS_STORED = (
    *("id", "state", "revision", "slug", "desk", "source_id", "source_name", "source_revision", "withdrawn"),
    *("waiting_for", "public_revision", "first_published_at", "corrections", "created_by", "created_at", "updated_at"),
)


def address(head: Article, site: str) -> str | None:
    """Where readers find an article, while they do."""
    return f"{site.rstrip('/')}/articles/{head.slug}" if head.state in LIVE else None


def machine_of(understood: ArticleEnriched | None) -> Machine:
    """What enrichment suggests."""
    if understood is None:
        return Machine()
    return Machine(
        tags=understood.tags,
        section=understood.section,
        related=understood.related,
        summary=understood.summary,
        story_id=understood.story_id,
        enriched_at=understood.enriched_at,
    )


def _newer(original_words: int | None, content: Content) -> bool:
    """Whether a translation's original has newer words than those it was made from."""
    made_from = content.translation.of_revision if content.translation else None
    return original_words is not None and made_from is not None and original_words > made_from
