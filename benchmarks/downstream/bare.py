"""The measure of fan-out: a Starlette server-sent events loop as one writes it first, fed the same events.

Every connection has a queue and a generator; every event is put into every queue and encoded for each.
`POST /tell?times=1` with a JSON body tells it so many times.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

queues: set[asyncio.Queue[tuple[int, object]]] = set()
positions = count(1)


async def listen(_: Request) -> StreamingResponse:
    """One connection."""
    queue: asyncio.Queue[tuple[int, object]] = asyncio.Queue()
    queues.add(queue)

    async def frames() -> AsyncIterator[bytes]:
        try:
            yield b"retry: 2000\n\n"
            while True:
                position, event = await queue.get()
                yield b"id: %d\ndata: %b\n\n" % (position, orjson.dumps(event))
        finally:
            queues.discard(queue)

    return StreamingResponse(frames(), media_type="text/event-stream")


async def tell(request: Request) -> Response:
    """Tell an event to every connection."""
    event = orjson.loads(await request.body())
    for _ in range(int(request.query_params.get("times", "1"))):
        position = next(positions)
        for queue in queues:
            queue.put_nowait((position, event))
    return Response(status_code=204)


async def number(_: Request) -> Response:
    """How many connections are open."""
    return Response(str(len(queues)))


app = Starlette(routes=[Route("/v1/events", listen), Route("/tell", tell, methods=["POST"]), Route("/number", number)])
