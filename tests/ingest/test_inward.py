"""No address that anyone hands in makes ingest reach inside: canaries on loopback see no connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from xml.sax.saxutils import quoteattr

import orjson
import pytest

from services.ingest.use_cases.subscribing import renew
from shared.runtime import Database
from shared.runtime.outbound import OutboundError, OutboundRefused, OutboundSettings, SafeClient, why_closed
from shared.runtime.outbound.addresses import Address, AllowList
from shared.runtime.outbound.gate import resolve_by_system
from tests.ingest.builders import Asked, House, Web, a_feed, an_entry, long_text
from tests.ingest.inward import CONTROLS, NAMES, address, variants
from tests.ingest.test_formats import NINJS


class Canary:
    """Counts connections on IPv4 and IPv6 loopback."""

    def __init__(self) -> None:
        self.seen = 0
        self.port = 0

    async def hear(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen += 1
        writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    made = Canary()
    server = await asyncio.start_server(made.hear, "0.0.0.0", 0)  # noqa: S104 - a canary listens wherever one might knock
    made.port = server.sockets[0].getsockname()[1]
    second = None
    if socket.has_ipv6:
        try:
            second = await asyncio.start_server(made.hear, "::1", made.port)
        except OSError:
            second = None
    try:
        yield made
    finally:
        for listening in (server, second):
            if listening is not None:
                listening.close()
                await listening.wait_closed()


async def resolve(host: str, port: int) -> list[Address]:
    if host in NAMES:
        return [address(text) for text in NAMES[host]]
    return await resolve_by_system(host, port)


def test_there_are_enough_variants() -> None:
    assert len(set(variants(8080))) >= 130
    assert len(CONTROLS) >= 12


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_client_reaches_none_of_them(canary: Canary, method: str) -> None:
    async with SafeClient(OutboundSettings(seconds=3), resolve=resolve) as client:
        for url in variants(canary.port):
            with pytest.raises(OutboundError):
                await client.request(method, url)
    assert canary.seen == 0


async def test_a_redirect_reaches_none_of_them(canary: Canary, web: Web) -> None:
    async with SafeClient(OutboundSettings(seconds=3, allow=(f"127.0.0.1:{web.port}",)), resolve=resolve) as client:
        for number, url in enumerate(variants(canary.port)):
            if any(character in url for character in "\r\n\t") or not url.isascii():
                continue  # no header can carry it
            web.routes[f"/r{number}"] = (302, {"location": url}, b"")
            try:
                answer = await client.get(f"{web.url}/r{number}")
            except OutboundError:
                continue
            assert answer.url.startswith(web.url), url
    assert canary.seen == 0


async def test_public_addresses_stay_open() -> None:
    async with SafeClient(OutboundSettings()) as client:
        for host in CONTROLS:
            await client.check(f"http://{host}/")
            assert why_closed(address(host.strip("[]"))) is None


async def test_an_operator_opens_what_they_mean_and_no_more(canary: Canary, web: Web) -> None:
    async with SafeClient(OutboundSettings(allow=(f"127.0.0.1:{web.port}",), seconds=3)) as client:
        assert (await client.get(f"{web.url}/")).status_code == 404
        with pytest.raises(OutboundRefused):
            await client.get(f"http://127.0.0.1:{canary.port}/")
    assert canary.seen == 0


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "", "a:b:c/8", "/"])
def test_an_allow_list_that_cannot_be_understood_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"host|port|invalid"):
        AllowList((entry,))


async def test_a_name_that_changes_its_mind_is_dialled_where_it_was_checked(web: Web) -> None:
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def rebinding(_host: str, _port: int) -> list[Address]:
        return [address(text) for text in answers.pop(0)]

    async with SafeClient(OutboundSettings(allow=(f"127.0.0.1:{web.port}",)), resolve=rebinding) as client:
        await client.get(f"http://rebind.example:{web.port}/first")
        with pytest.raises(OutboundRefused):
            await client.get(f"http://rebind.example:{web.port}/second")
    assert answers == []  # one question for each connection
    assert [asked.path for asked in web.asked] == ["/first"]


async def test_no_door_of_ingest_reaches_any_of_them(canary: Canary, web: Web, house: House) -> None:
    urls = [url for url in variants(canary.port) if "\r" not in url]
    for url in urls:
        await house.client.post("/v1/preview", json={"url": url})
        made = await house.client.post("/v1/sources", json={"url": url})
        if made.status_code == 201:
            await house.fetch(made.json())
    assert canary.seen == 0
    outlines = "".join(f'<outline type="rss" text="o{n}" xmlUrl={quoteattr(u)}/>' for n, u in enumerate(urls))
    await house.client.post(
        "/v1/opml", content=f"<opml><body>{outlines}</body></opml>".encode(), headers={"content-type": "text/x-opml"}
    )
    sources = (await house.client.get("/v1/sources", params={"limit": 200})).json()["items"]
    for source in sources:
        if source["name"].startswith("o"):
            await house.fetch(source)
    for url in urls[::4]:
        node = {**NINJS["associations"][0], "renditions": [{"name": "x", "href": url}]}
        document = NINJS | {"uri": f"urn:x:{url}", "associations": [node]}
        kind = {"content-type": "application/vnd.iptc.ninjs+json"}
        await house.client.post("/v1/items", content=orjson.dumps(document), headers=kind)
    assert canary.seen == 0


async def test_no_feed_leads_ingest_to_any_of_them(canary: Canary, web: Web, house: House) -> None:
    current = ""

    def feed(_: Asked) -> tuple[int, dict[str, str], bytes]:
        item = {"id": current, "url": current, "title": "T", "content_text": "short"}
        body = {"title": "T", "next_url": current, "hubs": [{"type": "WebSub", "url": current}], "items": [item]}
        return 200, {"content-type": "application/feed+json"}, orjson.dumps(body)

    web.routes["/feed"] = feed
    source = await house.add(url=f"{web.url}/feed")
    for url in variants(canary.port)[::2]:
        current = url
        await house.fetch(source)
    web.serve(
        "/dtd",
        f'<!DOCTYPE rss SYSTEM "http://127.0.0.1:{canary.port}/x.dtd">'.encode()
        + a_feed(an_entry(text=long_text()))[38:],
    )
    web.serve(
        "/xxe", f'<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:{canary.port}/">]><rss><channel/></rss>'.encode()
    )
    for path in ("/dtd", "/xxe"):
        await house.fetch(await house.add(url=web.url + path))
    assert canary.seen == 0


async def test_no_hub_is_asked_inside(canary: Canary, web: Web, house: House) -> None:
    from services.ingest.settings import Settings

    settings = Settings(
        database_url=house.database_url, redis_url="redis://127.0.0.1:1", callback_url=f"http://127.0.0.1:{canary.port}"
    )
    head = f"<title>T</title><atom:link rel='hub' href='http://127.0.0.1:{canary.port}/hub'/>"
    source = await house.add(
        url=web.serve("/feed", a_feed(an_entry(text=long_text()), head=head), "application/rss+xml")
    )
    await house.fetch(source)
    assert (await house.source(source))["hub"] == f"http://127.0.0.1:{canary.port}/hub"
    database = Database(settings, "ingest")
    async with SafeClient(OutboundSettings(seconds=3)) as client:
        await renew(database, client, settings)
    await database.close()
    assert (await house.source(source))["hub_state"] == "refused"
    assert canary.seen == 0
