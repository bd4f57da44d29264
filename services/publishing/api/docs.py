"""For the consumer's developer: the catalogue of events, AsyncAPI, and a sandbox stream that tells a made-up story."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import uuid4

import orjson
from fastapi import Query, Request
from fastapi.responses import Response, StreamingResponse

from services.publishing.api.answers import UNCHANGED, conditional
from services.publishing.api.pages import AskPages, AskSite, html, open_to_all
from services.publishing.outlets import asyncapi, catalogue
from services.publishing.outlets.sse import HEADERS
from shared.runtime import DoorRouter, Reading, utc_now

router = DoorRouter(tags=["events"])


@router.get("/docs/events", dependencies=open_to_all, include_in_schema=False)
async def event_catalogue(request: Request, session: Reading, pages: AskPages, site: AskSite) -> Response:
    """Every event type with an example, generated from the classes."""
    events = [
        {"type": item.type, "about": item.about, "fields": item.fields, "text": _pretty(item.example)}
        for item in catalogue.described()
    ]
    sections = await site.sections(session)
    return html(request, pages.render("catalogue.html", today=utc_now(), here=None, sections=sections, events=events))


@router.get(
    "/docs/asyncapi.json",
    dependencies=open_to_all,
    operation_id="getAsyncApi",
    summary="AsyncAPI 3 of the public channels",
    responses=UNCHANGED,
)
async def get_asyncapi(request: Request, pages: AskPages) -> Response:
    """Generated from the event classes."""
    face = pages.face
    return conditional(request, orjson.dumps(asyncapi.document(face.name, face.base)), "application/json")


@router.get(
    "/v1/sandbox/events",
    dependencies=open_to_all,
    operation_id="readSandbox",
    summary="A made-up story over and over as server-sent events, for trying a consumer",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def sandbox(
    every: Annotated[float, Query(ge=0.05, le=60, description="Seconds between two events.")] = 10.0,
    number: Annotated[int, Query(ge=1, le=1000, description="How many, then the stream ends.")] = 1000,
) -> StreamingResponse:
    """Nothing here was published; ids are new each time, positions count from 1."""
    return StreamingResponse(_made_up(every, number), headers=HEADERS, media_type="text/event-stream")


async def _made_up(every: float, number: int) -> AsyncIterator[bytes]:
    yield b"retry: 10000\n: sandbox, nothing here was published\n\n"
    examples = catalogue.described()
    for position in range(1, number + 1):
        event: dict[str, Any] = {**examples[(position - 1) % len(examples)].example, "position": position}
        event |= {"id": str(uuid4()), "time": utc_now().isoformat(), "source": "/newsroom/sandbox"}
        yield b"id: %d\ndata: %b\n\n" % (position, orjson.dumps(event))
        await asyncio.sleep(every)


def _pretty(example: dict[str, Any]) -> str:
    return orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()
