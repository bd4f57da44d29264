"""Scorers outside: asked between transactions, never believed before calibrated, and their silence shows nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.moderation.rules.scorers import Scorers
from services.moderation.schedule import decide_what_is_due
from services.moderation.settings import ScorerSettings
from services.moderation.storage import comments
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.receiving import receive
from shared.runtime import Database, utc_now
from tests.builders import a_comment
from tests.moderation.builders import settings


@asynccontextmanager
async def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[dict[str, Any]], Any]) -> AsyncIterator[str]:
    """An HTTP server of our own on loopback that answers each JSON body with another; `None` hangs."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        told = answer(json.loads(await reader.readexactly(length)))
        if told is not None:
            body = json.dumps(told).encode()
            kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            writer.write(kind + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("NEWSROOM_OUTBOUND_ALLOW", f"127.0.0.1:{port}")
    try:
        yield f"http://127.0.0.1:{port}/score"
    finally:
        server.close()


async def decided(database: Database, scorers: Scorers) -> tuple[str, list[dict[str, Any]]]:
    """Receive one comment, let the clock do its work; how the comment stands then, and its inputs' outside scores."""
    url = database.url.render_as_string(hide_password=False)
    comment, court = a_comment(), Court(scorers)
    async with database.transaction() as tx:
        assert await receive(tx.session, [comment], court, utc_now()) == []
    async with database.reading() as session:
        before = await comments.get(session, comment.comment_id)
        assert before is not None
        assert before.state == "pending"
    await decide_what_is_due(database, court, settings(url))
    async with database.reading() as session:
        from services.moderation.storage import decisions

        after = await comments.get(session, comment.comment_id)
        assert after is not None
        [decision] = await decisions.of_comment(session, comment.comment_id)
    return after.state, [score for score in decision.inputs["scores"] if score["scorer"] != "learner"]


async def test_a_scorer_is_asked_and_recorded_and_does_not_decide_uncalibrated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def openai(body: dict[str, Any]) -> Any:
        return {"model": body["model"], "results": [{"category_scores": {"hate": 0.93}}]}

    async with answering(monkeypatch, openai) as url:
        asked = ScorerSettings(name="remote", kind="openai", url=url, model="m1", live=True)
        async with Scorers([asked]) as scorers:
            state, [score] = await decided(database, scorers)
    assert (state, score["model"], score["scores"]) == ("approve", "remote:m1", {"hate": 0.93})


@pytest.mark.parametrize(
    ("answer", "on_failure", "state"),
    [
        (None, "hold", "hold"),
        ({"odd": 1}, "hold", "hold"),
        ({"scores": {"a": 7}}, "hold", "hold"),
        (None, "ignore", "approve"),
    ],
)
async def test_a_silent_or_senseless_scorer_holds_unless_it_may_be_missed(
    database: Database, monkeypatch: pytest.MonkeyPatch, answer: Any, on_failure: Any, state: str
) -> None:
    async with answering(monkeypatch, lambda _: answer) as url:
        asked = ScorerSettings(name="remote", url=url, seconds=0.3, on_failure=on_failure, live=True)
        async with Scorers([asked]) as scorers:
            stands, [score] = await decided(database, scorers)
    assert (stands, score["scores"]) == (state, None)
    assert score["failure"]
