"""What ingest's tests build: a little web on loopback, pages, feeds, and the service that reads them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

import asyncpg
import httpx2
import orjson
from pydantic import SecretStr

from services.ingest.app import build
from services.ingest.domain.items import Hints
from services.ingest.settings import Settings
from shared.runtime.outbound import OutboundSettings
from tests.builders import serving

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOKEN = "a-token-for-tests"

PARAGRAPHS = [
    "The harbour board voted on Tuesday to widen the eastern channel, a plan that fishermen had fought for two years.",
    "Dredgers will start in April and work at night, so that the morning ferries keep their timetable, the board said.",
    "Opponents pointed to the seagrass meadows off the breakwater, where juvenile bream spend their first summer.",
    "A study paid for by the port found that the meadows would recover within five years, a figure biologists doubt.",
    "The vote was seven to four, and the mayor, who had kept silent for months, said she would sign the permits.",
]


def hints(**given: Any) -> Hints:
    """Hints as of a fixed day."""
    return Hints(**{"now": NOW, **given})


def a_page(headline: str = "Harbour board widens the channel", **given: Any) -> bytes:
    """An article page. `head` goes into its head, `lead` stands before its text, `tail` after it."""
    text = "".join(f"<p>{escape(p)}</p>" for p in given.get("paragraphs", PARAGRAPHS))
    return (
        f'<!DOCTYPE html><html lang="{given.get("lang", "en")}"><head><meta charset="utf-8">'
        f"<title>{escape(headline)}</title>"
        f"{given.get('head', '')}</head><body><nav><a href='/'>Home</a></nav><main><article><h1>{escape(headline)}</h1>"
        f"{given.get('lead', '')}{text}{given.get('tail', '')}</article></main><footer>About us</footer></body></html>"
    ).encode()


def a_feed(*entries: str, head: str = "<title>The Lagoon Post</title><link>https://lagoon.example/</link>") -> bytes:
    """An RSS 2.0 feed of ready-made items."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
        f'xmlns:atom="http://www.w3.org/2005/Atom"><channel>{head}{"".join(entries)}</channel></rss>'
    ).encode()


def an_entry(guid: str = "g-1", **given: Any) -> str:
    """An RSS item; `text` is its full text, `more` further elements."""
    parts = [
        f"<title>{escape(given.get('title', 'Harbour board widens the channel'))}</title>",
        f'<guid isPermaLink="false">{escape(guid)}</guid>',
        f"<pubDate>{given.get('date', 'Tue, 24 Feb 2026 10:00:00 +0700')}</pubDate>",
        f"<description>{escape(given.get('summary', 'The board voted seven to four.'))}</description>",
    ]
    if given.get("link"):
        parts.append(f"<link>{escape(given['link'])}</link>")
    if given.get("text"):
        parts.append(f"<content:encoded><![CDATA[{given['text']}]]></content:encoded>")
    return f"<item>{''.join(parts)}{given.get('more', '')}</item>"


def long_text(seed: str = "") -> str:
    """HTML of a story long enough to be the whole of it."""
    return "".join(f"<p>{p}</p>" for p in [*PARAGRAPHS, f"{seed} {PARAGRAPHS[0]}", *PARAGRAPHS[1:3]])


@dataclass(frozen=True)
class Asked:
    """One request the little web got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = tuple[int, dict[str, str], bytes]
Route = Reply | Callable[[Asked], Reply | Awaitable[Reply]]


@dataclass
class Web:
    """A web server on loopback: routes by path, and what was asked of it."""

    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    busiest: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(
        self, path: str, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str
    ) -> str:
        """Answer a path with a document; its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.routes[path] = (status, {"content-type": kind, **named}, body)
        return self.url + path

    def hits(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked.path == path for asked in self.asked)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.busiest = max(self.busiest, self.connections)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, target, headers, body)
        self.asked.append(asked)
        route = self.routes.get(target.partition("?")[0], (404, {}, b"nothing here"))
        found: Any = route if isinstance(route, tuple) else route(asked)
        status, extra, content = found if isinstance(found, tuple) else await found
        kept = {"content-length": str(len(content)), "connection": "close", **extra}
        writer.write(
            f"HTTP/1.1 {status} X\r\n".encode() + "".join(f"{k}: {v}\r\n" for k, v in kept.items()).encode() + b"\r\n"
        )
        writer.write(content)
        await writer.drain()


@asynccontextmanager
async def a_web() -> AsyncIterator[Web]:
    """A little web that listens."""
    web = Web()
    server = await asyncio.start_server(web.answer, "127.0.0.1", 0)
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class House:
    """A running ingest, its client, and its database for looking inside."""

    client: httpx2.AsyncClient
    database_url: str

    async def told(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The facts told so far, in order, as their data."""
        rows = await self.rows("""
            SELECT type, event FROM outbox LEFT JOIN positions USING (event_id)
            LEFT JOIN waiting ON event_id = ANY(events)
            ORDER BY created_at, position, array_position(events, event_id)
        """)
        return [
            orjson.loads(r["event"])["data"] for r in rows if kind is None or r["type"] == f"newsroom.article.{kind}.v1"
        ]

    async def rows(self, statement: str) -> list[Any]:
        """What a query finds in ingest's database."""
        link = await asyncpg.connect(self.database_url.replace("+asyncpg", ""))
        try:
            found: list[Any] = await link.fetch(statement)
            return found
        finally:
            await link.close()

    async def change(self, statement: str) -> None:
        """Change ingest's database behind its back."""
        await self.rows(statement)

    async def push(self, **item: Any) -> httpx2.Response:
        """Push an item as our own JSON."""
        return await self.client.post("/v1/items", json=item)

    async def add(self, **source: Any) -> dict[str, Any]:
        """Add a source."""
        answer = await self.client.post("/v1/sources", json=source)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def fetch(self, source: dict[str, Any]) -> dict[str, Any]:
        """Look at a source now."""
        answer = await self.client.post(f"/v1/sources/{source['id']}/fetch")
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def source(self, source: dict[str, Any]) -> dict[str, Any]:
        """A source as it is now."""
        found: dict[str, Any] = (await self.client.get(f"/v1/sources/{source['id']}")).json()
        return found


@asynccontextmanager
async def a_house(database_url: str, redis_url: str, *allowed: str, **given: Any) -> AsyncIterator[House]:
    """Ingest, running, allowed to reach the given `host:port`s on loopback.

    No source is slow because the machine is: what waits and reads here does so for longer than a service would.
    """
    given = {"slow_answer_seconds": 600.0, "quick_seconds": 60.0, "read_seconds": 60.0, **given}
    outbound = OutboundSettings(allow=allowed, **given.pop("outbound", {}))
    settings = Settings(
        database_url=database_url,
        redis_url=redis_url,
        token=SecretStr(TOKEN),
        log_level="ERROR",
        outbound=outbound,
        **given,
    )
    async with serving(build(settings), headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        yield House(client, database_url)
