"""Feeds of every shelf in three formats, the news sitemap, the OPML of them all and the page that lists them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.answers import conditional
from services.publishing.api.site import html
from services.publishing.outlets import Channel, Tombstone, atom, jsonfeed, opml, rss, sitemap
from services.publishing.storage import public
from services.publishing.storage.outlets import list_gone
from services.publishing.storage.public import PublicArticle, ShelfKind
from services.publishing.web import words
from services.publishing.web.pages import Pages
from services.publishing.web.site import Site
from shared.events import PublishedArticle, Role
from shared.runtime import DoorRouter, Problem, Reading, allow, part, utc_now

router = DoorRouter(tags=["feeds"])
open_to_all = [allow(Role.PUBLIC)]
AskPages = Annotated[Pages, part(Pages)]

_LENGTH = 50
_REMEMBERED = timedelta(days=30)  # how long a feed names what was taken off
_FORMATS: dict[str, tuple[str, Callable[[Channel], bytes]]] = {
    "rss": (f"{rss.MEDIA_TYPE}; charset=utf-8", rss.render),
    "atom": (f"{atom.MEDIA_TYPE}; charset=utf-8", atom.render),
    "json": (jsonfeed.MEDIA_TYPE, jsonfeed.render),
}
_KINDS: dict[str, ShelfKind] = {
    "sections": "section",
    "tags": "tag",
    "authors": "author",
    "outlets": "outlet",
    "languages": "language",
}
_SAYS = {"sections": "sections", "tags": "tags", "authors": "author", "outlets": "outlet", "languages": "language"}
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@router.get("/feeds/", dependencies=open_to_all, include_in_schema=False)
async def directory(request: Request, session: Reading, pages: AskPages, site: Annotated[Site, part(Site)]) -> Response:
    """The page that lists every feed."""
    groups: dict[str, list[dict[str, str]]] = {}
    for line in await _outlines(session, pages):
        feed = {"title": line.title, "home": line.home, "address": line.feed.removesuffix(".atom")}
        groups.setdefault(line.group, []).append(feed)
    body = pages.render(
        "feeds.html",
        today=utc_now(),
        here=None,
        sections=await site.sections(session),
        groups=[{"name": name, "feeds": feeds} for name, feeds in groups.items()],
    )
    return html(request, body)


@router.get("/feeds/all.opml", dependencies=open_to_all, operation_id="getFeedList", summary="All feeds as OPML 2.0")
async def feed_list(request: Request, session: Reading, pages: AskPages) -> Response:
    """For a feed reader to take in."""
    newest = await public.list_public(session, limit=1)
    made = newest[0].seen_at if newest else _EVER
    body = opml.render(pages.face.name, await _outlines(session, pages), made)
    return conditional(request, body, f"{opml.MEDIA_TYPE}; charset=utf-8", modified=made)


@router.get(
    "/sitemap-news.xml", dependencies=open_to_all, operation_id="getNewsSitemap", summary="The Google News sitemap"
)
async def news_sitemap(request: Request, session: Reading, pages: AskPages) -> Response:
    """What was first published within two days."""
    now = utc_now()
    rows = await public.list_public(session, since=now - sitemap.WINDOW, limit=sitemap.LIMIT)
    body = sitemap.render(pages.face.name, _articles(rows), now)
    modified = max((row.seen_at for row in rows), default=None)
    return conditional(request, body, f"{sitemap.MEDIA_TYPE}; charset=utf-8", modified=modified)


@router.get("/feeds/all.{extension}", dependencies=open_to_all, operation_id="getFeed", summary="All stories as a feed")
async def feed_of_all(request: Request, extension: str, session: Reading, pages: AskPages) -> Response:
    """`extension` is rss, atom or json."""
    return await _feed(request, session, pages, extension, "all", "", "", "/")


@router.get(
    "/feeds/{kind}/{name}.{extension}",
    dependencies=open_to_all,
    operation_id="getShelfFeed",
    summary="One section, tag, author, outlet or language as a feed",
    responses={404: {"description": "There is no such feed."}},
)
async def feed_of_shelf(
    request: Request,
    kind: str,
    name: str,
    extension: str,
    session: Reading,
    pages: AskPages,
    site: Annotated[Site, part(Site)],
) -> Response:
    """`kind` is sections, tags, authors, outlets or languages; `extension` is rss, atom or json."""
    shelf = _KINDS.get(kind)
    if shelf is None:
        raise _no_feed(f"{kind!r} is none of: {', '.join(_KINDS)}.")
    title = await public.shelf_name(session, shelf, name) or (site.house.get(name) if shelf == "section" else None)
    if title is None:
        raise _no_feed(f"Nothing public stands under {kind}/{name}.")
    home = f"/{kind}/{name}" if kind != "languages" else "/"
    return await _feed(request, session, pages, extension, shelf, name, title, home)


async def _feed(
    request: Request,
    session: AsyncSession,
    pages: Pages,
    extension: str,
    kind: ShelfKind,
    name: str,
    title: str,
    home: str,
) -> Response:
    if extension not in _FORMATS:
        raise _no_feed(f"{extension!r} is none of: {', '.join(_FORMATS)}.")
    media_type, render = _FORMATS[extension]
    rows = await public.list_public(session, kind, name, limit=_LENGTH)
    gone = await list_gone(session, kind, name, since=utc_now() - _REMEMBERED)
    face = pages.face
    updated = max((*(row.seen_at for row in rows), *(row.seen_at for row in gone)), default=_EVER)
    channel = Channel(
        title=f"{title} · {face.name}" if title else face.name,
        description=f"{title}: the latest from {face.name}." if title else f"The latest from {face.name}.",
        home=f"{face.base}{home}",
        address=f"{face.base}{quote(request.url.path)}",
        updated=updated,
        language=name if kind == "language" else None,
        articles=_articles(rows),
        gone=[_tombstone(row, face.base) for row in gone],
        hub=f"{face.base}/websub",
    )
    answer = conditional(request, render(channel), media_type, modified=updated)
    answer.headers["link"] = f'<{channel.hub}>; rel="hub", <{channel.address}>; rel="self"'
    answer.headers["access-control-allow-origin"] = "*"
    return answer


async def _outlines(session: AsyncSession, pages: Pages) -> list[opml.Outline]:
    base, tongue = pages.face.base, pages.face.language
    lines = [opml.Outline(pages.face.name, pages.face.name, f"{base}/feeds/all.atom", f"{base}/")]
    for kind, shelf in _KINDS.items():
        for slug, name, _ in await public.list_shelves(session, shelf, 200):
            home = f"{base}/{kind}/{slug}" if kind != "languages" else f"{base}/"
            lines.append(opml.Outline(words.say(_SAYS[kind], tongue), name, f"{base}/feeds/{kind}/{slug}.atom", home))
    return lines


def _articles(rows: Iterable[PublicArticle]) -> list[PublishedArticle]:
    return [PublishedArticle.model_validate(row.article) for row in rows]


def _tombstone(row: PublicArticle, base: str) -> Tombstone:
    return Tombstone(row.article_id, f"{base}/articles/{row.slug}", row.gone or "gone", row.gone_at or row.seen_at)


def _no_feed(detail: str) -> Problem:
    return Problem(404, "no-such-feed", "There is no such feed.", detail=f"{detail} See /feeds/.")
