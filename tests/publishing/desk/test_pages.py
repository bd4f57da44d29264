"""The desk in a browser: signing in, saving and acting by one form, colliding without losing a word."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from services.publishing.app import build
from services.publishing.settings import Settings
from tests.browser import CHROMIUM, browser
from tests.forms import Browser
from tests.publishing.desk.at_door import STORY, AtDoor, NewDatabase, Person, at_door
from tests.served import on_loopback

PASSWORD = "correct horse battery"


class Editor(Browser):
    """Somebody with an account."""

    async def sign_in(self, name: str, following: str = "/desk") -> str:
        """By name; where it leads."""
        await self.get("/desk/session")
        return await self.post("/desk/session", name=name, password=PASSWORD, next=following)


@asynccontextmanager
async def desk(new_database: NewDatabase, redis_url: str, *names: str, role: str = "editor") -> AsyncIterator[Any]:
    """A house, and a browser for each of these people, signed in."""
    async with at_door(new_database, redis_url, site_zone="Asia/Ho_Chi_Minh") as house:
        browsers = []
        for name in names:
            await hire(house.chief, name, role)
            browsers.append(Editor(house.client))
            assert await browsers[-1].sign_in(name) == "/desk"
        yield house, *browsers


async def hire(chief: Person, name: str, role: str = "editor") -> None:
    """An account."""
    account = {"name": name, "display_name": name.title(), "password": PASSWORD, "roles": [role]}
    await chief.ask("POST", "/v1/users", account, 201)


async def test_who_is_not_signed_in_is_led_to_the_door_and_back(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url) as (house,):
        await hire(house.chief, "hoa")
        story = await house.chief.write()
        stranger = Editor(house.client)
        way = f"/desk/articles/{story['id']}"
        answer = await house.client.get(way, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/session?next={way}")
        page = await stranger.post("/desk/session", 401, name="hoa", password="wrong", next=way)
        assert "Name or password is wrong." in page
        assert stranger.value("name") == "hoa"
        assert await stranger.sign_in("hoa", way) == way
        assert "Bridge opens" in await stranger.get(way)
        assert await stranger.sign_in("hoa", "https://evil.example/") == "/desk"
        foreign = {"origin": "https://evil.example"}
        form = {"name": "hoa", "password": PASSWORD}
        assert (await house.client.post("/desk/session", data=form, headers=foreign)).status_code == 403
        await stranger.get("/desk")
        assert await stranger.post("/desk/session/end") == "/desk/session"
        answer = await house.client.get("/desk", headers=stranger.cookie(), follow_redirects=False)
        assert answer.status_code == 303


async def test_a_form_without_the_sessions_token_does_nothing(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url, "hoa") as (house, hoa):
        story = await house.chief.write()
        await hoa.get(f"/desk/articles/{story['id']}")
        for csrf in ("", "guess"):
            page = await hoa.post(f"/desk/articles/{story['id']}", 403, base="1", headline="Stolen", csrf=csrf)
            assert "Not from our own page." in page
        assert (await house.chief.ask("GET", f"/v1/articles/{story['id']}"))["headline"] == "Bridge opens"


async def test_a_signed_in_editor_may_comment_on_the_site_as_any_reader(
    new_database: NewDatabase, redis_url: str
) -> None:
    async with desk(new_database, redis_url, "hoa") as (house, hoa):
        story = await house.chief.write()
        await house.chief.do("publish", story, undo_seconds=0)
        slug = story["slug"]
        hoa.page = ""
        way = await hoa.post(f"/articles/{slug}/comments", author_name="Hoa", text="Well done.")
        assert way.startswith(f"/articles/{slug}?comment=received")


async def test_the_list_finds_and_a_new_article_opens(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url, "hoa") as (house, hoa):
        for number in range(3):
            await house.chief.write(headline=f"Ferry {number}", section="local")
        await hoa.get("/desk")
        assert [hoa.page.count(f"Ferry {number}<") for number in range(3)] == [1, 1, 1]
        assert "Ferry 1<" in await hoa.get("/desk?q=%221%22&state=draft")
        assert "Ferry 0<" not in hoa.page
        assert "Nothing here." in await hoa.get("/desk?state=killed")
        await hoa.get("/desk?limit=2")
        older = re.search(r'<p class="pages"><a href="([^"]+)"', hoa.page)
        assert older is not None
        assert "Ferry 0<" in await hoa.get(older[1])
        assert "no such" in (await hoa.get("/desk?state=eaten", 422)).lower() or "not valid" in hoa.page
        await hoa.get("/desk")
        way = await hoa.post("/desk/articles", headline="  A new  bridge ")
        assert hoa.page.count("A new bridge") == 0
        await hoa.get(way)
        assert hoa.value("headline") == "A new bridge"


async def test_a_button_saves_and_acts_together_or_not_at_all(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url, "hoa") as (house, hoa):
        story = await house.chief.write(outlet=None, credit=None)
        way = f"/desk/articles/{story['id']}"
        await hoa.get(way)
        assert "Lacks outlet and credit" in hoa.page or "Lacks outlet, credit" in hoa.page
        page = await hoa.post(way, 409, base="1", headline="Bridge opens at last", verb="publish", note="morning")
        assert "the attribution lacks" in page
        assert (hoa.value("headline"), hoa.value("note")) == ("Bridge opens at last", "morning")
        assert (await house.chief.ask("GET", f"/v1/articles/{story['id']}"))["revision"] == 1, "nothing half done"
        fields = {"headline": "Bridge opens at last", "outlet": "The Lagoon Post", "credit": "Mai Tran"}
        assert await hoa.post(way, base="1", verb="publish", note="morning", **fields) == f"{way}?done=publish"
        stands = await house.chief.ask("GET", f"/v1/articles/{story['id']}")
        assert (stands["headline"], stands["outlet"]) == ("Bridge opens at last", "The Lagoon Post")
        assert stands["waits"]["by"] == "Hoa"
        assert "Call it off" in await hoa.get(way)
        await hoa.post(way, base=str(stands["revision"]), verb="unschedule")
        page = await hoa.post(way, 422, base=str(stands["revision"] + 1), urgency="11")
        assert "urgency" in page
        assert hoa.value("urgency") == "11"


async def test_moments_are_meant_by_the_clock_of_the_house(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url, "hoa") as (house, hoa):
        story = await house.chief.write()
        way = f"/desk/articles/{story['id']}"
        await hoa.get(way)
        await hoa.post(way, base="1", embargoed_until="2099-12-01T07:00", verb="schedule", at="2099-12-02T08:30")
        stands = await house.chief.ask("GET", f"/v1/articles/{story['id']}")
        assert stands["embargoed_until"] == "2099-12-01T00:00:00Z"
        assert stands["waits"]["due_at"] == "2099-12-02T01:30:00Z"
        assert 'value="2099-12-01T07:00"' in await hoa.get(way)


async def test_two_at_one_story_lose_no_word(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url, "hoa", "lan") as (house, hoa, lan):
        story = await house.chief.write()
        way = f"/desk/articles/{story['id']}"
        await hoa.get(way)
        await lan.get(way)
        await lan.post(way, base="1", body_html=STORY["body_html"].replace("Thousands came", "Ten thousand came"))
        mine = STORY["body_html"].replace("3.2", "2.3")
        page = await hoa.post(way, 412, base="1", body_html=mine, headline="The bridge opens")
        assert "Keep both" in page
        assert (hoa.value("body_html"), hoa.value("headline")) == (mine, "The bridge opens")
        await hoa.post(way, base="1", body_html=mine, headline="The bridge opens", merge="1")
        stands = await house.chief.ask("GET", f"/v1/articles/{story['id']}")
        assert stands["body_html"] == "<p>It is 2.3 km long. Ten thousand came.</p>"

        await lan.get(way)
        await lan.post(
            way, base="3", headline="Bridge: open", summary="Lan's", body_html="<p>It is 2.3 km long. Lan.</p>"
        )
        typed = {"headline": "Bridge, open", "body_html": "<p>It is 2 km long. Ten thousand came.</p>"}
        page = await hoa.post(way, 412, base="3", **typed)
        assert "Theirs: <q>Bridge: open</q>" in page
        assert "Yours, which stands below: <q>Bridge, open</q>" in page
        assert 'name="base" value="4"' in page, "the next save starts from the newest words"
        shown = {name: hoa.value(name) for name in ("headline", "summary", "body_html")}
        assert shown == {
            "headline": "Bridge, open",
            "summary": "Lan's",
            "body_html": "<p>It is 2 km long. Lan.</p>",
        }
        await hoa.post(way, base="4", **shown)
        stands = await house.chief.ask("GET", f"/v1/articles/{story['id']}")
        assert {name: stands[name] for name in shown} == shown


async def test_corrections_kills_revisions_and_receipts_on_the_page(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url, "hoa") as (house, hoa):
        story = await house.chief.write()
        way = f"/desk/articles/{story['id']}"
        await house.chief.do("publish", story, undo_seconds=0)
        await hoa.get(way)
        page = await hoa.post(way, 422, base="2", body_html="<p>It is 2.3 km long.</p>", verb="correct")
        assert "say what was wrong" in page
        assert hoa.value("body_html") == "<p>It is 2.3 km long.</p>"
        said = {"wrong": "It is 2.3 km long.", "was": "3.2 km", "now": "2.3 km"}
        await hoa.post(way, base="2", body_html="<p>It is 2.3 km long.</p>", verb="correct", **said)
        await hoa.get(way)
        assert "Correct waits for undo" in hoa.page
        assert "Who has it" in hoa.page
        page = await hoa.get(f"{way}/comparison?old=1&new=3")
        assert "<del>" in page
        assert "no revision 99" in await hoa.get(f"{way}/comparison?old=1&new=99", 404)
        await hoa.get(way)
        base = re.search(r'name="base" value="(\d+)"', hoa.page)
        assert base is not None
        await hoa.post(f"{way}/restore", base=base[1], number="1")
        assert "3.2 km" in await hoa.get(way)
        base = re.search(r'name="base" value="(\d+)"', hoa.page)
        assert base is not None
        assert "say why it is killed" in await hoa.post(way, 422, base=base[1], verb="kill")
        await hoa.post(way, base=base[1], verb="kill", note="a court said so")
        assert '<span class="state killed">' in await hoa.get(way)
        assert " readonly>" in hoa.page


async def test_a_contributor_writes_their_own_and_asks_for_review(new_database: NewDatabase, redis_url: str) -> None:
    async with desk(new_database, redis_url, "an", role="contributor") as (house, an):
        theirs = await house.chief.write()
        assert " readonly>" in await an.get(f"/desk/articles/{theirs['id']}")
        assert "Ask for review" in an.page
        page = await an.post(f"/desk/articles/{theirs['id']}", 403, base="1", headline="Mine now")
        assert "ask an editor" in page
        await an.get("/desk")
        way = await an.post("/desk/articles", headline="My own")
        await an.get(way)
        await an.post(way, base="1", body_html="<p>Words.</p>", verb="submit")
        assert '<span class="state in_review">' in await an.get(way)


@pytest.mark.skipif(CHROMIUM is None, reason="skipped, no Chromium: install it to see the desk in a browser")
async def test_in_a_real_browser_words_are_kept_and_others_changes_told(
    new_database: NewDatabase, redis_url: str, tmp_path: Path
) -> None:
    url = await new_database("publishing")
    settings = Settings(database_url=url, redis_url=redis_url, token=SecretStr("nwr_boot_strap"))
    async with on_loopback(build(settings)) as address, httpx2.AsyncClient(base_url=address) as client:
        house = AtDoor(client, Person(client, "nwr_boot_strap"))
        await hire(house.chief, "hoa")
        story = await house.chief.write()
        way = f"{address}/desk/articles/{story['id']}"
        async with browser(tmp_path / "profile") as tab:
            await tab.open(way)
            await tab.type("#name", "hoa")
            await tab.type("#password", PASSWORD)
            await tab.press("form.alone button")
            assert await tab.run("location.href") == way
            await tab.type("#headline", " today")
            saves = f"/v1/articles/{story['id']}/autosaves"
            kept: list[Any] = []
            while not kept:
                kept = await house.chief.ask("GET", saves)
            assert kept[0]["changes"] == {"headline": "Bridge opens today"}
            assert (await house.chief.ask("GET", f"/v1/articles/{story['id']}"))["editing"]["by"] == "Hoa"

            await house.chief.save(story, summary="From the chief")
            told = await tab.until(
                "!document.querySelector('.live').hidden && document.querySelector('.live').textContent"
            )
            assert "changed this article: save" in told
            await tab.press("button.main")
            assert "Somebody changed it meanwhile." in await tab.run("document.body.textContent")
            await tab.press("button[name=merge]")
            assert await tab.run("document.querySelector('.notice[role=status]:not(.live)').textContent") == "Saved."
            stands = await house.chief.ask("GET", f"/v1/articles/{story['id']}")
            assert (stands["headline"], stands["summary"]) == ("Bridge opens today", "From the chief")

            await tab.type("#summary", ", and more")
            kept = []
            while not kept:
                kept = await house.chief.ask("GET", saves)
            await tab.open(way)
            assert "asked: beforeunload" in tab.complaints
            await tab.press("a[href='?unsaved=true']")
            assert await tab.run("document.querySelector('#summary').value") == "From the chief, and more"
            await tab.press("button[name=verb][value=publish]")
            assert await tab.run("document.documentElement.scrollWidth <= innerWidth")
            assert [said for said in tab.complaints if not said.startswith("asked") and "412" not in said] == []
