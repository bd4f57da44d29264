"""What every page of the site is answered with: its headers, and the page for what is missing or gone."""

from typing import Annotated

from fastapi import Request
from fastapi.responses import Response

from services.publishing.api.answers import conditional
from services.publishing.storage.public import PublicArticle
from services.publishing.web import words
from services.publishing.web.pages import POLICY, Pages
from services.publishing.web.site import Site
from shared.events import Role
from shared.runtime import Reading, allow, part, utc_now

open_to_all = [allow(Role.PUBLIC)]
AskPages = Annotated[Pages, part(Pages)]
AskSite = Annotated[Site, part(Site)]
_SECURITY = {
    "content-security-policy": POLICY,
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}


def html(request: Request, body: bytes, *, status: int = 200) -> Response:
    """A page with the site's security headers; 304 where the reader has it already.

    Pages carry no Last-Modified: what is taken off one leaves no later date behind.
    """
    return conditional(request, body, "text/html; charset=utf-8", status=status, headers=_SECURITY)


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
