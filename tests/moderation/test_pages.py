"""The moderators' desk in a browser: signing in by token, one key an answer, appeals, and nothing decided twice."""

import re
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from services.moderation.app import build
from services.moderation.handlers import events
from services.moderation.use_cases.court import Court
from services.moderation.web.pages import marked
from shared.events import CommentSubmitted, Role, TokenIssued, TokenRevoked
from shared.runtime import Database, utc_now
from shared.runtime.auth import drop_token, keep_token, mint
from tests.browser import CHROMIUM, browser
from tests.builders import a_comment, deliver
from tests.forms import Browser
from tests.moderation.builders import BEARER, settings
from tests.served import on_loopback

IDIOT = "You are an idiot, <b>Lan</b>."


class Moderator(Browser):
    """Somebody with a token."""

    async def sign_in(self, token: str, following: str = "/desk", status: int = 303) -> str:
        """By token; where it leads."""
        self.cookies.clear()
        await self.get("/desk/session")
        return await self.post("/desk/session", status, token=token, next=following)


async def put(database: Database, *comments: CommentSubmitted) -> None:
    await deliver(events, database, *comments, parts=[Court()], times=1)


async def a_token(database: Database, *roles: Role, name: str = "Hoa") -> str:
    token_id, text, digest = mint()
    fact = TokenIssued(token_id=token_id, secret_sha256=digest, name=name, roles=list(roles), issued_at=utc_now())
    async with database.transaction() as tx:
        await keep_token(fact, tx.session)
    return text


async def a_moderator(desk: httpx2.AsyncClient, database: Database, name: str = "Hoa") -> Moderator:
    desk.headers.pop("authorization", None)
    somebody = Moderator(desk)
    assert await somebody.sign_in(await a_token(database, Role.MODERATOR, name=name)) == "/desk"
    return somebody


def states(page: str) -> list[str]:
    return re.findall(r'class="state (\w+)"', page)


