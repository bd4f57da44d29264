"""The desk's pages: what they are rendered with, and what is refused said on one of them."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from services.publishing.web.pages import Pages
from shared.events import Role
from shared.runtime import DoorRouter, Problem, allow
from shared.runtime.browsers import HEADERS, PageRoute

contributors = [allow(Role.CONTRIBUTOR)]


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
    held = getattr(request.state, "desk_session", None)
    body = pages.render(f"desk/{template}", language="en", csrf=held.csrf if held else "", **facts)
    return HTMLResponse(body, status, HEADERS)
