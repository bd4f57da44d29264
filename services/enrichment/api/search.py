"""Search over articles: words, "phrases", -exclusions, filters; accents may be left out."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from services.enrichment.api.views import CardView, sees_everything
from services.enrichment.domain.search import highlighted
from services.enrichment.storage.search import Filters
from services.enrichment.use_cases.searching import search_articles
from shared.events import Role
from shared.runtime import DoorRouter, Reading, Who, allow, decode_cursor, encode_cursor, link_next

router = DoorRouter(tags=["search"])


class HitView(CardView):
    """An article found, with the stretch of its text that matches; `<mark>` stands around the words."""

    score: float
    highlight: str


class SearchAnswer(BaseModel):
    """Hits, best first. `corrected` is the spelling searched for where the asked one matched nothing."""

    items: list[HitView]
    next: str | None
    corrected: str | None


@router.get("/v1/search", dependencies=[allow(Role.PUBLIC)])
async def search(  # noqa: PLR0917  # FastAPI reads a route's parameters from its signature
    request: Request,
    response: Response,
    session: Reading,
    who: Who,
    q: Annotated[str, Query(max_length=400)] = "",
    section: str | None = None,
    tag: str | None = None,
    outlet: str | None = None,
    language: str | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    order: Literal["relevance", "newest"] = "relevance",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SearchAnswer:
    """Search published articles; editors search drafts too."""
    filters = Filters(section, tag, outlet, language, _moment(since), _moment(until))
    after = decode_cursor(cursor, float, int) if cursor else None
    found = await search_articles(
        session, q, filters, everything=sees_everything(who), newest_first=order == "newest",
        after=(after[0], after[1]) if after else None, limit=limit + 1,
    )  # fmt: skip
    shown = found.hits[:limit]
    following = encode_cursor(shown[-1].score, shown[-1].number) if len(found.hits) > limit else None
    link_next(response, request, following)
    return SearchAnswer(
        items=[
            HitView(
                **{name: getattr(h, name) for name in CardView.model_fields}, score=h.score,
                highlight=highlighted(h.body, found.query.words),
            )
            for h in shown
        ],
        next=following,
        corrected=found.corrected,
    )  # fmt: skip


def _moment(given: AwareDatetime | None) -> datetime | None:
    return given
