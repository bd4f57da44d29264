"""Feeds of every shelf in three formats, the news sitemap, the OPML of them all and the page that lists them."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.answers import UNCHANGED, conditional
from services.publishing.api.pages import AskPages, AskSite, html, open_to_all
from services.publishing.outlets import atom, jsonfeed, opml, rss, shelves, sitemap
from services.publishing.outlets.shelves import Address, NoFeed
from services.publishing.storage import public
from services.publishing.web import words
from services.publishing.web.pages import Pages
from services.publishing.web.site import Site
from shared.runtime import DoorRouter, Problem, Reading, utc_now

router = DoorRouter(tags=["feeds"])

_FEED: dict[int | str, dict[str, Any]] = {
    200: {"content": {rss.MEDIA_TYPE: {}, atom.MEDIA_TYPE: {}, jsonfeed.MEDIA_TYPE: {}}},
    404: {"description": "There is no such feed."},
    **UNCHANGED,
}
_SAYS = {"sections": "sections", "tags": "tags", "authors": "author", "outlets": "outlet", "languages": "language"}


@router.get("/feeds/", dependencies=open_to_all, include_in_schema=False)
async def directory(request: Request, session: Reading, pages: AskPages, site: AskSite) -> Response:
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


@router.get(
    "/feeds/all.opml",
    dependencies=open_to_all,
    operation_id="getFeedList",
    summary="All feeds as OPML 2.0",
    response_class=Response,
    responses={200: {"content": {opml.MEDIA_TYPE: {}}}, **UNCHANGED},
)
async def feed_list(request: Request, session: Reading, pages: AskPages) -> Response:
    """For a feed reader to take in."""
    newest = await public.list_public(session, limit=1)
    made = newest[0].seen_at if newest else shelves.EVER
    body = opml.render(pages.face.name, await _outlines(session, pages), made)
    return conditional(request, body, f"{opml.MEDIA_TYPE}; charset=utf-8", modified=made)


@router.get("/robots.txt", dependencies=open_to_all, include_in_schema=False)
async def robots(request: Request, pages: AskPages) -> Response:
    """What crawlers may read (RFC 9309) and where they find what is new."""
    rules = ("User-agent: *", "Disallow: /desk", "Disallow: /v1/", f"Sitemap: {pages.face.base}/sitemap-news.xml", "")
    return conditional(request, "\n".join(rules), "text/plain; charset=utf-8")


@router.get(
    "/sitemap-news.xml",
    dependencies=open_to_all,
    operation_id="getNewsSitemap",
    summary="The Google News sitemap",
    response_class=Response,
    responses={200: {"content": {sitemap.MEDIA_TYPE: {}}}, **UNCHANGED},
)
async def news_sitemap(request: Request, session: Reading, pages: AskPages) -> Response:
    """What was first published within two days."""
    now = utc_now()
    rows = await public.list_public(session, since=now - sitemap.WINDOW, limit=sitemap.LIMIT)
    body = sitemap.render(pages.face.name, shelves.published(rows), now)
    return conditional(request, body, f"{sitemap.MEDIA_TYPE}; charset=utf-8")


@router.get(
    "/feeds/all.{extension}",
    dependencies=open_to_all,
    operation_id="getFeed",
    summary="All stories as a feed: rss, atom or json",
    response_class=Response,
    responses=_FEED,
)
async def feed_of_all(request: Request, extension: str, session: Reading, pages: AskPages, site: AskSite) -> Response:
    """The newest fifty, and what was taken off in the last thirty days where the format can say so."""
    return await _feed(request, f"/feeds/all.{extension}", session, pages, site)


@router.get(
    "/feeds/{kind}/{name}.{extension}",
    dependencies=open_to_all,
    operation_id="getShelfFeed",
    summary="One section, tag, author, outlet or language as a feed: rss, atom or json",
    response_class=Response,
    responses=_FEED,
)
async def feed_of_shelf(  # FastAPI passes by name
    request: Request, kind: str, name: str, extension: str, session: Reading, pages: AskPages, site: AskSite
) -> Response:
    """`kind` is sections, tags, authors, outlets or languages."""
    return await _feed(request, f"/feeds/{kind}/{name}.{extension}", session, pages, site)


async def _feed(request: Request, path: str, session: AsyncSession, pages: Pages, site: Site) -> Response:
    face = pages.face
    try:
        feed = await shelves.feed_at(session, Address.of(path), face.name, face.base, dict(site.house), utc_now())
    except NoFeed as error:
        raise Problem(404, "no-such-feed", "There is no such feed.", detail=f"{error} See /feeds/.") from error
    answer = conditional(request, feed.body, feed.media_type, modified=feed.updated)
    answer.headers["link"] = f'<{feed.hub}>; rel="hub", <{feed.address}>; rel="self"'
    answer.headers["access-control-allow-origin"] = "*"
    return answer


async def _outlines(session: AsyncSession, pages: Pages) -> list[opml.Outline]:
    base, tongue = pages.face.base, pages.face.language
    lines = [opml.Outline(pages.face.name, pages.face.name, f"{base}/feeds/all.atom", f"{base}/")]
    for kind, shelf in shelves.KINDS.items():
        for slug, name, _ in await public.list_shelves(session, shelf, 200):
            home = f"{base}/{kind}/{slug}" if kind != "languages" else f"{base}/"
            lines.append(opml.Outline(words.say(_SAYS[kind], tongue), name, f"{base}/feeds/{kind}/{slug}.atom", home))
    return lines
