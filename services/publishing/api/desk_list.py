"""The desk in a browser: signing in, the list of articles, and a new one."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from services.publishing.api.articles import lines_of, write_article
from services.publishing.api.at_desk import AtDesk
from services.publishing.api.desk_door import contributors, desk_router, page
from services.publishing.api.pages import AskPages, AskSite
from services.publishing.api.people import COOKIE, SignIn, sign_in, sign_out
from services.publishing.api.readers import Limits
from services.publishing.api.shapes import Filters, WriteArticle
from shared.events import Role
from shared.runtime import Problem, Reading, Who, allow, part
from shared.runtime.browsers import SentForm, one, same_origin, to

router = desk_router()
#: The desk's shelves: what each is called and what it lists.
SHELVES: tuple[tuple[str, dict[str, str]], ...] = (
    ("All", {}),
    ("Drafts", {"state": "draft"}),
    ("In review", {"state": "in_review"}),
    ("Ready", {"state": "ready"}),
    ("Waiting to go out", {"waits": "true"}),
    ("Held", {"held": "true"}),
    ("Embargoed", {"embargoed": "true"}),
    ("Source changed", {"offered": "true"}),
    ("Published", {"state": "published"}),
    ("Corrected", {"state": "corrected"}),
    ("Updated", {"state": "updated"}),
    ("Unpublished", {"state": "unpublished"}),
    ("Killed", {"state": "killed"}),
    ("Spiked", {"state": "spiked"}),
)


@router.get("/desk/session", dependencies=[allow(Role.PUBLIC)])
async def sign_in_page(
    request: Request, pages: AskPages, following: Annotated[str, Query(alias="next", max_length=500)] = "/desk"
) -> Response:
    """Name and password."""
    return page(request, pages, "sign_in.html", following=_inside(following), name="", wrong=None)


@router.post("/desk/session", dependencies=[allow(Role.PUBLIC)])
async def sign_in_by_form(
    request: Request, desk: AtDesk, pages: AskPages, limits: Annotated[Limits, part(Limits)], sent: SentForm
) -> Response:
    """Sets the desk's cookie, or says what is wrong and keeps the name."""
    if not same_origin(request.headers.get("origin"), request.headers.get("host", "")):
        raise Problem(403, "foreign-form", "Not from our own page.", detail="Open /desk itself and sign in there.")
    name, password, following = one(sent, "name"), one(sent, "password"), _inside(one(sent, "next"))
    try:
        await sign_in(SignIn(name=name, password=password), request, desk, limits)
    except ValidationError:
        wrong = Problem(422, "invalid", "Name or password is missing.")
    except Problem as refused:
        wrong = refused
    else:
        answer = to(following)
        for cookie in desk.response.headers.getlist("set-cookie"):
            answer.headers.append("set-cookie", cookie)
        return answer
    return page(request, pages, "sign_in.html", status=wrong.status, following=following, name=name, wrong=wrong)


@router.post("/desk/session/end", dependencies=[allow(Role.READER)])
async def sign_out_by_form(request: Request, desk: AtDesk) -> RedirectResponse:
    """Ends this browser's session."""
    await sign_out(request, desk.response, desk)
    answer = to("/desk/session")
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/desk", dependencies=contributors)
async def desk_list(
    request: Request, session: Reading, pages: AskPages, site: AskSite, who: Who, filters: Annotated[Filters, Query()]
) -> Response:
    """Articles by newest change, as `GET /v1/articles` lists them."""
    asked = filters.model_dump(mode="json", exclude_none=True, exclude={"cursor", "limit", "fields"})
    lines, following = await lines_of(session, filters)
    kept = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in asked.items()}
    shelf = {name: value for name, value in kept.items() if name in {"state", "waits", "held", "embargoed", "offered"}}
    aside = {name: value for name, value in kept.items() if name not in shelf}
    return page(
        request,
        pages,
        "list.html",
        who=who,
        lines=lines,
        shelves=[(name, f"/desk?{urlencode({**aside, **query})}", query == shelf) for name, query in SHELVES],
        shelf=shelf,
        asked=kept,
        sections=await site.sections(session),
        older=f"/desk?{urlencode({**kept, 'cursor': following})}" if following else None,
    )


@router.post("/desk/articles", dependencies=contributors)
async def write_by_form(desk: AtDesk, sent: SentForm) -> Response:
    """A new draft with this headline, opened."""
    headline = " ".join(one(sent, "headline").split())
    if not headline:
        raise Problem(422, "invalid", "A new article needs a headline.", detail="Go back and write one.")
    made = await write_article(WriteArticle(headline=headline[:500], language="en"), desk)
    return to(f"/desk/articles/{made.id}")


def _inside(path: str) -> str:
    """Where to go after signing in: a page of the desk, never another site's."""
    return path if path == "/desk" or path.startswith("/desk/articles/") else "/desk"
