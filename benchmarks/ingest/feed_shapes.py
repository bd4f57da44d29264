"""Clean feeds as outlets write them, by shape: what stands in an entry decides what reading it costs."""

import random
from html import escape

_SENTENCES = [
    "The harbour board voted to widen the channel, which fishermen had fought for two years.",
    "Dredgers will start in April and work at night, so that the ferries keep their timetable.",
    "A study paid for by the port found that the meadows would recover within five years.",
    "The mayor, who had kept silent for months, said that she would sign the permits.",
    "Opponents pointed to the seagrass off the breakwater, where young bream spend a summer.",
    "The vote was seven to four, and the minutes are to be published at the end of the week.",
]
_RSS = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>'
    "<link>https://lagoon.example/</link><language>en</language>"
)
_ATOM = (
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>T</title>'
    '<link href="https://lagoon.example/"/><id>urn:lagoon</id><updated>2026-02-24T10:00:00Z</updated>'
)


def shapes() -> dict[str, bytes]:
    """Seven feeds: four of plain text, three whose entries hold markup."""
    return {
        "20 summaries": _rss([_plain(n, 2) for n in range(20)]),
        "50 summaries": _rss([_plain(n, 3) for n in range(50)]),
        "100 summaries": _rss([_plain(n, 3) for n in range(100)]),
        "30 long texts": _rss([_plain(n, 14) for n in range(30)]),
        "50 with picture": _rss([_with_picture(n) for n in range(50)]),
        "20 full, markup": _rss([_full(n) for n in range(20)]),
        "30 in Atom": f"{_ATOM}{''.join(_in_atom(n) for n in range(30))}</feed>".encode(),
    }


def _rss(items: list[str]) -> bytes:
    return f"{_RSS}{''.join(items)}</channel></rss>".encode()


def _text(number: int, sentences: int) -> str:
    return " ".join(random.Random(number).choices(_SENTENCES, k=sentences))


def _item(number: int, inside: str) -> str:
    return (
        f"<item><title>Story {number}: {_text(number, 1)[:60]}</title><link>https://lagoon.example/{number}.html</link>"
        f'<guid isPermaLink="false">{number}</guid><pubDate>Tue, 24 Feb 2026 10:{number % 60:02}:00 +0700</pubDate>'
        f"<dc:creator>Jane Doe</dc:creator><category>Harbour</category>{inside}</item>"
    )


def _plain(number: int, sentences: int) -> str:
    return _item(number, f"<description>{_text(number, sentences)}</description>")


def _with_picture(number: int) -> str:
    link, file = f"https://lagoon.example/{number}.html", f"https://cdn.lagoon.example/{number}.jpg"
    return _item(
        number,
        f'<description><![CDATA[<a href="{link}"><img src="{file}"></a></br>{_text(number, 2)}]]></description>'
        f'<enclosure type="image/jpeg" length="1200" url="{file}"/>',
    )


def _full(number: int) -> str:
    said = "".join(
        f'<p>{_text(number + part, 2)} <em>Lagoon</em> <a href="https://lagoon.example/x">More</a></p>'
        for part in range(8)
    )
    figure = (
        f'<figure><img src="https://cdn.lagoon.example/{number}.jpg" alt="Boats"/>'
        "<figcaption>Boats. Photo: Jane Doe</figcaption></figure>"
    )
    return _item(
        number,
        f"<description><![CDATA[<p>{_text(number, 1)}</p>]]></description>"
        f"<content:encoded><![CDATA[{figure}{said}]]></content:encoded>",
    )


def _in_atom(number: int) -> str:
    at = f"2026-02-24T10:{number:02}:00+07:00"
    return (
        f'<entry><title>Story {number}</title><link href="https://lagoon.example/{number}"/><id>urn:{number}</id>'
        f"<updated>{at}</updated><published>{at}</published><author><name>Jane Doe</name></author>"
        f'<category term="Harbour"/><summary type="html">{escape(f"<p>{_text(number, 3)}</p>")}</summary></entry>'
    )
