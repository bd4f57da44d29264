"""The desk's articles: list, write, read, change."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api import fields
from services.publishing.api.at_desk import (
    AtDesk,
    Desk,
    IfMatch,
    base_of,
    line_of,
    locked,
    may_edit,
    refusing,
    view_of,
)
from services.publishing.api.shapes import ArticleLine, ArticleView, ChangeArticle, Filters, WriteArticle
from services.publishing.domain.content import Content
from services.publishing.domain.editing import patched, tidied
from services.publishing.settings import Settings
from services.publishing.storage import views
from services.publishing.storage.base import Json
from services.publishing.use_cases import edit
from shared.events import Role
from shared.runtime import (
    DoorRouter,
    Page,
    Reading,
    allow,
    decode_cursor,
    encode_cursor,
    link_next,
    new_id,
    part,
    utc_now,
)

router = DoorRouter(tags=["articles"])
contributors = [allow(Role.CONTRIBUTOR)]
Merge = Annotated[bool, Query(description="Keep both changes where they do not touch.")]


@router.get(
    "/v1/articles",
    dependencies=contributors,
    summary="List the desk's articles, newest change first",
    response_model=Page[ArticleLine],
)
async def list_articles(request: Request, session: Reading, filters: Annotated[Filters, Query()]) -> Response:
    """Filters are exact; `q` searches headline, summary, byline and body. No totals: follow `next`."""
    chosen = fields.asked(filters.fields, ArticleLine)
    lines, cursor = await lines_of(session, filters)
    response = Response(fields.page(lines, cursor, chosen), media_type="application/json")
    link_next(response, request, cursor)
    return response


async def lines_of(session: AsyncSession, filters: Filters) -> tuple[list[Json], str | None]:
    """A page of the desk's list, and the cursor of the next one."""
    after = decode_cursor(filters.cursor, datetime, UUID) if filters.cursor else None
    now = utc_now()
    rows = await views.list_lines(session, filters, now=now, after=after, limit=filters.limit + 1)
    last = rows[filters.limit - 1] if len(rows) > filters.limit else None
    cursor = encode_cursor(last["updated_at"], last["id"]) if last else None
    return [line_of(row, now) for row in rows[: filters.limit]], cursor


@router.post("/v1/articles", status_code=201, dependencies=contributors, summary="Write a new article")
async def write_article(body: WriteArticle, desk: AtDesk) -> ArticleView:
    """A draft. Nothing of it is public before a verb makes it so."""
    content = tidied(body.given(), body.model_fields_set)
    head, told = await edit.create(desk.session, new_id(), content, desk.by, desk.now)
    desk.tx.tell(*told)
    desk.response.headers["Location"] = f"/v1/articles/{head.id}"
    return await desk.answer(head)


@router.get(
    "/v1/articles/{article_id}",
    dependencies=contributors,
    summary="Read an article",
    response_model=ArticleView,
    responses={304: {"description": "You have this one."}},
)
async def read_article(
    article_id: UUID,
    response: Response,
    session: Reading,
    settings: Annotated[Settings, part(Settings)],
    if_none_match: Annotated[str | None, Header()] = None,
    wanted: fields.Fields = None,
) -> ArticleView | Response:
    """Its newest words, public or not; the ETag is what a change must name in If-Match."""
    chosen = fields.asked(wanted, ArticleView)
    with refusing():
        view = await view_of(session, article_id, settings.public_url, utc_now())
    response.headers["ETag"] = view.etag
    if if_none_match == view.etag:
        return Response(status_code=304, headers={"ETag": view.etag})
    return view if chosen is None else fields.only(view, chosen, {"ETag": view.etag})


@router.patch("/v1/articles/{article_id}", dependencies=contributors, summary="Change some of an article")
async def change_article(
    article_id: UUID, body: ChangeArticle, desk: AtDesk, if_match: IfMatch = None, merge: Merge = False
) -> ArticleView:
    """Fields left out stay; `null` clears one. A save never changes what readers see: that takes a verb."""
    return await _save(article_id, desk, if_match, merge, body, whole=False)


@router.put("/v1/articles/{article_id}", dependencies=contributors, summary="Replace an article's content")
async def replace_article(
    article_id: UUID, body: WriteArticle, desk: AtDesk, if_match: IfMatch = None, merge: Merge = False
) -> ArticleView:
    """Fields left out are emptied. A save never changes what readers see: that takes a verb."""
    return await _save(article_id, desk, if_match, merge, body, whole=True)


async def _save(
    article_id: UUID, desk: Desk, if_match: str | None, merging: bool, body: ChangeArticle, *, whole: bool
) -> ArticleView:
    def change(seen: Content) -> Content:
        return tidied(body.given(), body.model_fields_set) if whole else patched(seen, body.given())

    with refusing():
        head = await locked(desk.session, article_id)
        may_edit(desk.who, head)
        base = base_of(if_match)
        told = await edit.save(desk.session, head, base, change, desk.by, desk.now, note=body.note, merging=merging)
    desk.tx.tell(*told)
    return await desk.answer(head)
