"""The door for pushes and files: our own JSON, ninjs, NewsML-G2, feeds and pages."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.ingest.api.views import Answer, Answers, Trouble
from services.ingest.domain.items import Unreadable
from services.ingest.settings import Settings
from services.ingest.sources.own import PushItem
from services.ingest.sources.parsers import Parsers
from services.ingest.sources.reading import Form
from services.ingest.use_cases.fetching import Fetched
from services.ingest.use_cases.pushing import Pushed, log_failure, push_document, push_own, read_handed
from shared.events import Role
from shared.runtime import Database, DoorRouter, Problem, Tx, Who, allow, part

router = DoorRouter(tags=["items"])

_FORMS: dict[str, Form] = {
    "application/vnd.iptc.ninjs+json": "ninjs",
    "application/vnd.iptc.g2.newsitem+xml": "newsml",
    "application/vnd.iptc.g2.newsmessage+xml": "newsml",
    "application/feed+json": "jsonfeed",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/xml": "auto",
    "text/xml": "auto",
    "text/html": "page",
    "application/xhtml+xml": "page",
}
_MANY = ("feed", "jsonfeed", "sitemap")
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": PushItem.model_json_schema(ref_template="#/components/schemas/{model}")},
            **{name: {"schema": {"type": "string"}} for name in _FORMS},
        },
    }
}
_BODY["requestBody"]["content"]["application/json"]["schema"].pop("$defs", None)


@dataclass(frozen=True, slots=True)
class Given:
    """What the address of a push says beside its body."""

    url: str | None
    source: str | None
    trust: str | None


def given(
    url: Annotated[str | None, Query(max_length=4000, description="Where the document was found.")] = None,
    source: Annotated[str | None, Query(max_length=200, description="The source's name; `push` when left out.")] = None,
    trust: Annotated[Literal["review", "publish"] | None, Query(description="Only editors may say `publish`.")] = None,
) -> Given:
    """The query of a push."""
    return Given(url, source, trust)


@router.post("/v1/items", status_code=202, dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)], openapi_extra=_BODY)
async def push_items(
    request: Request,
    tx: Tx,
    who: Who,
    given: Annotated[Given, Depends(given)],
    database: Annotated[Database, part(Database)],
    parsers: Annotated[Parsers, part(Parsers)],
    settings: Annotated[Settings, part(Settings)],
) -> Answer | Answers:
    """Take an article or a whole feed. 202 means it is committed: `new`, `revised`, `unchanged` or `withdrawn`."""
    content = await _content(request, settings.most_bytes)
    media_type, charset = _media(request)
    trust = _trust(given.trust, who.roles)
    try:
        if media_type == "application/json":
            return await _own(tx, content, given, who.roles, trust)
        form = _FORMS.get(media_type)
        if form is None:
            raise Problem(
                415,
                "media-type",
                "This kind of document is not taken.",
                detail=f"{media_type!r}; taken are application/json, {', '.join(_FORMS)}.",
            )
        document = Fetched(content, given.url or "", charset, media_type, None, None, 200, None, None)
        harvest = await read_handed(database, parsers, document, form, source_name=given.source, url=given.url)
        pushed = await push_document(tx, harvest, document, form, source_name=given.source, trust=trust, url=given.url)
        return _answer(
            pushed, many=len(pushed.taken) + len(pushed.complaints) > 1 or form in _MANY or _is_feed(content, form)
        )
    except Unreadable as error:
        await log_failure(
            database, source_name=given.source, url=given.url, cause=error.cause, detail=str(error), size=len(content)
        )
        status = 404 if error.cause == "unknown_article" else 422
        raise Problem(
            status, error.cause.replace("_", "-"), "This cannot be taken.", detail=str(error), cause=error.cause
        ) from error


async def _own(tx: Tx, content: bytes, given: Given, roles: frozenset[Role], trust: str | None) -> Answer | Answers:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Unreadable("broken_json", f"The body is not valid JSON: {error}") from error
    many = isinstance(document, list) or (isinstance(document, dict) and isinstance(document.get("items"), list))
    parts = (document if isinstance(document, list) else document["items"]) if many else [document]
    if not parts:
        raise Unreadable("empty", "The list of items is empty.")
    try:
        pushes = [PushItem.model_validate(part) for part in parts[:1000]]
    except ValidationError as error:
        raise RequestValidationError(
            [{**e, "loc": ("body", *e["loc"])} for e in error.errors(include_url=False)]
        ) from error
    if given.source:
        pushes = [push.model_copy(update={"source": given.source}) for push in pushes]
    if len({push.source for push in pushes}) > 1:
        raise Unreadable("many_sources", "source: all items of one push belong to one source.")
    asked = _trust(pushes[0].trust, roles) if trust is None else trust
    return _answer(await push_own(tx, pushes, trust=asked), many=many)


def _answer(pushed: Pushed, *, many: bool) -> Answer | Answers:
    if many:
        errors = [Trouble(cause=c.cause, detail=c.detail, entry=c.entry) for c in pushed.complaints]
        return Answers(items=[Answer.of(t) for t in pushed.taken], errors=errors)
    if not pushed.taken:
        complaint = pushed.complaints[0]
        raise Unreadable(complaint.cause, complaint.detail)
    return Answer.of(pushed.taken[0])


def _is_feed(content: bytes, form: Form) -> bool:
    return form == "auto" and not any(
        mark in content[:4096] for mark in (b"newsItem", b"newsMessage", b"<NewsML", b"<html", b"<!DOCTYPE html")
    )


async def _content(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if not (declared.isdigit() and int(declared) > most):
        content = await request.body()
        if len(content) <= most:
            return content
    raise Problem(
        413, "too-large", "The document is too large.", detail=f"At most {most} bytes are taken (INGEST_MOST_BYTES)."
    )


def _media(request: Request) -> tuple[str, str | None]:
    name, _, parameters = request.headers.get("content-type", "application/json").partition(";")
    charset = next(
        (p.split("=", 1)[1].strip("\"' ") for p in parameters.split(";") if p.strip().lower().startswith("charset=")),
        None,
    )
    return name.strip().lower(), charset


def _trust(asked: str | None, roles: frozenset[Role]) -> str | None:
    if asked == "publish" and not roles & {Role.EDITOR, Role.CHIEF, Role.OPERATOR}:
        raise Problem(
            403,
            "trust",
            "Only editors may have an item published unseen.",
            detail="trust: leave it out, or use an editor's token.",
        )
    return asked
