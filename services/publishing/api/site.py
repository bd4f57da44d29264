"""The public site: front page, articles, sections, tags, authors, outlets, and the form that comments go through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from services.publishing.api.answers import conditional
from services.publishing.api.readers import Limits, keep_reader, reader_of
from services.publishing.domain.slugs import slugify
from services.publishing.outlets import excerpt
from services.publishing.storage import comments as comment_rows
from services.publishing.storage import public
from services.publishing.storage.public import PublicArticle, ShelfKind
from services.publishing.use_cases.comments import report_comment, submit_comment
from services.publishing.web import words
from services.publishing.web.pages import POLICY, Pages
from services.publishing.web.site import Site
from services.publishing.web.views import Section, blocks, credited, playable, related_ids, story_of
from shared.events import PublishedArticle, Role
from shared.runtime import DoorRouter, Problem, Reading, Tx, Who, allow, decode_cursor, encode_cursor, part, utc_now

router = DoorRouter(tags=["site"], include_in_schema=False)
open_to_all = [allow(Role.PUBLIC)]

AskPages = Annotated[Pages, part(Pages)]
AskSite = Annotated[Site, part(Site)]
LONGEST = 5000
_PER_PAGE = 24
_SECURITY = {
    "content-security-policy": POLICY,
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
_KINDS: dict[str, tuple[ShelfKind, str]] = {
    "sections": ("section", "sections"),
    "tags": ("tag", "tag"),
    "authors": ("author", "author"),
    "outlets": ("outlet", "outlet"),
}


class WrittenComment(BaseModel):
    """The form under an article. `website` is a trap: people do not see it."""

    author_name: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=20_000)
    reply_to: UUID | Literal[""] = ""
    website: str = Field(default="", max_length=200)


def html(request: Request, body: bytes, *, status: int = 200) -> Response:
    """A page with the site's security headers; 304 where the reader has it already.

    Pages carry no Last-Modified: what is taken off one leaves no later date behind.
    """
    return conditional(request, body, "text/html; charset=utf-8", status=status, headers=_SECURITY)


@router.get("/static/{name}", dependencies=open_to_all)
async def static(name: str, pages: AskPages) -> Response:
    """A style sheet or picture of the site itself; its address changes with its bytes."""
    asset = pages.assets.get(name)
    if asset is None:
        raise Problem(404, "no-such-file", "There is no such file.", detail=f"The site has no static file {name!r}.")
    kept = {"cache-control": "public, max-age=31536000, immutable", "etag": f'"{asset.tag}"'}
    return Response(asset.body, media_type=asset.media_type, headers=kept | {"x-content-type-options": "nosniff"})


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


@router.get("/articles/{slug}", dependencies=open_to_all)
async def article_page(
    request: Request,
    slug: str,
    session: Reading,
    pages: AskPages,
    site: AskSite,
    comment: Annotated[str | None, Query(max_length=20)] = None,
    reply_to: UUID | None = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The story with its source, date and credit, what belongs to it, and its comments."""
    row = await public.find_public(session, slug)
    if row is None:
        return await not_found(request, session, pages, site)
    if row.gone:
        return await gone(request, session, row, pages, site)
    if slug != row.slug:
        return RedirectResponse(f"/articles/{row.slug}", 308)
    notice = {"received": "waiting", "reported": "reported"}.get(comment or "")
    body = await _article(session, row, pages, site, notice=notice, reply_to=reply_to, after=after)
    return html(request, body)


@router.post("/articles/{slug}/comments", dependencies=open_to_all)
async def comment_by_form(
    request: Request,
    slug: str,
    tx: Tx,
    who: Who,
    pages: AskPages,
    site: AskSite,
    limits: Annotated[Limits, part(Limits)],
    sent: Annotated[WrittenComment, Form()],
) -> Response:
    """Take a comment from the form under an article and lead back to it."""
    _same_site(request)
    row = await public.find_public(tx.session, slug)
    if row is None:
        return await not_found(request, tx.session, pages, site)
    back = RedirectResponse(f"/articles/{row.slug}?comment=received#comments", 303)
    if sent.website:  # a field that people do not see: who fills it in is a program
        return back
    name, said = " ".join(sent.author_name.split()), sent.text.strip()
    if row.gone:
        return await gone(request, tx.session, row, pages, site)
    if not name or not said or len(name) > 80 or len(said) > LONGEST:
        draft = {"author_name": sent.author_name, "text": sent.text}
        return html(request, await _article(tx.session, row, pages, site, draft=draft), status=422)
    await limits.check(request, "comment")
    reader = reader_of(request, who, name)
    told = await submit_comment(tx.session, row, reader, said, sent.reply_to or None, utc_now())
    if isinstance(told, str):
        raise Problem(409, "comments-closed", "This comment cannot be taken.", detail=f"{row.slug}: {told}.")
    tx.tell(told)
    keep_reader(back, reader)
    return back


