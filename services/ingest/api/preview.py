"""What ingest would make of a page, stored nowhere."""

from typing import Annotated

from services.ingest.api.views import PreviewRequest, PreviewView
from services.ingest.domain.items import Hints, Unreadable
from services.ingest.sources.parsers import Parsers
from services.ingest.use_cases.fetching import Fetched, Fetcher
from shared.events import Role
from shared.runtime import DoorRouter, Problem, allow, part, utc_now

router = DoorRouter(tags=["preview"])


@router.post("/v1/preview", dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)])
async def preview(
    body: PreviewRequest, fetcher: Annotated[Fetcher, part(Fetcher)], parsers: Annotated[Parsers, part(Parsers)]
) -> PreviewView:
    """Read a page by its address or from its HTML. 422 with the cause where nothing can be made of it."""
    hints = Hints(
        url=body.url,
        outlet=body.outlet,
        language=body.language,
        timezone=body.timezone,
        day_first=body.day_first,
        now=utc_now(),
    )
    robots = None
    try:
        if body.html is not None:
            content = body.html.encode("utf-8", "replace")
        else:
            robots, fetched = await _fetched(fetcher, body.url)
            content = fetched.content
            hints = hints.model_copy(update={"url": fetched.url, "charset": fetched.charset})
        item = (await parsers.read("page", content, hints)).items[0]
    except Unreadable as error:
        raise Problem(
            422, error.cause.replace("_", "-"), "Nothing can be made of this.", detail=str(error), cause=error.cause
        ) from error
    view = PreviewView.of(item)
    if robots is not None:
        view.evidence["robots"] = robots
    return view


async def _fetched(fetcher: Fetcher, url: str | None) -> tuple[str, Fetched]:
    if url is None:
        raise Unreadable("nothing_given", "Give `url` or `html`.")
    robots = await fetcher.allowed(url)
    return robots, await fetcher.fetch(url, accept="text/html, */*;q=0.5")
