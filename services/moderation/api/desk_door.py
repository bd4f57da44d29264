"""The moderators' desk in a browser: signing in with a token, and pages that say what was refused."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.web.pages import Pages
from shared.events import Role
from shared.runtime import DoorRouter, Principal, Problem, Reading, Who, allow, part
from shared.runtime.auth import holder
from shared.runtime.browsers import (
    HEADERS,
    PageRoute,
    SentForm,
    from_our_page,
    one,
    same_origin,
    sent_token,
    to,
)
from shared.runtime.doors import Door

COOKIE = "nwr_moderator"
_HOURS = 12
AskPages = Annotated[Pages, part(Pages)]
moderators = [allow(Role.MODERATOR)]
open_to_all = [allow(Role.PUBLIC)]


async def desk_principal(request: Request, _session: AsyncSession) -> Principal | None:
    """Whose token a browser keeps. A change must come from our own page; raises Problem 403 where it does not.

    The cookie is sent to `/desk` only, so that no page of another's can use it at the API.
    """
    token, door = request.cookies.get(COOKIE), request.state.door
    if not token or not request.url.path.startswith("/desk") or not isinstance(door, Door):
        return None
    try:
        found = await holder(token, door.known, door.bootstrap)
    except Problem:
        return None  # revoked or expired: as if nobody had signed in
    csrf, host = _csrf(token), request.headers.get("host", "")
    if not from_our_page(request.method, request.headers.get("origin"), host, await sent_token(request), csrf):
        detail = "Open /desk itself; what you sent came from another page, or from one that is out of date."
        raise Problem(403, "foreign-form", "Not from our own page.", detail=detail)
    request.state.csrf = csrf
    return found


def _csrf(token: str) -> str:
    """What our own forms carry beside the cookie: it can be told from the token, and not the token from it."""
    return hashlib.sha256(f"form of {token}".encode()).hexdigest()


class DeskRoute(PageRoute):
    """A door of the desk."""

    def refusal(self, request: Request, problem: Problem) -> Response:
        """The desk's own page for what is refused."""
        pages: Pages = request.state.door.parts.find(Pages)
        return page(request, pages, "problem.html", status=problem.status, problem=problem)


def desk_router() -> DoorRouter:
    """Routes for browsers, which the API's description leaves out."""
    return DoorRouter(tags=["desk"], include_in_schema=False, route_class=DeskRoute)


def page(request: Request, pages: Pages, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page of the desk; its forms carry the session's own token."""
    body = pages.render(template, csrf=getattr(request.state, "csrf", ""), **facts)
    return HTMLResponse(body, status, HEADERS)


@dataclass(frozen=True)
class Visit:
    """A moderator at the desk, and what their next page is made from."""

    request: Request
    session: AsyncSession
    pages: Pages
    who: Principal

    def page(self, template: str, *, problem: Problem | None = None, **facts: Any) -> Response:
        """A page for them, with what was refused, if anything was."""
        status = problem.status if problem else 200
        return page(self.request, self.pages, template, status=status, who=self.who, problem=problem, **facts)


async def _visit(request: Request, session: Reading, pages: AskPages, who: Who) -> Visit:
    return Visit(request, session, pages, who)


AtDesk = Annotated[Visit, Depends(_visit)]
router = desk_router()


@router.get("/desk/session", dependencies=open_to_all)
async def sign_in_page(
    request: Request, pages: AskPages, following: Annotated[str, Query(alias="next", max_length=500)] = "/desk"
) -> Response:
    """A token, once."""
    return page(request, pages, "sign_in.html", following=_inside(following), wrong=None)


@router.post("/desk/session", dependencies=open_to_all)
async def sign_in(request: Request, pages: AskPages, sent: SentForm) -> Response:
    """Keeps the token in this browser, for twelve hours, or says what is wrong with it."""
    if not same_origin(request.headers.get("origin"), request.headers.get("host", "")):
        raise Problem(403, "foreign-form", "Not from our own page.", detail="Open /desk itself and sign in there.")
    door, token, following = request.state.door, one(sent, "token").strip(), _inside(one(sent, "next"))
    try:
        await _moderator(token, door)
    except Problem as wrong:
        return page(request, pages, "sign_in.html", status=wrong.status, following=following, wrong=wrong)
    answer = to(following)
    secure = request.url.scheme == "https"
    answer.set_cookie(
        COOKIE, token, max_age=_HOURS * 3600, path="/desk", httponly=True, samesite="strict", secure=secure
    )
    return answer


async def _moderator(token: str, door: Door) -> None:
    found = await holder(token, door.known, door.bootstrap)
    if Role.MODERATOR not in found.roles:
        detail = f"{found.name} has another role. Ask a chief for a token with the role moderator."
        raise Problem(403, "role-missing", "This token is not a moderator's.", detail=detail)


@router.post("/desk/session/end", dependencies=open_to_all)
async def sign_out() -> Response:
    """This browser forgets the token."""
    answer = to("/desk/session")
    answer.delete_cookie(COOKIE, path="/desk")
    return answer


@router.get("/desk/static/{name}", dependencies=open_to_all)
async def static(name: str, pages: AskPages) -> Response:
    """A style sheet, picture or script of the desk; its address changes with its bytes."""
    asset = pages.assets.get(name)
    if asset is None:
        raise Problem(404, "no-such-file", "There is no such file.", detail=f"The desk has no static file {name!r}.")
    return asset.response()


def _inside(path: str) -> str:
    """Where to go after signing in: a page of the desk, never another site's."""
    return path if path == "/desk/appeals" or path.startswith("/desk/comments/") else "/desk"
