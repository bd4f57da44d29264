"""The public site: front page, the shelves of sections, tags, authors and outlets, and the site's own files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from services.publishing.api.pages import AskPages, AskSite, html, not_found, open_to_all
from services.publishing.storage import comments as comment_rows
from services.publishing.storage import public
from services.publishing.storage.public import PublicArticle, ShelfKind
from services.publishing.web import words
from services.publishing.web.views import Section, story_of
from shared.runtime import DoorRouter, Problem, Reading, decode_cursor, encode_cursor, utc_now

router = DoorRouter(tags=["site"], include_in_schema=False)
_PER_PAGE = 24
_KINDS: dict[str, tuple[ShelfKind, str]] = {
    "sections": ("section", "sections"),
    "tags": ("tag", "tag"),
    "authors": ("author", "author"),
    "outlets": ("outlet", "outlet"),
}


@router.get("/static/{name}", dependencies=open_to_all)
async def static(name: str, pages: AskPages) -> Response:
    """A style sheet or picture of the site itself; its address changes with its bytes."""
    asset = pages.assets.get(name)
    if asset is None:
        raise Problem(404, "no-such-file", "There is no such file.", detail=f"The site has no static file {name!r}.")
    return asset.response()


@router.get("/favicon.ico", dependencies=open_to_all)
async def favicon(pages: AskPages) -> Response:
    """Where browsers look on their own."""
    return RedirectResponse(pages.address_of("mark.svg"), 301)


@router.get("/", dependencies=open_to_all)
async def front_page(request: Request, session: Reading, pages: AskPages, site: AskSite) -> Response:
    """The latest stories, then each section's newest."""
    sections = await site.sections(session)
    newest = _by_date(await public.list_public(session, "all", limit=60))[:14]
    pictured = next((row for row in newest[:6] if row.article.get("pictures")), newest[0] if newest else None)
    rest = [row for row in newest if row is not pictured]
    shelves = {s.slug: _by_date(await public.list_public(session, "section", s.slug, limit=8)) for s in sections}
    told = {row.article_id for row in [*newest[:7], *([pictured] if pictured else [])]}
    counts = await comment_rows.count_shown(
        session, {row.article_id for rows in (newest, *shelves.values()) for row in rows}
    )
    filled = []
    for section in sections:
        rows = [row for row in shelves[section.slug] if row.article_id not in told][:4] or [*shelves[section.slug]][:4]
        if rows:
            filled.append(Section(section.slug, section.name, [story_of(row, counts) for row in rows]))
    body = pages.render(
        "front.html",
        today=utc_now(),
        here="",
        sections=sections,
        lead=story_of(pictured, counts) if pictured else None,
        seconds=[story_of(row, counts) for row in rest[:2]],
        latest=[story_of(row, counts) for row in rest[2:9]],
        blocks=filled,
    )
    return html(request, body)


def _by_date(rows: Sequence[PublicArticle]) -> list[PublicArticle]:
    """Newest first by the date that readers see: an archive that was taken in today is not today's news."""
    return sorted(rows, key=lambda row: str(row.article["published_at"]), reverse=True)


@router.get("/sections/{slug}", dependencies=open_to_all)
@router.get("/tags/{slug}", dependencies=open_to_all)
@router.get("/authors/{slug}", dependencies=open_to_all)
@router.get("/outlets/{slug}", dependencies=open_to_all)
async def shelf(
    request: Request,
    slug: str,
    session: Reading,
    pages: AskPages,
    site: AskSite,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """All stories of one section, tag, author or outlet, newest first."""
    kind = request.url.path.split("/")[1]
    shelf_kind, label = _KINDS[kind]
    sections = await site.sections(session)
    name = await public.shelf_name(session, shelf_kind, slug)
    if name is None and shelf_kind == "section":
        name = next((section.name for section in sections if section.slug == slug), None)
    if name is None:
        return await not_found(request, session, pages, site)
    place = decode_cursor(after, datetime, UUID) if after else None
    rows = await public.list_public(session, shelf_kind, slug, after=place, limit=_PER_PAGE + 1)
    shown, more = rows[:_PER_PAGE], len(rows) > _PER_PAGE
    counts = await comment_rows.count_shown(session, [row.article_id for row in shown])
    older = f"?after={encode_cursor(shown[-1].first_published_at, shown[-1].article_id)}" if more else None
    body = pages.render(
        "shelf.html",
        today=utc_now(),
        here=slug if shelf_kind == "section" else None,
        sections=sections,
        title=name,
        kind=words.say(label, pages.face.language),
        address=f"/{kind}/{slug}",
        feed=f"/feeds/{kind}/{slug}",
        stories=[story_of(row, counts) for row in _by_date(shown)],
        older=older,
    )
    return html(request, body)
