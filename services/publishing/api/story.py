"""An article's page: the story, what belongs to it, its comments, and the forms that they go through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from services.publishing.api.pages import AskPages, AskSite, gone, html, not_found, open_to_all
from services.publishing.api.readers import Limits, keep_reader, reader_of
from services.publishing.domain.slugs import slugify
from services.publishing.outlets import excerpt
from services.publishing.storage import comments as comment_rows
from services.publishing.storage import public
from services.publishing.storage.public import PublicArticle, ShelfKind
from services.publishing.use_cases.comments import report_comment, submit_comment
from services.publishing.web import words
from services.publishing.web.pages import Pages
from services.publishing.web.site import Site
from services.publishing.web.views import blocks, credited, playable, related_ids
from shared.events import PublishedArticle
from shared.runtime import DoorRouter, Problem, Reading, Tx, Who, decode_cursor, encode_cursor, part, utc_now
from shared.runtime.browsers import same_origin

router = DoorRouter(tags=["site"], include_in_schema=False)
LONGEST = 5000


class WrittenComment(BaseModel):
    """The form under an article. `website` is a trap: people do not see it."""

    author_name: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=20_000)
    reply_to: UUID | Literal[""] = ""
    website: str = Field(default="", max_length=200)


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


def _same_site(request: Request) -> None:
    """Refuse a form that another site made a browser send."""
    origin = request.headers.get("origin")
    foreign = origin is not None and not same_origin(origin, request.headers.get("host", ""))
    if foreign or request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Problem(
            403,
            "foreign-form",
            "This form came from another site.",
            detail="Open the article itself and send it there.",
        )
