"""Hostile and broken documents, made here: bombs, lies about charsets, broken XML, depth, size, endless attributes."""

import gzip
import random
import zlib
from collections.abc import Iterator

_ITEM = "<item><title>Story {n}</title><guid>{n}</guid><description>Some words about {n}.</description></item>"


def _rss(inner: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f'{head}<rss version="2.0"><channel><title>T</title>{inner}</channel></rss>'


def documents(seed: int = 11) -> list[tuple[str, bytes]]:
    """At least 300 documents with the name of what is wrong with each."""
    return list(_fixed()) + list(_mutated(random.Random(seed)))


def _fixed() -> Iterator[tuple[str, bytes]]:
    yield from _entities()
    yield from _deep_and_long()
    yield from _charsets()
    yield from _pages()


def _entities() -> Iterator[tuple[str, bytes]]:
    laughs = "".join(
        f'<!ENTITY l{i} "{"&l" + str(i - 1) + ";" if i else "ha"}{("&l" + str(i - 1) + ";") * 9 if i else ""}">'
        for i in range(10)
    )
    yield "billion laughs", f'<?xml version="1.0"?><!DOCTYPE r [{laughs}]>{_rss(_ITEM.format(n="&l9;"), "")}'.encode()
    blow = "A" * 100_000
    yield "quadratic blowup", f'<!DOCTYPE r [<!ENTITY a "{blow}">]><rss><channel>{"&a;" * 500}</channel></rss>'.encode()
    for target in ("file:///etc/passwd", "http://169.254.169.254/", "expect://id", "php://filter"):
        yield (
            "external entity",
            f'<!DOCTYPE r [<!ENTITY x SYSTEM "{target}">]><rss><channel><title>&x;</title></channel></rss>'.encode(),
        )
    yield "parameter entity", b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><rss><channel/></rss>'
    yield "utf-16 entities", '<!DOCTYPE r [<!ENTITY x "y">]><rss><channel>&x;</channel></rss>'.encode("utf-16")
    yield (
        "xinclude",
        b'<rss xmlns:xi="http://www.w3.org/2001/XInclude"><channel><xi:include href="file:///etc/passwd"/></channel></rss>',
    )


def _deep_and_long() -> Iterator[tuple[str, bytes]]:
    for depth in (300, 5_000, 100_000):
        yield "deep xml", _rss("<a>" * depth + "</a>" * depth).encode()
        yield "deep html", (b"<div>" * depth) + b"text" + (b"</div>" * depth)
        yield "deep json", b'{"items":' + b"[" * depth + b"]" * depth + b"}"
        yield "unclosed html", b"<html><body>" + b"<b><i><p>" * depth
    for count in (2_001, 100_000):
        yield "many entries", _rss("".join(_ITEM.format(n=n) for n in range(count))).encode()
    yield (
        "many attributes",
        ("<rss><channel><item " + " ".join(f'a{i}="x"' for i in range(100_000)) + "/></channel></rss>").encode(),
    )
    yield "one huge attribute", f'<rss><channel><item a="{"x" * 5_000_000}"/></channel></rss>'.encode()
    yield "one huge text", _rss(f"<item><title>{'x' * 5_000_000}</title></item>").encode()
    yield (
        "huge cdata",
        _rss(f"<item><title>T</title><description><![CDATA[{'<p>word</p>' * 300_000}]]></description></item>").encode(),
    )
    yield (
        "many namespaces",
        ("<rss " + " ".join(f'xmlns:n{i}="u{i}"' for i in range(20_000)) + "><channel/></rss>").encode(),
    )
    yield "comment without end", b"<rss><channel><!--" + b"x" * 2_000_000
    yield "cdata without end", b"<rss><channel><item><title><![CDATA[" + b"y" * 2_000_000
    yield "processing instructions", b"<?x?>" * 200_000 + b"<rss/>"
    yield "hostile title pattern", _rss(f"<item><title>{'<' * 60_000}</title></item>").encode()
    yield (
        "hostile credit pattern",
        _rss(f"<item><title>a</title><description>{'(Photo: ' * 20_000}</description></item>").encode(),
    )
    yield (
        "hostile blanks",
        _rss(f"<item><title>{' ' * 400_000}x</title><pubDate>{'1/' * 50_000}</pubDate></item>").encode(),
    )
    yield "hostile date", _rss(f"<item><title>a</title><pubDate>{'9' * 100_000}</pubDate></item>").encode()
    yield "gzip that nobody asked for", gzip.compress(_rss("").encode())
    yield "nested gzip", gzip.compress(gzip.compress(gzip.compress(b"0" * 1_000_000)))
    yield "raw deflate", zlib.compress(b"0" * 5_000_000)
    yield "nul", b"\x00" * 1_000_000
    yield "all bytes", bytes(range(256)) * 4_000


def _charsets() -> Iterator[tuple[str, bytes]]:
    text = _rss(_ITEM.format(n="Cảng – “mở” ünïcode 漢字"), '<?xml version="1.0" encoding="{}"?>')
    for said in (
        "utf-8",
        "iso-8859-1",
        "us-ascii",
        "utf-16",
        "utf-32",
        "utf-7",
        "klingon",
        "rot13",
        "zip",
        "idna",
        "unicode_escape",
        "\x00",
    ):
        for real in ("utf-8", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "shift_jis", "koi8-r", "utf-7"):
            yield f"{real} called {said!r}", text.replace("{}", said).encode(real, "replace")
    yield "lone surrogates", _rss("<item><title>\ud800x\udfff</title></item>").encode("utf-8", "surrogatepass")
    yield "bidi and nul", _rss("<item><title>a\u202eb\u0000c\u2066d</title></item>").encode()
    yield "overlong utf-8", b"<rss><channel><item><title>\xc0\xaf\xf8\x88\x80\x80\x80</title></item></channel></rss>"
    yield (
        "character references",
        _rss("<item><title>" + "&#x1F600;&#0;&#xD800;&#x110000;" * 2_000 + "</title></item>").encode(),
    )


def _pages() -> Iterator[tuple[str, bytes]]:
    text = "<p>" + "Words that make a paragraph long enough to be taken for a story. " * 4 + "</p>"
    yield (
        "json-ld bomb",
        f'<html><head><script type="application/ld+json">{"[" * 200_000}</script></head><body>{text * 5}'.encode(),
    )
    yield (
        "many scripts",
        (f"<html><body>{'<script type=application/ld+json>{{}}</script>' * 20_000}{text * 5}").encode(),
    )
    yield (
        "many images",
        (
            "<html><body><article><h1>H</h1>"
            + "<figure><img src=/a.jpg><figcaption>c</figcaption></figure>" * 5_000
            + text
        ).encode(),
    )
    yield "many paragraphs", f"<html><body><article><h1>H</h1>{text * 20_000}</article>".encode()
    yield "many spans", f"<html><body><article><h1>H</h1>{text * 5}{'<span class=author>x</span>' * 100_000}".encode()
    yield "table of tables", (b"<table><tr><td>" * 3_000) + text.encode() * 5
    yield (
        "endless srcset",
        f"<html><body><article><h1>H</h1><img srcset='{'/a.jpg 1w, ' * 100_000}'>{text * 5}".encode(),
    )
    yield "meta flood", f"<html><head>{'<meta name=date content=1/1/1>' * 50_000}</head><body>{text * 5}".encode()


def _mutated(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """A good feed and a good page, broken at random places."""
    feed = _rss("".join(_ITEM.format(n=n) for n in range(20))).encode()
    page = (
        "<html><head><title>T</title></head><body><article><h1>T</h1>"
        + "<p>A sentence of some length in a story.</p>" * 20
    ).encode()
    for number in range(200):
        broken = bytearray(feed if number % 2 else page)
        for _ in range(chance.randint(1, 40)):
            at = chance.randrange(len(broken))
            act = chance.randrange(4)
            if act == 0:
                broken[at] = chance.randrange(256)
            elif act == 1:
                del broken[at : at + chance.randint(1, 200)]
            elif act == 2:
                broken[at:at] = chance.choice(
                    [b"<", b"&", b"]]>", b"<!--", b"\xff\xfe", b"<![CDATA[", b"</rss>", b"\x00"]
                )
            else:
                broken[at:at] = broken[: chance.randint(1, 300)]
            if not broken:
                broken = bytearray(b"<")
        yield "mutated", bytes(broken)
