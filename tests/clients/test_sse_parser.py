"""The client reads server-sent events as the HTML standard has them, however the bytes are cut."""

import pytest
from newsroom_client.sse import Message, Parser


def read(stream: bytes, size: int | None = None) -> tuple[list[Message], Parser]:
    parser, found = Parser(), list[Message]()
    step = size or max(1, len(stream))
    for start in range(0, len(stream), step):
        found += parser.feed(stream[start : start + step])
    return found, parser


CASES: list[tuple[str, bytes, list[tuple[str, str, str]]]] = [
    ("one event", b"id: 1\ndata: a\n\n", [("a", "message", "1")]),
    ("two events", b"data: a\n\ndata: b\n\n", [("a", "message", ""), ("b", "message", "")]),
    ("CRLF", b"id: 1\r\ndata: a\r\n\r\n", [("a", "message", "1")]),
    ("CR alone", b"id: 1\rdata: a\r\r", [("a", "message", "1")]),
    ("mixed ends", b"data: a\r\ndata: b\rdata: c\n\n", [("a\nb\nc", "message", "")]),
    ("a byte order mark", b"\xef\xbb\xbfdata: a\n\n", [("a", "message", "")]),
    ("a comment", b": hello\ndata: a\n\n", [("a", "message", "")]),
    ("a comment alone", b": beat\n\n", []),
    ("data of many lines", b"data: a\ndata: b\n\n", [("a\nb", "message", "")]),
    ("an empty data line", b"data\n\n", [("", "message", "")]),
    ("two empty data lines", b"data\ndata\n\n", [("\n", "message", "")]),
    ("no space after the colon", b"data:a\n\n", [("a", "message", "")]),
    ("two spaces after the colon", b"data:  a\n\n", [(" a", "message", "")]),
    ("a colon in the value", b"data: a: b\n\n", [("a: b", "message", "")]),
    ("an event name", b"event: x\ndata: a\n\n", [("a", "x", "")]),
    ("the name is forgotten", b"event: x\ndata: a\n\ndata: b\n\n", [("a", "x", ""), ("b", "message", "")]),
    ("a name without data", b"event: x\n\ndata: b\n\n", [("b", "message", "")]),
    ("the id stays", b"id: 1\ndata: a\n\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "1")]),
    ("an empty id clears", b"id: 1\ndata: a\n\nid\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "")]),
    (
        "an id with NUL is ignored",
        b"id: 1\ndata: a\n\nid: 2\x00\ndata: b\n\n",
        [("a", "message", "1"), ("b", "message", "1")],
    ),
    ("an unknown field", b"mood: calm\ndata: a\n\n", [("a", "message", "")]),
    ("field names are exact", b"Data: a\n\n", []),
    ("an unfinished event is dropped", b"data: a\n", []),
    ("blank lines before", b"\n\n\ndata: a\n\n", [("a", "message", "")]),
    ("UTF-8", "data: đường sắt\n\n".encode(), [("đường sắt", "message", "")]),
    ("broken UTF-8", b"data: a\xff\n\n", [("a\ufffd", "message", "")]),
    ("U+2028 ends no line", "data: a\u2028b\n\n".encode(), [("a\u2028b", "message", "")]),
    ("an id with data nowhere", b"id: 7\n\n", []),
]


@pytest.mark.parametrize("size", [None, 1, 2, 3, 7])
@pytest.mark.parametrize(("stream", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_standard(stream: bytes, expected: list[tuple[str, str, str]], size: int | None) -> None:
    found, _ = read(stream, size)
    assert [(m.data, m.event, m.id) for m in found] == expected


def test_an_id_without_data_still_moves_the_position() -> None:
    assert read(b": beat\nid: 41\n\n")[1].last_id == "41"


@pytest.mark.parametrize("cut", range(1, len(b"id: 8\ndata: b\n\n")))
def test_a_stream_that_is_cut_in_an_event_has_not_told_its_id(cut: int) -> None:
    found, parser = read(b"id: 7\ndata: a\n\n" + b"id: 8\ndata: b\n\n"[:cut])
    assert [message.id for message in found] == ["7"]
    assert parser.last_id == "7"


@pytest.mark.parametrize(
    ("line", "retry"), [(b"retry: 5000", 5000), (b"retry: 5s", None), (b"retry: -1", None), (b"retry", None)]
)
def test_retry_is_digits_or_nothing(line: bytes, retry: int | None) -> None:
    assert read(line + b"\n\n")[1].retry == retry