async def test_who_is_not_signed_in_is_led_to_the_door_and_back(desk: httpx2.AsyncClient, database: Database) -> None:
    rude = a_comment(text=IDIOT)
    await put(database, rude)
    del desk.headers["authorization"]
    way = f"/desk/comments/{rude.comment_id}"
    answer = await desk.get(way, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/session?next={way}")
    stranger = Moderator(desk)
    assert "not accepted" in await stranger.sign_in("nwr_guess", status=401)
    assert "not a moderator's" in await stranger.sign_in(await a_token(database, Role.CHIEF), status=403)
    token = await a_token(database, Role.MODERATOR)
    assert await stranger.sign_in(token, "https://evil.example/") == "/desk"
    assert await stranger.sign_in(token, way) == way
    page = await stranger.get(way)
    assert "<mark>idiot</mark>, &lt;b>Lan" in page.replace("&gt;", ">") or "<mark>idiot</mark>, <b>Lan" in page
    assert await stranger.post("/desk/session/end") == "/desk/session"


async def test_the_cookie_opens_the_desk_only_and_not_to_other_pages(
    desk: httpx2.AsyncClient, database: Database
) -> None:
    rude = a_comment(text=IDIOT)
    await put(database, rude)
    hoa = await a_moderator(desk, database)
    await hoa.get("/desk")
    assert (await desk.get("/v1/queue", headers=hoa.cookie())).status_code == 401
    for fields in ({"csrf": ""}, {"csrf": "guess"}):
        page = await hoa.post(f"/desk/comments/{rude.comment_id}/decision", 403, key="a", **fields)
        assert "Not from our own page." in page
    form = {"csrf": "", "key": "a"}
    foreign = {"origin": "https://evil.example"} | hoa.cookie()
    assert (await desk.post("/desk/claims", data=form, headers=foreign)).status_code == 403
    token = {"token": "nwr_any"}
    assert (await desk.post("/desk/session", data=token, headers={"origin": "https://evil.example"})).status_code == 403
    assert states(await hoa.get(f"/desk/comments/{rude.comment_id}"))[0] == "hold"


async def test_a_revoked_token_is_shown_out(desk: httpx2.AsyncClient, database: Database) -> None:
    token = await a_token(database, Role.MODERATOR)
    del desk.headers["authorization"]
    hoa = Moderator(desk)
    await hoa.sign_in(token)
    async with database.transaction() as tx:
        await drop_token(TokenRevoked(token_id=token.split("_")[1], revoked_at=utc_now()), tx.session)
    answer = await desk.get("/desk", headers=hoa.cookie(), follow_redirects=False)
    while answer.status_code == 200:  # what was read of a token is believed for a second
        answer = await desk.get("/desk", headers=hoa.cookie(), follow_redirects=False)
    assert answer.headers["location"] == "/desk/session?next=/desk"


async def test_ten_are_taken_decided_by_a_key_and_the_rest_given_back(
    desk: httpx2.AsyncClient, database: Database
) -> None:
    first, second = a_comment(text=IDIOT, author_id="a"), a_comment(text="Such an idiot!", author_id="b")
    await put(database, first, second)
    hoa = await a_moderator(desk, database)
    assert "2 wait" in await hoa.get("/desk")
    assert 'name="key"' not in hoa.page
    await hoa.post("/desk/claims")
    assert "2 to decide" in await hoa.get("/desk")
    version = re.search(rf'{first.comment_id}/decision">.*?name="version" value="(\d+)"', hoa.page, re.DOTALL)
    assert version is not None
    way = f"/desk/comments/{first.comment_id}/decision"
    led = await hoa.post(way, key="b", note="not at other readers", version=version[1])
    assert led == f"/desk?done=b&on={first.comment_id}"
    page = await hoa.get(led)
    assert "Abuse." in page
    assert "1 to decide" in page
    assert "is at" in await hoa.post(way, 409, key="a", version=version[1])
    await hoa.get("/desk")
    await hoa.post("/desk/releases")
    an = await a_moderator(desk, database, "An")
    assert "1 waits" in await an.get("/desk")
    page = await an.get(f"/desk/comments/{first.comment_id}")
    assert states(page)[:3] == ["reject", "reject", "hold"]
    assert "not at other readers" in page
    assert "no answer has the key" in await an.post(way, 422, key="x", alone="1")


async def test_what_another_holds_is_refused(desk: httpx2.AsyncClient, database: Database) -> None:
    rude = a_comment(text=IDIOT)
    await put(database, rude)
    hoa = await a_moderator(desk, database)
    await hoa.get("/desk")
    await hoa.post("/desk/claims")
    an = await a_moderator(desk, database, "An")
    assert "0 to decide" not in await an.get("/desk")
    page = await an.post(f"/desk/comments/{rude.comment_id}/decision", 409, key="a", alone="1")
    assert "is working on it" in page
    assert states(page)[0] == "hold"
    assert "no such comment" in await an.get(f"/desk/comments/{uuid4()}", 404)


async def test_an_appeal_is_heard_by_another_with_an_answer(desk: httpx2.AsyncClient, database: Database) -> None:
    rude = a_comment(text=IDIOT, author_id="token:lan")
    await put(database, rude)
    hoa = await a_moderator(desk, database)
    way = f"/desk/comments/{rude.comment_id}"
    await hoa.get(way)
    await hoa.post(f"{way}/decision", key="b", alone="1")
    plea = {"comment_id": str(rude.comment_id), "text": "I meant myself."}
    assert (await desk.post("/v1/appeals", json=plea, headers=BEARER)).status_code == 201
    page = await hoa.get("/desk/appeals")
    assert "You took this decision" in page
    an = await a_moderator(desk, database, "An")
    page = await an.get("/desk/appeals")
    appeal = re.search(r'action="(/desk/appeals/[^"]+)"', page)
    assert appeal is not None
    assert "I meant myself." in page
    assert "is owed an answer" in await an.post(appeal[1], 422, outcome="overturned", answer=" ")
    assert await an.post(appeal[1], outcome="overturned", answer="Sorry.") == "/desk/appeals"
    assert "No appeals" in await an.get("/desk/appeals")
    assert "overturned by" in await an.post(appeal[1], 409, outcome="upheld", answer="Once more.")
    assert states(await an.get(way))[0] == "approve"


async def test_an_authors_standing_is_changed_with_its_reason(desk: httpx2.AsyncClient, database: Database) -> None:
    rude = a_comment(text=IDIOT)
    await put(database, rude)
    hoa = await a_moderator(desk, database)
    way = f"/desk/comments/{rude.comment_id}"
    await hoa.get(way)
    assert "needs an end" in await hoa.post(f"{way}/standing", 422, status="suspended", reason="Insults", for_hours="")
    await hoa.get(way)
    assert "reason" in await hoa.post(f"{way}/standing", 422, status="banned", reason="", for_hours="")
    await hoa.get(way)
    assert await hoa.post(f"{way}/standing", status="suspended", reason="Insults", for_hours="24") == way
    assert "Suspended: Insults, until" in await hoa.get(way)


@pytest.mark.parametrize(
    ("spans", "shown"),
    [
        ([], "a &lt;b&gt; c"),
        ([(2, 5)], "a <mark>&lt;b&gt;</mark> c"),
        ([(0, 3), (2, 5), (2, 3)], "<mark>a &lt;</mark><mark>b&gt;</mark> c"),
        ([(4, 99), (50, 60)], "a &lt;b<mark>&gt; c</mark>"),
    ],
)
def test_spans_are_marked_and_all_else_escaped(spans: list[tuple[int, int]], shown: str) -> None:
    assert str(marked("a <b> c", spans)) == shown


@pytest.mark.skipif(CHROMIUM is None, reason="skipped, no Chromium: install it to see the desk in a browser")
async def test_in_a_real_browser_letters_decide(database: Database, redis_url: str, tmp_path: Path) -> None:
    await put(database, *(a_comment(text=f"{IDIOT} {number}", author_id=f"a{number}") for number in range(3)))
    token = await a_token(database, Role.MODERATOR)
    url = database.url.render_as_string(hide_password=False)
    async with on_loopback(build(settings(url, redis_url))) as address, browser(tmp_path / "profile") as tab:
        await tab.open(f"{address}/desk")
        await tab.type("#token", token)
        await tab.press("form.alone button")
        assert await tab.run("document.querySelector('h1').textContent") == "3 wait"
        await tab.key("t")
        assert await tab.run("document.querySelector('h1').textContent") == "3 to decide"
        second = await tab.run("document.querySelectorAll('.card')[1].id")
        await tab.key("j", leads=False)
        assert await tab.run("document.activeElement.id") == second
        await tab.key("n", leads=False)
        await tab.do("Input.insertText", text="kept apart")
        await tab.key("Escape", leads=False)
        await tab.key("s")
        assert await tab.run("document.querySelector('h1').textContent") == "2 to decide"
        assert await tab.run(f"document.getElementById('{second}')") is None
        assert "Spam." in await tab.run("document.querySelector('.notice').textContent")
        await tab.press(".notice a")
        assert "kept apart" in await tab.run("document.querySelector('.decisions').textContent")
        assert await tab.run("document.documentElement.scrollWidth <= innerWidth")
        assert [said for said in tab.complaints if not said.startswith("Autofocus")] == []  # the test was quicker
