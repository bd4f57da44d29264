"""The client follows the log through whatever a network does: nothing missed, nothing twice, all in turn."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from newsroom_client import FileCursor, Gap, MemoryCursor, Refused, events, pull

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def an_event(position: int) -> bytes:
    """One event as the stream has it."""
    names = {"id": f"e{position}", "type": "t", "subject": "s", "time": "2024-11-06T09:05:00Z", "data": {"n": position}}
    return b"id: %d\ndata: %b\n\n" % (position, json.dumps({"position": position, **names}).encode())


@dataclass
class Server:
    """Answers each request with the next of its answers (raw bytes), then closes the connection; notes the requests."""

    answers: list[bytes]
    address: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        self.asked.append((first.split(" ")[1], headers))
        writer.write(self.answers.pop(0) if self.answers else b"HTTP/1.1 404 Gone\r\ncontent-length: 4\r\n\r\nover")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[Server]:
    server = Server(list(answers))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


def stream(*parts: bytes) -> bytes:
    """A stream that ends after these parts without its end mark: a connection that was lost."""
    return HEAD + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


async def taken(address: str, **more: Any) -> list[int]:
    """The positions that come until the server says that all is over."""
    found = list[int]()

    async def all_of_it() -> None:
        async for event in events(address, **more):
            found.append(event.position)

    with pytest.raises(Refused, match="over"):
        await all_of_it()
    return found


async def test_a_lost_connection_goes_on_after_the_last_event() -> None:
    async with serving(stream(an_event(1), an_event(2)), stream(an_event(3))) as server:
        assert await taken(server.address, after=0) == [1, 2, 3]
        assert [headers["last-event-id"] for _, headers in server.asked] == ["0", "2", "3"]


@pytest.mark.parametrize("cut", [1, 5, 6, 20, len(an_event(2)) - 2, len(an_event(2)) - 1])
async def test_an_event_that_was_cut_in_the_middle_comes_again_whole(cut: int) -> None:
    async with serving(stream(an_event(1), an_event(2)[:cut]), stream(an_event(2), an_event(3))) as server:
        assert await taken(server.address, after=0) == [1, 2, 3]
        assert [headers["last-event-id"] for _, headers in server.asked] == ["0", "1", "3"]


async def test_what_comes_again_is_dropped() -> None:
    async with serving(stream(an_event(1), an_event(2)), stream(an_event(1), an_event(2), an_event(3))) as server:
        assert await taken(server.address, after=0) == [1, 2, 3]


async def test_a_gap_is_said_and_not_passed_over() -> None:
    async with serving(stream(an_event(1), an_event(3))) as server:
        with pytest.raises(Gap, match="after 1 came 3"):
            async for _ in events(server.address, after=0):
                pass


async def test_a_filtered_stream_may_skip_and_its_beats_move_on() -> None:
    async with serving(stream(an_event(2), b": beat\nid: 9\n\n"), stream(an_event(12))) as server:
        assert await taken(server.address, after=0, section=["news"], urgency=3) == [2, 12]
        assert server.asked[0][0] == "/v1/events?section=news&urgency=3"
        assert server.asked[1][1]["last-event-id"] == "9"


async def test_without_a_position_it_begins_now() -> None:
    async with serving(stream(an_event(41)), stream(an_event(42))) as server:
        assert await taken(server.address) == [41, 42]
        assert "last-event-id" not in server.asked[0][1]
        assert server.asked[1][1]["last-event-id"] == "41"


async def test_the_cursor_is_kept_when_the_next_event_is_asked_for(tmp_path: Any) -> None:
    async with serving(stream(an_event(1), an_event(2)), stream(an_event(2))) as server:
        cursor = FileCursor(tmp_path / "cursor")
        reading = events(server.address, after=0, cursor=cursor)
        await anext(reading)
        assert cursor.load() is None  # not finished with it: a crash now shows it again
        await anext(reading)
        assert cursor.load() == 1
        await reading.aclose()
        assert await taken(server.address, cursor=cursor) == [2]


async def test_a_busy_server_is_asked_again() -> None:
    busy = b"HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n"
    async with serving(busy, stream(an_event(1))) as server:
        assert await taken(server.address, after=0) == [1]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422])
async def test_a_refusal_ends_the_reading_with_its_reason(status: int) -> None:
    async with serving(b"HTTP/1.1 %d No\r\ncontent-length: 3\r\n\r\nwhy" % status) as server:
        with pytest.raises(Refused, match=f"{status}: why") as refused:
            await anext(events(server.address, token="t"))
        assert refused.value.status == status
        assert server.asked[0][1]["authorization"] == "bearer t"


async def test_a_broken_cursor_never_starts_a_reading(tmp_path: Any) -> None:
    (tmp_path / "cursor").write_text("soon")
    with pytest.raises(ValueError, match="holds no position"):
        await anext(events("http://127.0.0.1:9", cursor=FileCursor(tmp_path / "cursor")))


async def test_a_pull_reads_page_by_page_to_the_end() -> None:
    def page(*positions: int, end: int) -> bytes:
        lines = b"".join(an_event(p).split(b"data: ")[1].strip() + b"\n" for p in positions)
        return b"HTTP/1.1 200 OK\r\nnewsroom-next: %d\r\nnewsroom-head: %d\r\ncontent-length: %d\r\n\r\n%b" % (
            positions[-1],
            end,
            len(lines),
            lines,
        )

    async with serving(page(1, 2, end=3), page(3, end=3)) as server:
        assert [event.position async for event in pull(server.address)] == [1, 2, 3]
        assert ["after=0" in server.asked[0][0], "after=2" in server.asked[1][0]] == [True, True]


def test_a_cursor_in_memory_keeps_its_position() -> None:
    cursor = MemoryCursor(3)
    cursor.save(4)
    assert cursor.load() == 4
