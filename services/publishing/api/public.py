"""What is public, as JSON: articles by shelf, one article in whatever format its reader speaks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api import fields
from services.publishing.api.answers import UNCHANGED, conditional
from services.publishing.outlets import jsonld, ninjs
from services.publishing.storage import comments as comment_rows
from services.publishing.storage import public
from services.publishing.storage.public import PublicArticle, ShelfKind
from services.publishing.web.pages import Pages
from shared.events import PublishedArticle, RelatedStory, Role
from shared.runtime import (
    DoorRouter,
    Page,
    Problem,
    Reading,
    allow,
    decode_cursor,
    encode_cursor,
    link_next,
    part,
)

router = DoorRouter(tags=["public"])
open_to_all = [allow(Role.PUBLIC)]
Format = Literal["json", "ninjs", "jsonld"]


class PublicArticleView(PublishedArticle):
    """An article as readers see it, with how many comments are shown under it and whether it takes more."""

    comments: int = 0
    comments_open: bool = True


def shelf_asked(
    section: Annotated[str | None, Query(max_length=200)] = None,
    tag: Annotated[str | None, Query(max_length=200)] = None,
    author: Annotated[str | None, Query(max_length=200)] = None,
    outlet: Annotated[str | None, Query(max_length=200)] = None,
    language: Annotated[str | None, Query(max_length=35)] = None,
    story: UUID | None = None,
) -> tuple[ShelfKind, str]:
    """The shelf that a query string names, by slug. Raises Problem 422 where it names two."""
    asked: dict[ShelfKind, str | None] = {"section": section, "tag": tag, "author": author, "outlet": outlet}
    return _named({**asked, "language": language, "story": str(story) if story else None})


@router.get(
    "/v1/public/articles",
    dependencies=open_to_all,
    operation_id="listPublicArticles",
    summary="Published articles, newest first, all or those of one section, tag, author, outlet, language or story",
    response_model=Page[PublicArticleView],
)
async def list_articles(
    request: Request,
    response: Response,
    session: Reading,
    shelf: Annotated[tuple[ShelfKind, str], Depends(shelf_asked)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
    wanted: fields.Fields = None,
) -> Page[PublicArticleView] | Response:
    """At most one of the shelves may be named."""
    chosen = fields.asked(wanted, PublicArticleView)
    kind, slug = shelf
    place = decode_cursor(cursor, datetime, UUID) if cursor else None
    rows = await public.list_public(session, kind, slug, after=place, limit=limit + 1)
    shown = rows[:limit]
    following = encode_cursor(shown[-1].first_published_at, shown[-1].article_id) if len(rows) > limit else None
    views = await _views(session, shown)
    answer = response if chosen is None else fields.models(views, following, chosen)
    link_next(answer, request, following)
    return Page[PublicArticleView](items=views, next=following) if chosen is None else answer


@router.get(
    "/v1/public/articles/{slug}",
    dependencies=open_to_all,
    operation_id="getPublicArticle",
    summary="One published article, as our JSON, ninjs 3.1 or schema.org JSON-LD",
    response_model=PublicArticleView,
    responses={
        200: {"content": {ninjs.MEDIA_TYPE: {}, jsonld.MEDIA_TYPE: {}}},
        404: {"description": "Nothing public is at this address."},
        410: {"description": "The article was unpublished or killed."},
        **UNCHANGED,
    },
)
async def get_article(
    request: Request,
    slug: str,
    session: Reading,
    pages: Annotated[Pages, part(Pages)],
    format: Annotated[Format | None, Query(description="Wins over `Accept`.")] = None,  # noqa: A002  # its public name
) -> Response:
    """`slug` may also be the article's id."""
    wanted = format or _accepted(request.headers.get("accept", ""))
    row = await public.find_public(session, slug)
    if row is None:
        raise Problem(404, "no-such-article", "There is no such article.", detail=f"Nothing public is at {slug!r}.")
    if row.gone:
        return _tombstone(request, row, wanted)
    view = (await _views(session, [row]))[0]
    if wanted == "ninjs":
        return _document(request, ninjs.render(view), ninjs.MEDIA_TYPE, row.seen_at)
    if wanted == "jsonld":
        return _document(request, jsonld.render(view, pages.face.name, pages.face.base), jsonld.MEDIA_TYPE, row.seen_at)
    return _document(request, view.model_dump(mode="json"), "application/json", row.seen_at)


def _named(asked: dict[ShelfKind, str | None]) -> tuple[ShelfKind, str]:
    named = [(kind, value) for kind, value in asked.items() if value is not None]
    if len(named) > 1:
        found = " and ".join(kind for kind, _ in named)
        raise Problem(422, "one-shelf", "Name one shelf at most.", detail=f"{found} cannot be combined here; use one.")
    return named[0] if named else ("all", "")


async def _views(session: AsyncSession, rows: Sequence[PublicArticle]) -> list[PublicArticleView]:
    ids = [row.article_id for row in rows]
    counts = await comment_rows.count_shown(session, ids)
    stories = {row.article_id: [RelatedStory.model_validate(story) for story in row.related] for row in rows}
    known = await public.public_many(session, {story.article_id for found in stories.values() for story in found})
    closed = await comment_rows.closed_threads(session, ids)
    return [
        PublicArticleView.model_validate(
            {
                **row.article,
                "related": [
                    public.link_to(s, known[s.article_id]) for s in stories[row.article_id] if s.article_id in known
                ],
                "comments": counts.get(row.article_id, 0),
                "comments_open": row.article_id not in closed,
            }
        )
        for row in rows
    ]


def _accepted(accept: str) -> Format:
    for kind in (item.partition(";")[0].strip().lower() for item in accept.split(",")):
        if kind == ninjs.MEDIA_TYPE:
            return "ninjs"
        if kind == jsonld.MEDIA_TYPE:
            return "jsonld"
    return "json"


def _document(request: Request, item: dict[str, Any], media_type: str, modified: datetime) -> Response:
    return conditional(request, orjson.dumps(item), media_type, modified=modified, headers={"vary": "Accept"})


def _tombstone(request: Request, row: PublicArticle, wanted: Format) -> Response:
    at = row.gone_at.isoformat() if row.gone_at else row.seen_at.isoformat()
    if wanted == "ninjs":
        item = ninjs.canceled(row.article_id, row.revision, at, row.gone_reason or "")
        return conditional(request, orjson.dumps(item), ninjs.MEDIA_TYPE, status=410)
    raise Problem(
        410, "gone", "This article was taken off.", detail=f"{row.slug} was taken off at {at}.", kind=row.gone
    )