@router.post("/articles/{slug}/comments/{comment_id}/report", dependencies=open_to_all)
async def report_by_form(
    request: Request, slug: str, comment_id: UUID, tx: Tx, who: Who, limits: Annotated[Limits, part(Limits)]
) -> Response:
    """Take a report from the button under a comment and lead back to the article."""
    _same_site(request)
    await limits.check(request, "report")
    reader = reader_of(request, who, "a reader")
    told = await report_comment(tx.session, comment_id, reader, "other", None, utc_now())
    if told is not None and not isinstance(told, str):
        tx.tell(told)
    back = RedirectResponse(f"/articles/{slugify(slug, 200)}?comment=reported#comments", 303)
    keep_reader(back, reader)
    return back


async def _article(
    session: Reading,
    row: PublicArticle,
    pages: Pages,
    site: Site,
    *,
    notice: str | None = None,
    reply_to: UUID | None = None,
    after: str | None = None,
    draft: dict[str, str] | None = None,
) -> bytes:
    article = PublishedArticle.model_validate(row.article)
    tongue = words.spoken(article.language)
    place = decode_cursor(after, datetime, UUID) if after else None
    shown = await comment_rows.shown_comments(session, row.article_id, after=place, limit=101)
    counts = await comment_rows.count_shown(session, [row.article_id])
    thread = await comment_rows.find_thread(session, row.article_id)
    parent = await comment_rows.find_comment(session, reply_to) if reply_to else None
    lead = article.pictures[:1]
    return pages.render(
        "article.html",
        language=tongue,
        today=utc_now(),
        here=article.section,
        sections=await site.sections(session),
        article=article,
        description=excerpt(article, 200),
        authors=[{"name": name, "slug": slugify(name)} for name in article.authors if slugify(name)],
        outlet_slug=slugify(article.outlet),
        revised=bool(article.corrections) or article.updated_at > article.first_published_at,
        lead_pictures=lead,
        more_pictures=[p for p in article.pictures[1:] if p.url not in article.body_html],
        credited=credited,
        playable=playable,
        more=await _blocks(session, row, article),
        count=counts.get(row.article_id, 0),
        comments=shown[:100],
        names={comment.id: comment.author_name for comment in shown},
        more_comments=f"?after={encode_cursor(shown[99].submitted_at, shown[99].id)}#comments"
        if len(shown) > 100
        else None,
        open=thread.open,
        reply_to=parent if parent and parent.state == "shown" and parent.article_id == row.article_id else None,
        notice=words.say(notice, tongue) if notice else None,
        draft=draft or {"author_name": "", "text": ""},
        longest=LONGEST,
    )


async def _blocks(session: Reading, row: PublicArticle, article: PublishedArticle) -> dict[str, Any]:
    related = await public.public_many(session, related_ids(row))
    shelves: dict[str, Sequence[PublicArticle]] = {}
    places: list[tuple[ShelfKind, str]] = [("section", article.section)] if article.section else []
    places += [("tag", tag.id) for tag in article.tags[:1]]
    places += [("author", slugify(name)) for name in article.authors[:1]]
    for kind, slug in places:
        if not row.related_by.get(kind):
            shelves[kind] = await public.list_public(session, kind, slug, limit=13)
    return blocks(row, related, shelves)


async def not_found(request: Request, session: Reading, pages: Pages, site: Site) -> Response:
    """The page for an address where nothing is."""
    body = pages.render(
        "notice.html",
        today=utc_now(),
        here=None,
        sections=await site.sections(session),
        title=words.say("missing", pages.face.language),
        text=words.say("missing_why", pages.face.language),
        at=None,
    )
    return html(request, body, status=404)


async def gone(request: Request, session: Reading, row: PublicArticle, pages: Pages, site: Site) -> Response:
    """The tombstone of a story that was unpublished or killed."""
    tongue = words.spoken(row.language)
    body = pages.render(
        "notice.html",
        language=tongue,
        today=utc_now(),
        here=None,
        sections=await site.sections(session),
        title=words.say("gone", tongue),
        text=words.say("gone_why", tongue),
        at=row.gone_at,
    )
    return html(request, body, status=410)


def _same_site(request: Request) -> None:
    """Refuse a form that another site made a browser send."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Problem(
            403,
            "foreign-form",
            "This form came from another site.",
            detail="Open the article itself and send it there.",
        )
