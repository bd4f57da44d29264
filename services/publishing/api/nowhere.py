"""Addresses where nothing is: a page of the site for people, a problem document for programs."""

from fastapi import Request
from fastapi.responses import Response

from services.publishing.api.pages import not_found
from services.publishing.web.pages import Pages
from services.publishing.web.site import Site
from shared.runtime.doors import Door
from shared.runtime.problems import explain


async def nothing_here(request: Request, error: Exception) -> Response:
    """What is answered where no door is."""
    if "text/html" not in request.headers.get("accept", "") or request.url.path.startswith("/v1/"):
        return explain(error).response()
    door: Door = request.app.state.open_door(request)
    try:
        return await not_found(request, door.open_reader(), door.parts.find(Pages), door.parts.find(Site))
    finally:
        await door.close()
