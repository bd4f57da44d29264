"""The public site shows what a page must show, lets readers comment without scripts, and forgets what was killed."""

from typing import Any
from uuid import UUID

from protego import Protego
from sqlmodel import select

from services.publishing.storage.comments import Comment, Thread
from services.publishing.web.pages import POLICY
from shared.events import Picture
from shared.runtime import utc_now
from tests.publishing.outlets.builders import a_published_article, another, kill, publish
from tests.publishing.outlets.conftest import House, OpenHouse


async def _comment(house: House, article_id: UUID, **changes: Any) -> Comment:
    facts = {"id": UUID(int=9), "author_id": "r", "author_name": "Lan", "text": "Đúng <b>vậy</b>!", "state": "shown"}
    row = Comment(article_id=article_id, submitted_at=utc_now(), **{**facts, **changes})
    async with house.database.transaction() as tx:
        tx.session.add(row)
    return row


async def test_the_article_page_shows_all_that_it_must(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article, another(1), another(2, tags=[]), another(3, authors=["Someone Else"]))
        await _comment(house, article.article_id)
        answer = await house.client.get(f"/articles/{article.slug}")
        text = answer.text
        assert answer.status_code == 200
        for shown in (
            '<html lang="en">',
            '<article class="article" lang="en">',
            "VTC News",
            "6 November 2024",
            "According to Reuters",
            "Hoa Vu</a>",
            "(Source: Reuters)",
            "Mr Trump met Mr Putin in Osaka in 2019.",
            "(Photo: Reuters)",
            'alt="Two men shake hands"',
            'href="https://vtcnews.example/nga-ar905977.html?a=1&amp;b=2"',
            "Comment (1)",
            "Đúng &lt;b&gt;vậy&lt;/b&gt;!",
            f'action="/articles/{article.slug}/comments"',
            "Same tag",
            "Same category",
            'href="/tags/kremlin"',
            "The summit was in 2019.",
            'href="/sections/political-system" aria-current="page"',
            'href="/authors/hoa-vu"',
            "Heritage",
            '<script type="application/ld+json">',
        ):
            assert shown in text, shown


async def test_a_vietnamese_page_speaks_vietnamese_and_puts_the_day_first(open_house: OpenHouse) -> None:
    async with open_house(site_zone="Asia/Ho_Chi_Minh") as house:
        article = a_published_article(language="vi")
        await publish(house.database, article)
        text = (await house.client.get(f"/articles/{article.slug}")).text
        assert '<html lang="vi">' in text
        assert "06/11/2024" in text
        assert "06/11/2024, 18:05 (GMT+7)" in text
        assert "Bình luận (0)" in text


