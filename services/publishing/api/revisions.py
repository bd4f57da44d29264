"""Revisions: every save of an article, any two compared word by word, any one restored; and what the source offers."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.publishing.api import fields
from services.publishing.api.at_desk import AtDesk, IfMatch, base_of, locked, may_edit, refusing
from services.publishing.api.shapes import ArticleView, Body
from services.publishing.domain.content import Content
from services.publishing.domain.differences import Difference, differences
from services.publishing.domain.refusals import not_found
from services.publishing.storage import articles, revisions
from services.publishing.use_cases import edit, offers
from shared.events import Role
from shared.runtime import DoorRouter, Page, Problem, Reading, allow, decode_cursor, encode_cursor, link_next

router = DoorRouter(tags=["revisions"])
contributors = [allow(Role.CONTRIBUTOR)]
editors = [allow(Role.EDITOR)]


class RevisionLine(BaseModel):
    """Who made an article what it was, when, why, and from which base. `words_of` names the revision with its words."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    base: int | None
    words_of: int
    act: str
    state: str
    by_id: str
    by_name: str
    note: str | None
    made_at: datetime


class RevisionView(RevisionLine):
    """A revision with its whole content."""

    content: Content


class WordRun(BaseModel):
    """Words that stayed (`same`), went (`out`) or came (`in`)."""

    kind: Literal["same", "out", "in"]
    text: str


class DifferenceView(BaseModel):
    """One field that differs; `words` is empty where it is not running text."""

    field: str
    old: Any
    new: Any
    words: list[WordRun]


class Comparison(BaseModel):
    """What differs between two revisions."""

    old: int
    new: int
    differences: list[DifferenceView]


class Offer(BaseModel):
    """What the source changed since the desk last took its words in; `differences` is empty when nothing is offered."""

    offered: bool
    revision: int
    taken_revision: int
    change: str | None = None
    changes: list[str] = []
    received_at: datetime | None = None
    differences: list[DifferenceView] = []


class TakeOffer(Body):
    """Whose words stand where desk and source changed the same place."""

    prefer: Literal["source", "desk"] | None = Field(default=None, examples=["source"])
    note: str | None = None


def _views(found: list[Difference]) -> list[DifferenceView]:
    return [DifferenceView.model_validate(asdict(difference)) for difference in found]


@router.get(
    "/v1/articles/{article_id}/revisions",
    dependencies=contributors,
    summary="List revisions, newest first",
    response_model=Page[RevisionLine],
)
async def list_revisions(
    article_id: UUID,
    request: Request,
    response: Response,
    session: Reading,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    wanted: fields.Fields = None,
) -> Page[RevisionLine] | Response:
    """Saves and acts alike; none is ever changed or removed."""
    chosen = fields.asked(wanted, RevisionLine)
    before = decode_cursor(cursor, int)[0] if cursor else None
    rows = await revisions.list_revisions(session, article_id, before=before, limit=limit + 1)
    if not rows and before is None:
        raise Problem(404, "not-found", "Nothing is there.", detail=f"Article {article_id} does not exist.")
    following = encode_cursor(rows[limit - 1].number) if len(rows) > limit else None
    lines = [RevisionLine.model_validate(row) for row in rows[:limit]]
    answer = response if chosen is None else fields.models(lines, following, chosen)
    link_next(answer, request, following)
    return Page(items=lines, next=following) if chosen is None else answer


@router.get("/v1/articles/{article_id}/revisions/{number}", dependencies=contributors, summary="Read a revision")
async def read_revision(article_id: UUID, number: int, session: Reading) -> RevisionView:
    """With the words the article had then."""
    row = await revisions.find_revision(session, article_id, number)
    content = await revisions.content_at(session, article_id, number)
    if row is None or content is None:
        raise Problem(404, "not-found", "Nothing is there.", detail=f"Article {article_id} has no revision {number}.")
    return RevisionView.model_validate({**RevisionLine.model_validate(row).model_dump(), "content": content})


@router.get("/v1/articles/{article_id}/comparison", dependencies=contributors, summary="Compare two revisions")
async def compare_revisions(
    article_id: UUID,
    session: Reading,
    old: Annotated[int, Query(ge=1)],
    new: Annotated[int, Query(ge=1)],
) -> Comparison:
    """Field by field, and running text word by word."""
    contents = []
    for number in (old, new):
        content = await revisions.content_at(session, article_id, number)
        if content is None:
            detail = f"Article {article_id} has no revision {number}."
            raise Problem(404, "not-found", "Nothing is there.", detail=detail)
        contents.append(content)
    return Comparison(old=old, new=new, differences=_views(differences(*contents)))


@router.post(
    "/v1/articles/{article_id}/revisions/{number}/restore",
    dependencies=contributors,
    summary="Restore a revision's words",
)
async def restore_revision(article_id: UUID, number: int, desk: AtDesk, if_match: IfMatch = None) -> ArticleView:
    """As a new revision on top; what came between stays in the list."""
    with refusing():
        head = await locked(desk.session, article_id)
        may_edit(desk.who, head)
        content = await revisions.content_at(desk.session, article_id, number)
        if content is None:
            raise not_found(f"Revision {number} of article {article_id}")
        told = await edit.save(
            desk.session,
            head,
            base_of(if_match),
            lambda _: content,
            desk.by,
            desk.now,
            note=f"Restored revision {number}.",
            act="restore_words",
        )
    desk.tx.tell(*told)
    return await desk.answer(head)


@router.get("/v1/articles/{article_id}/source", dependencies=contributors, summary="What the source changed since")
async def read_offer(article_id: UUID, session: Reading) -> Offer:
    """The source's own changes, from the words the desk took in last to its newest."""
    with refusing():
        head = await articles.find_article(session, article_id)
        if head is None:
            raise not_found(f"Article {article_id}")
    found = await offers.offered(session, head)
    if found is None:
        return Offer(offered=False, revision=head.source_revision, taken_revision=head.taken_revision)
    newest, before, after = found
    return Offer(
        offered=True,
        revision=newest.revision,
        taken_revision=head.taken_revision,
        change=newest.change,
        changes=newest.changes,
        received_at=newest.received_at,
        differences=_views(differences(before, after)),
    )


@router.post("/v1/articles/{article_id}/take", dependencies=editors, summary="Take the source's change in")
async def take_offer(article_id: UUID, desk: AtDesk, body: TakeOffer | None = None) -> ArticleView:
    """Merged into the desk's words as a new revision; what is public does not change by it."""
    body = body or TakeOffer()
    with refusing():
        head = await locked(desk.session, article_id)
        told = await offers.take(desk.session, head, desk.by, desk.now, body.prefer, body.note)
    desk.tx.tell(*told)
    return await desk.answer(head)
