"""Every event, in order, from where you left off: live over SSE, or in pages."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

import httpx2

from newsroom_client.cursors import Cursor, MemoryCursor
from newsroom_client.sse import Message, Parser

_SILENCE = 60.0  # seconds; the server beats every 15
_LONGEST_PAUSE = 30.0


class Refused(Exception):  # it is what the server did
    """The server will not serve this reading; trying again is no use. The text is its reason."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


class Gap(Exception):  # it is what was found
    """An unfiltered stream skipped a position: something between here and the server drops events."""


class Filter(TypedDict, total=False):
    """What is wanted of the log. Values within a field are alternatives, fields add up; nothing set is everything."""

    types: Sequence[str]  # `published`, `newsroom.article.killed.v1`, …
    section: Sequence[str]
    tag: Sequence[str]
    outlet: Sequence[str]
    wire: Sequence[str]
    language: Sequence[str]
    words: Sequence[str]
    urgency: int  # this urgent or more; 1 is the most


@dataclass(frozen=True)
class Event:
    """One entry of the log. `data` is the fact; `raw` the whole CloudEvents JSON as it came."""

    position: int
    id: str
    type: str
    subject: str
    time: str
    data: dict[str, Any] = field(repr=False)
    raw: str = field(repr=False)

    @classmethod
    def of(cls, raw: str) -> "Event":
        """Read an event from its JSON."""
        event = json.loads(raw)
        names = ("id", "type", "subject", "time", "data")
        return cls(position=int(event["position"]), raw=raw, **{name: event[name] for name in names})


@dataclass(frozen=True)
class _Reading:
    url: str
    params: dict[str, Any]
    headers: dict[str, str]
    filtered: bool


async def events(
    url: str,
    *,
    after: int | None = None,
    cursor: Cursor | None = None,
    token: str | None = None,
    thin: bool = False,
    client: httpx2.AsyncClient | None = None,
    **wanted: Unpack[Filter],
) -> AsyncGenerator[Event, None]:
    """Follow the log at `url` (the site's address) for ever, through every kind of outage.

    Starts after the cursor's position, else after `after`, else now. The cursor is saved when you ask for the next
    event. Raises Refused where trying again is no use, Gap where an unfiltered stream skips a position.
    """
    reading = _reading(url, token, wanted, thin=thin)
    kept = cursor or MemoryCursor()
    saved = kept.load()
    position = after if saved is None else saved
    pause = 0.0
    own = client or httpx2.AsyncClient(timeout=httpx2.Timeout(10.0, read=_SILENCE))
    try:
        while True:
            parser = Parser()
            try:
                async for message in _listen(own, reading, position, parser):
                    event = Event.of(message.data)
                    if position is not None and event.position <= position:
                        continue
                    if position is not None and not reading.filtered and event.position != position + 1:
                        raise Gap(f"after {position} came {event.position}")
                    yield event
                    position, pause = event.position, 0.0
                    kept.save(position)
            except (httpx2.TransportError, httpx2.StreamError):
                pass
            if parser.last_id.isdigit() and (position is None or int(parser.last_id) > position):
                position = int(parser.last_id)  # a beat of a filtered stream: nothing was wanted up to here
                kept.save(position)
            await asyncio.sleep(_wait(parser, pause) * random.uniform(0.7, 1.3))
            pause = min(max(pause * 2, 0.5), _LONGEST_PAUSE)
    finally:
        if client is None:
            await own.aclose()


async def pull(
    url: str,
    *,
    after: int = 0,
    limit: int = 1000,
    token: str | None = None,
    thin: bool = False,
    client: httpx2.AsyncClient | None = None,
    **wanted: Unpack[Filter],
) -> AsyncGenerator[Event, None]:
    """What the log holds after a position, to its present end, page by page. Raises Refused or httpx2.HTTPError."""
    reading = _reading(url, token, wanted, thin=thin)
    own = client or httpx2.AsyncClient(timeout=30.0)
    try:
        while True:
            params = {**reading.params, "after": after, "limit": limit, "wait": 0, "format": "ndjson"}
            answer = await own.get(reading.url, params=params, headers=reading.headers)
            if answer.status_code != 200:
                raise Refused(answer.status_code, answer.text[:500])
            for line in answer.text.split("\n"):
                if line:
                    yield Event.of(line)
            reached, end = int(answer.headers["newsroom-next"]), int(answer.headers["newsroom-head"])
            if reached <= after or reached >= end:
                return
            after = reached
    finally:
        if client is None:
            await own.aclose()


def _wait(parser: Parser, pause: float) -> float:
    """Seconds before the next try: few after a stream that worked, else what the server asked for, growing."""
    told = parser.retry / 1000 if parser.retry is not None else 1.0
    return min(max(told, pause) if pause else min(told, 0.2), _LONGEST_PAUSE)


async def _listen(
    client: httpx2.AsyncClient, reading: _Reading, position: int | None, parser: Parser
) -> AsyncIterator[Message]:
    headers = {**reading.headers, "accept": "text/event-stream"}
    if position is not None:
        headers["last-event-id"] = str(position)
    async with client.stream("GET", reading.url, params=reading.params, headers=headers) as answer:
        if 400 <= answer.status_code < 500 and answer.status_code not in {408, 425, 429}:
            await answer.aread()
            raise Refused(answer.status_code, answer.text[:500])
        if answer.status_code != 200:
            retry_after = answer.headers.get("retry-after", "")
            parser.retry = int(retry_after) * 1000 if retry_after.isdigit() else None
            return
        async for chunk in answer.aiter_raw():
            for message in parser.feed(chunk):
                yield message


def _reading(url: str, token: str | None, wanted: Filter, *, thin: bool) -> _Reading:
    params: dict[str, Any] = {name: value for name, value in wanted.items() if value}
    filtered = bool(params)
    if thin:
        params["payload"] = "thin"
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return _Reading(f"{url.rstrip('/')}/v1/events", params, headers, filtered)