async def test_no_page_lets_anything_act(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article(
            headline="<img src=x onerror=alert(1)>",
            body_html="<p onclick='x()'>a</p><script>alert(2)</script>",
            outlet="<b>Bold</b>",
            byline="</script><script>alert(3)</script>",
            pictures=[Picture(url="https://img.example/x.jpg", caption='"><script>alert(4)</script>')],
        )
        await publish(house.database, article)
        for path in (f"/articles/{article.slug}", "/", "/sections/political-system"):
            answer = await house.client.get(path)
            assert answer.headers["content-security-policy"] == POLICY
            assert "<script>alert" not in answer.text
            assert "onclick" not in answer.text
            assert "<img src=x" not in answer.text
            assert "<b>Bold</b>" not in answer.text


async def test_a_comment_by_form_waits_for_a_verdict_and_leads_back(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        form = {"author_name": "  Lan  Anh ", "text": "Hay quá"}
        answer = await house.client.post(f"/articles/{article.slug}/comments", data=form)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/articles/{article.slug}?comment=received#comments"
        assert "httponly" in answer.headers["set-cookie"].lower()
        page = await house.client.get(answer.headers["location"].partition("#")[0])
        assert "waits for a moderator" in page.text
        assert "Hay quá" not in page.text
        async with house.database.reading() as session:
            kept = (await session.exec(select(Comment))).one()
        assert (kept.author_name, kept.text, kept.state) == ("Lan Anh", "Hay quá", "waiting")


async def test_a_form_from_another_site_is_refused(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
            form = {"author_name": "Lan", "text": "x"}
            answer = await house.client.post(f"/articles/{article.slug}/comments", data=form, headers=headers)
            assert answer.status_code == 403


async def test_an_empty_comment_comes_back_with_what_was_typed(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        answer = await house.client.post(
            f"/articles/{article.slug}/comments", data={"author_name": "", "text": "A & b"}
        )
        assert answer.status_code == 422
        assert "A &amp; b</textarea>" in answer.text


async def test_a_closed_thread_shows_no_form_and_takes_nothing(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        async with house.database.transaction() as tx:
            tx.session.add(Thread(article_id=article.article_id, open=False))
        page = await house.client.get(f"/articles/{article.slug}")
        assert "<textarea" not in page.text
        assert "Comments are closed" in page.text
        answer = await house.client.post(
            f"/articles/{article.slug}/comments", data={"author_name": "Lan", "text": "still"}
        )
        assert answer.status_code == 409


async def test_what_was_killed_is_gone_from_every_page(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article, other = a_published_article(headline="Secret words"), another(1)
        await publish(house.database, article, other)
        await kill(house.database, article)
        gone = await house.client.get(f"/articles/{article.slug}")
        assert gone.status_code == 410
        assert "no longer available" in gone.text
        for path in ("/", "/sections/political-system", "/tags/kremlin", "/authors/hoa-vu", "/feeds/all.rss"):
            page = await house.client.get(path)
            assert "Story 1" in page.text
            assert "Secret words" not in page.text
        assert (await house.client.get(f"/v1/public/articles/{article.slug}")).status_code == 410


async def test_shelves_page_back_to_the_first_story(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await publish(house.database, *(another(n) for n in range(60)))
        path, seen = "/sections/political-system", list[str]()
        for _ in range(5):
            if not path:
                break
            text = (await house.client.get(path)).text
            seen += [line for line in text.splitlines() if line.startswith('<h2><a href="/articles/story-')]
            older = text.partition('<a rel="next" href="')[2].partition('"')[0]
            path = f"/sections/political-system{older}" if older else ""
        assert len(seen) == 60
        assert len(set(seen)) == 60


async def test_an_unknown_address_answers_404_with_a_page(open_house: OpenHouse) -> None:
    async with open_house() as house:
        for path in ("/articles/nothing", "/sections/nothing", "/tags/nothing", "/authors/nothing", "/outlets/nothing"):
            answer = await house.client.get(path)
            assert answer.status_code == 404
            assert "nothing at this address" in answer.text


async def test_where_no_door_is_people_get_a_page_and_programs_a_problem(open_house: OpenHouse) -> None:
    async with open_house() as house:
        person, program = {"accept": "text/html,*/*;q=0.8"}, {"accept": "application/json"}
        page = await house.client.get("/section/heritage", headers=person)
        assert (page.status_code, "nothing at this address" in page.text) == (404, True)
        for path, headers in (("/section/heritage", program), ("/v1/nothing", person)):
            answer = await house.client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
        assert (await house.client.post("/robots.txt", headers=person)).status_code == 405


async def test_a_house_section_without_stories_has_a_page(open_house: OpenHouse) -> None:
    async with open_house() as house:
        answer = await house.client.get("/sections/heritage")
        assert answer.status_code == 200
        assert "Nothing has been published here yet" in answer.text


async def test_a_page_is_sent_once_to_who_has_it(open_house: OpenHouse) -> None:
    async with open_house() as house:
        article = a_published_article()
        await publish(house.database, article)
        for path in (f"/articles/{article.slug}", "/", "/feeds/all.atom", f"/v1/public/articles/{article.slug}"):
            first = await house.client.get(path)
            again = await house.client.get(path, headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path
        style = (await house.client.get("/")).text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        answer = await house.client.get(style)
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/css")


async def test_crawlers_are_told_where_to_read(open_house: OpenHouse) -> None:
    async with open_house() as house:
        answer = await house.client.get("/robots.txt")
        assert answer.headers["content-type"].startswith("text/plain")
        rules = Protego.parse(answer.text)
        may = {path: rules.can_fetch(path, "Googlebot-News") for path in ("/", "/articles/x", "/feeds/all.rss")}
        assert may == dict.fromkeys(may, True)
        assert not any(
            rules.can_fetch(path, "Googlebot-News") for path in ("/desk", "/desk/articles/x", "/v1/articles")
        )
        (found,) = rules.sitemaps
        assert (await house.client.get(found)).status_code == 200
