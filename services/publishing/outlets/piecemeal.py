"""An answer that is long but known: written a chunk at a time, so that others run in between and nothing is copied."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.publishing.outlets.hub import CHUNK


class Piecemeal(Response):
    """The pieces one behind the other. Each chunk waits until the reader has taken the one before it."""

    def __init__(self, pieces: Sequence[bytes], media_type: str, headers: Mapping[str, str]) -> None:
        size = sum(map(len, pieces))
        super().__init__(media_type=media_type, headers={**headers, "content-length": str(size)})
        self.pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's signature
        """Write it all."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for chunk in _chunks(self.pieces):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    parts, size = list[bytes](), 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)
