"""The web of the crowd benchmark: good feeds with a new story at every look, and ten kinds of hostile ones.

Every source has an address of its own in 127.0.0.0/8, as every site has its own host.
"""

import asyncio
import gzip
import itertools
import random
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

_SYLLABLES = ("har", "bour", "bo", "chan", "nel", "fer", "ry", "lag", "ne", "ri", "st", "ld")
_WORDS = [one + other for one in _SYLLABLES for other in _SYLLABLES]
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>T</title><language>en</language>'
_END = b"</channel></rss>"
_MANY = "".join(
    f"<item><title>Story {n}</title><guid>{n}</guid><description>x</description></item>" for n in range(100_000)
)
_HOSTILE: list[tuple[dict[str, str], bytes]] = [
    ({}, b""),  # dripped, one byte a second
    ({}, b""),  # without an end
    ({"content-encoding": "gzip"}, gzip.compress(b" " * 50_000_000)),
    ({"content-encoding": "gzip"}, gzip.compress(gzip.compress(gzip.compress(b"0" * 1_000_000)))),
    ({}, _HEAD + _MANY.encode() + _END),
    ({}, b'<!DOCTYPE r [<!ENTITY a "' + b"A" * 100_000 + b'">]><rss><channel>' + b"&a;" * 500 + _END),
    ({}, _HEAD + b"<a>" * 300_000 + b"</a>" * 300_000 + _END),
    (
        {},
        _HEAD
        + f"<item><title>T</title><description><![CDATA[{'<p>word</p>' * 300_000}]]></description></item>".encode()
        + _END,
    ),
    ({}, "<rss><channel><item><title>\ufffd".encode("utf-16") + b"\xff\xfe\x00" * 500_000),
    ({}, zlib.compress(b"0" * 5_000_000)),
]
_looks: defaultdict[int, Iterator[int]] = defaultdict(itertools.count)


def good(source: int, look: int) -> bytes:
    """A feed of thirty full-text stories, one of them new at each look."""
    return _HEAD + b"".join(_story(source, number) for number in range(look, look + 30)) + _END


@lru_cache(maxsize=10_000)
def _story(source: int, number: int) -> bytes:
    text = " ".join(random.Random(number * 1000 + source).choices(_WORDS, k=200))
    return (
        f"<item><title>Story {number} of {source}</title><guid>{source}-{number}</guid>"
        f"<pubDate>Tue, 24 Feb 2026 10:00:00 +0700</pubDate><description>{text}</description></item>"
    ).encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request: `/good/7`, `/bad/3`; everything else is not there."""
    try:
        _, kind, *rest = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].split(b"/")
        if kind == b"good":
            await _send(writer, {}, good(int(rest[0]), next(_looks[int(rest[0])])))
        elif kind == b"bad":
            await _bad(writer, int(rest[0]) % len(_HOSTILE))
        else:
            writer.write(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _bad(writer: asyncio.StreamWriter, kind: int) -> None:
    headers, body = _HOSTILE[kind]
    if kind > 1:
        await _send(writer, headers, body)
        return
    writer.write(b"HTTP/1.1 200 X\r\ncontent-type: application/rss+xml\r\n\r\n" + _HEAD)
    for _ in range(120):
        writer.write(b" " if kind == 0 else b" " * 200_000)
        await writer.drain()
        await asyncio.sleep(1 if kind == 0 else 0)


async def _send(writer: asyncio.StreamWriter, headers: dict[str, str], body: bytes) -> None:
    named = {"content-type": "application/rss+xml", "content-length": str(len(body)), "connection": "close"} | headers
    writer.write(b"HTTP/1.1 200 X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in named.items()).encode() + b"\r\n" + body)
    await writer.drain()


async def _serve(port: int) -> None:
    server = await asyncio.start_server(answer, "0.0.0.0", port)  # noqa: S104 - all of 127.0.0.0/8 is meant
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
