"""The desk's pages: who comes without having signed in is led there, and what is refused is said on a page."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse

from services.publishing.web.desk import Sent
from services.publishing.web.pages import Pages
from shared.events import Role
from shared.runtime import DoorRouter, Problem, allow
from shared.runtime.doors import DoorRoute
from shared.runtime.problems import explain

contributors = [allow(Role.CONTRIBUTOR)]
#: Only our own script, which talks only to us; what an article's text names may be shown, and nothing else.
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; form-action 'self'; "
        "img-src 'self' https: http: data:; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",  # with none at all, browsers send their forms with `Origin: null`
    "x-content-type-options": "nosniff",
}


class DeskRoute(DoorRoute):
    """A door for browsers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The door itself; what it refuses becomes a page."""
        inner = super().get_route_handler()

        async def enter(request: Request) -> Response:
            try:
                return await inner(request)
            except (Problem, RequestValidationError) as refused:
                problem = explain(refused)
            if problem.status == 401 and request.url.path != "/desk/session":
                way = request.url.path if request.method == "GET" else "/desk"
                return RedirectResponse(f"/desk/session?next={quote(way, safe='/')}", 303, _HEADERS)
            pages: Pages = request.state.door.parts.find(Pages)
            return page(request, pages, "problem.html", status=problem.status, problem=problem)

        return enter


def desk_router() -> DoorRouter:
    """Routes for browsers, which the API's description leaves out."""
    return DoorRouter(tags=["desk"], include_in_schema=False, route_class=DeskRoute)


def page(request: Request, pages: Pages, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page of the desk; its forms carry the session's own token."""
    held = getattr(request.state, "desk_session", None)
    body = pages.render(f"desk/{template}", language="en", csrf=held.csrf if held else "", **facts)
    return HTMLResponse(body, status, _HEADERS)


def to(path: str) -> RedirectResponse:
    """Lead a browser on after a form, so that loading the page again repeats nothing."""
    return RedirectResponse(path, 303, _HEADERS)


async def _sent(request: Request) -> Sent:
    form = await request.form()
    return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}


#: The form that came with a request: every value of each field.
SentForm = Annotated[Sent, Depends(_sent)]
