"""Looking at sources: politely, once per story, with a clear cause for whatever goes wrong, and a schedule in rows."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from services.ingest.storage import Source, sources
from shared.runtime import Database, new_id
from tests.conftest import NewDatabase
from tests.ingest.builders import Asked, House, Web, a_feed, a_house, a_page, an_entry, long_text

FEED = "application/rss+xml"


async def test_a_summary_leads_to_its_page_and_is_followed_once(web: Web, house: House) -> None:
    web.serve("/story", a_page())
    url = web.serve("/feed", a_feed(an_entry(link=f"{web.url}/story")), FEED)
    source = await house.add(url=url, name="Lagoon", trust="publish")
    first = await house.fetch(source)
    assert [i["outcome"] for i in first["items"]] == ["new"]
    await house.fetch(source)
    assert (web.hits("/story"), web.hits("/feed"), web.hits("/robots.txt")) == (1, 2, 1)
    (told,) = await house.told("ingested")
    assert (told["trust"], told["source_name"], told["guid"]) == ("publish", "Lagoon", "g-1")
    assert "Dredgers will start" in told["body_text"]


async def test_a_full_text_feed_is_used_as_it_is(web: Web, house: House) -> None:
    entry = an_entry(
        link=f"{web.url}/story", text=long_text(), more="<dc:creator>Hoa Vu (Source: Reuters)</dc:creator>"
    )
    source = await house.add(url=web.serve("/feed", a_feed(entry), FEED))
    await house.fetch(source)
    assert web.hits("/story") == 0
    (told,) = await house.told("ingested")
    assert (told["byline"], told["wire"], told["outlet"]) == ("Hoa Vu", "Reuters", "The Lagoon Post")
    assert told["published_at"] == "2026-02-24T10:00:00+07:00"
    assert "Tue, 24 Feb 2026" in told["evidence"]["published_at"]


async def test_what_did_not_change_is_not_sent_again(web: Web, house: House) -> None:
    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.headers.get("if-none-match") == '"v1"':
            return 304, {}, b""
        return 200, {"etag": '"v1"', "content-type": FEED}, a_feed(an_entry(text=long_text()))

    web.routes["/feed"] = answer
    source = await house.add(url=f"{web.url}/feed")
    assert (await house.fetch(source))["outcome"] == "ok"
    assert (await house.fetch(source))["outcome"] == "not_modified"


BAD: list[tuple[str, Any, str]] = [
    ("/missing", (404, {}, b""), "not_found"),
    ("/gone", (410, {}, b""), "gone"),
    ("/busy", (429, {"retry-after": "7200"}, b""), "asked_to_wait"),
    ("/broken", (500, {}, b""), "http_status"),
    ("/closed", (403, {}, b""), "forbidden"),
    ("/page", (200, {"content-type": "text/html"}, a_page()), "not_a_feed"),
    ("/empty", (200, {}, b""), "empty"),
    ("/noise", (200, {}, b"\x00\x01\x02" * 50), "not_a_feed"),
    ("/doctype", (200, {}, b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>'), "forbidden_dtd"),
    ("/large", (200, {"content-length": "50000000"}, b"x"), "too_large"),
    ("/bomb", (200, {"content-encoding": "gzip"}, gzip.compress(b" " * 9_000_000)), "bomb"),
    ("/nested", (200, {"content-encoding": "gzip, gzip"}, gzip.compress(gzip.compress(b"x"))), "encoding"),
    ("/loop", (302, {"location": "/loop"}, b""), "redirects"),
    ("/inside", (302, {"location": "http://169.254.169.254/latest/meta-data"}, b""), "closed_address"),
    ("/file", (302, {"location": "file:///etc/passwd"}, b""), "scheme"),
]


async def test_what_cannot_be_read_names_source_and_cause_and_others_go_on(web: Web, house: House) -> None:
    for path, reply, cause in BAD:
        web.routes[path] = reply
        bad = await house.add(url=web.url + path, name=f"Bad{path}")
        report = await house.fetch(bad)
        assert (path, report["outcome"], report["cause"]) == (path, "failed", cause)
        line = (await house.client.get("/v1/fetches", params={"source_id": bad["id"]})).json()["items"][0]
        assert (line["source"], line["cause"], line["new"]) == (f"Bad{path}", cause, 0)
        assert line["detail"]
        shown = await house.source(bad)
        assert shown["health"] == ("stopped" if cause == "gone" else "failing")
        assert shown["last_cause"] == cause
        if cause == "asked_to_wait":
            assert datetime.fromisoformat(shown["next_check_at"]) > datetime.now(UTC) + timedelta(minutes=115)
    good = await house.add(url=web.serve("/good", a_feed(an_entry(text=long_text())), FEED), name="Good")
    assert (await house.fetch(good))["outcome"] == "ok"
    assert len(await house.told()) == 1


async def test_a_page_that_fails_for_now_is_tried_again_and_one_that_is_gone_leaves_its_summary(
    web: Web, house: House
) -> None:
    web.routes["/later"] = (503, {}, b"")
    entries = [
        an_entry("a", title="Later", link=f"{web.url}/later"),
        an_entry("b", title="Gone", link=f"{web.url}/none"),
    ]
    source = await house.add(url=web.serve("/feed", a_feed(*entries), FEED))
    report = await house.fetch(source)
    assert report["outcome"] == "partly"
    assert [i["headline"] for i in report["items"]] == ["Gone"]
    web.serve("/later", a_page("Later"))
    assert [i["headline"] for i in (await house.fetch(source))["items"]] == ["Later"]


async def test_robots_are_obeyed_and_their_verdict_is_shown(web: Web, house: House) -> None:
    web.serve("/robots.txt", b"User-agent: *\nDisallow: /private", "text/plain")
    web.serve("/private/feed", a_feed(an_entry(text=long_text())), FEED)
    source = await house.add(url=f"{web.url}/private/feed")
    assert (await house.fetch(source))["cause"] == "robots"
    assert web.hits("/private/feed") == 0
    assert "disallowed" in (await house.source(source))["robots"]


async def test_a_permanent_redirect_moves_the_source_and_a_temporary_one_does_not(web: Web, house: House) -> None:
    new = web.serve("/new", a_feed(an_entry(text=long_text())), FEED)
    web.routes["/old"] = (301, {"location": "/new"}, b"")
    web.routes["/detour"] = (302, {"location": "/new?x=1"}, b"")
    moved, detoured = await house.add(url=f"{web.url}/old"), await house.add(url=f"{web.url}/detour")
    for source in (moved, detoured):
        assert (await house.fetch(source))["outcome"] == "ok"
    assert (await house.source(moved))["url"] == new
    assert (await house.source(moved))["moved_from"] == f"{web.url}/old"
    assert (await house.source(detoured))["url"] == f"{web.url}/detour"


async def test_at_most_two_connections_go_to_one_host(web: Web, house: House) -> None:
    async def slow(_: Asked) -> tuple[int, dict[str, str], bytes]:
        await asyncio.sleep(0.05)
        return 200, {"content-type": "text/html"}, a_page()

    entries = []
    for number in range(8):
        web.routes[f"/s{number}"] = slow
        entries.append(an_entry(f"g{number}", link=f"{web.url}/s{number}"))
    source = await house.add(url=web.serve("/feed", a_feed(*entries), FEED))
    await house.fetch(source)
    assert web.busiest <= 2


async def test_due_sources_are_looked_at_by_the_clock_and_change_lanes(
    web: Web, new_database: NewDatabase, redis_url: str
) -> None:
    async with a_house(await new_database("ingest"), redis_url, f"127.0.0.1:{web.port}", polls=2, new_polls=1) as house:
        urls = [web.serve(f"/feed{n}", a_feed(an_entry(text=long_text())), FEED) for n in range(6)]
        made = [await house.add(url=url) for url in urls]
        assert {source["lane"] for source in made} == {"new"}
        for again in (False, True):
            if again:
                web.routes["/feed0"] = (500, {}, b"")
                await house.change("UPDATE sources SET next_at = now()")
            async with asyncio.timeout(80):
                while any(web.hits(f"/feed{n}") < 1 + again for n in range(6)) or await house.rows(  # noqa: ASYNC110 - rows
                    "SELECT 1 FROM sources WHERE leased_until IS NOT NULL"
                ):
                    await asyncio.sleep(0.05)
        seen = [await house.source(source) for source in made]
        assert [source["lane"] for source in seen] == ["slow"] + ["quick"] * 5
        assert [source["health"] for source in seen] == ["failing"] + ["well"] * 5


async def test_a_source_of_large_documents_waits_apart_until_they_are_small_again(web: Web, house: House) -> None:
    feed = a_feed(an_entry(text=long_text()))
    source = await house.add(url=web.serve("/feed", feed.replace(b"<item>", b" " * 1_100_000 + b"<item>"), FEED))
    for lane in ("slow", "slow", "quick"):
        if lane == "quick":
            web.serve("/feed", feed, FEED)
        assert (await house.fetch(source))["outcome"] == "ok"
        assert (await house.source(source))["lane"] == lane


async def test_several_replicas_share_the_schedule(web: Web, house: House) -> None:
    async with house_database(house) as database:
        now = datetime.now(UTC)
        async with database.transaction() as tx:
            for number in range(20):
                await sources.add(tx.session, a_row(f"http://127.0.0.1:9/{number}", now + timedelta(days=1)))
        later, lease = now + timedelta(days=2), timedelta(minutes=5)

        async def take() -> list[Source]:
            async with database.transaction() as tx:
                return await sources.take_due(tx.session, later, 7, lease, "new")

        taken = [source.url for portion in await asyncio.gather(*(take() for _ in range(4))) for source in portion]
        assert len(taken) == len(set(taken))
        assert len(taken) <= 20


def a_row(url: str, due: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": url,
        "kind": "feed",
        "url": url,
        "trust": "review",
        "full_text": "auto",
        "status": "active",
        "next_at": due,
        "interval_seconds": 900,
        "failures": 0,
        "created_at": due,
    }


def house_database(house: House) -> Any:
    from contextlib import asynccontextmanager

    from services.ingest.settings import Settings

    @asynccontextmanager
    async def opened() -> Any:
        database = Database(Settings(database_url=house.database_url, redis_url="redis://127.0.0.1:1"), "ingest")
        try:
            yield database
        finally:
            await database.close()

    return opened()


async def test_a_restart_forgets_nothing(web: Web, new_database: NewDatabase, redis_url: str) -> None:
    url = await new_database("ingest")
    feed = web.serve("/feed", a_feed(an_entry(text=long_text())), FEED)
    async with a_house(url, redis_url, f"127.0.0.1:{web.port}") as house:
        source = await house.add(url=feed)
        await house.fetch(source)
    async with a_house(url, redis_url, f"127.0.0.1:{web.port}") as house:
        assert (await house.fetch(source))["items"] == []
        assert len(await house.told("ingested")) == 1


async def test_a_page_source_gives_its_article(web: Web, house: House) -> None:
    source = await house.add(url=web.serve("/story", a_page()), kind="page")
    assert [i["outcome"] for i in (await house.fetch(source))["items"]] == ["new"]


async def test_what_was_archived_can_be_read_again_dry_and_for_real(web: Web, house: House) -> None:
    web.serve("/story", a_page())
    source = await house.add(url=web.serve("/feed", a_feed(an_entry(link=f"{web.url}/story")), FEED), name="Lagoon")
    await house.fetch(source)
    archive = (await house.client.get("/v1/replay", params={"source": "Lagoon"})).json()
    assert archive["documents"] == 2
    for dry in (True, False):
        report = (await house.client.post("/v1/replay", json={"source": "Lagoon", "dry_run": dry})).json()
        assert (report["read"], report["new"], report["revised"], report["unchanged"]) == (2, 0, 0, 1)
    assert len(await house.told()) == 1


async def test_entries_that_did_not_change_are_not_even_parsed(web: Web, house: House) -> None:
    entries = [
        an_entry(f"g{number}", title=f"Story {number}", text=f"<p>{f'All about story {number}. ' * 60}</p>")
        for number in "ab"
    ]
    web.serve("/feed", a_feed(*entries), FEED)
    source = await house.add(url=f"{web.url}/feed")
    assert (await house.fetch(source))["found"] == 2
    web.serve(
        "/feed", a_feed(an_entry("gc", title="Another", text=f"<p>{'Quite another text. ' * 60}</p>"), *entries), FEED
    )
    report = await house.fetch(source)
    assert (report["found"], [i["headline"] for i in report["items"]]) == (3, ["Another"])
    marks = await house.rows("SELECT entry_mark FROM articles")
    assert len({row["entry_mark"] for row in marks}) == 3


async def test_a_sitemap_index_leads_to_its_newest_sitemaps_and_their_pages(web: Web, house: House) -> None:
    news = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{web.url}/story</loc><news:news>'
        "<news:publication><news:name>Lagoon</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2026-02-24</news:publication_date><news:title>Harbour</news:title></news:news></url></urlset>"
    ).replace("{web.url}", web.url)
    web.serve("/story", a_page())
    web.serve("/news.xml", news.encode(), "application/xml")
    children = "".join(f"<sitemap><loc>{web.url}/{name}</loc></sitemap>" for name in ("news.xml", "none.xml"))
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>'
    source = await house.add(url=web.serve("/index.xml", index.encode(), "application/xml"), kind="sitemap")
    report = await house.fetch(source)
    assert (report["outcome"], report["cause"]) == ("partly", "not_found")
    (told,) = await house.told("ingested")
    assert (told["outlet"], told["source_url"]) == ("Lagoon", f"{web.url}/story")


async def test_the_next_page_of_a_json_feed_is_read_too(web: Web, house: House) -> None:
    def page(number: int, following: str | None) -> bytes:
        text = f"All about story {number}. " * 60
        item = {"id": str(number), "title": f"Story {number}", "content_text": text}
        return orjson.dumps({"version": "1.1", "title": "T", "items": [item], "next_url": following})

    web.serve("/two", page(2, f"{web.url}/one"), "application/feed+json")
    source = await house.add(url=web.serve("/one", page(1, f"{web.url}/two"), "application/feed+json"))
    assert [i["headline"] for i in (await house.fetch(source))["items"]] == ["Story 1", "Story 2"]
    assert (web.hits("/one"), web.hits("/two")) == (1, 1)


async def test_entries_left_for_the_next_look_are_asked_for_again(
    web: Web, new_database: NewDatabase, redis_url: str
) -> None:
    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if "if-none-match" in asked.headers:
            return 304, {}, b""
        return (
            200,
            {"etag": '"v1"'},
            a_feed(*(an_entry(f"g{n}", title=f"S{n}", link=f"{web.url}/s{n}") for n in range(3))),
        )

    web.routes["/feed"] = answer
    for number in range(3):
        web.serve(f"/s{number}", a_page(f"S{number}", paragraphs=[f"All about story {number}, and more. " * 30]))
    given = {"polls": 0, "new_polls": 0, "slow_polls": 0, "pages_per_poll": 2}
    async with a_house(await new_database("ingest"), redis_url, f"127.0.0.1:{web.port}", **given) as house:
        source = await house.add(url=f"{web.url}/feed")
        assert len((await house.fetch(source))["items"]) == 2
        assert [i["headline"] for i in (await house.fetch(source))["items"]] == ["S2"]
        assert (await house.fetch(source))["outcome"] == "not_modified"
