"""What is embargoed or a draft shows nowhere, and nothing shows that it exists: twin houses answer alike."""

import logging
import os
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from difflib import unified_diff
from uuid import UUID

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from redis.asyncio import Redis

from services.publishing.app import build
from services.publishing.domain.content import Content
from services.publishing.domain.intake import may_leave
from services.publishing.settings import Settings
from services.publishing.use_cases import intake, leaving
from shared.runtime import Database
from tests.builders import serving
from tests.publishing.desk.at_door import Person, until_known
from tests.publishing.desk.twins import CANARY, NOW, Crawl, furnish, ingested, probes

MOST = int(os.environ.get("NEWSROOM_CRAWL", "130"))
MANY = int(os.environ.get("NEWSROOM_HIDDEN", "2"))
PROBES = int(os.environ.get("NEWSROOM_PROBES", "300"))


_WHOLE = MANY > 2
_KINDS = ("text/html", "application/json", "application/vnd.iptc.ninjs+json")
#: Everybody who is not of the desk, and in which formats they ask.
_ACCEPTED = {
    "nobody": _KINDS,
    "reader": _KINDS if _WHOLE else ("application/json",),
    "moderator": _KINDS[:2] if _WHOLE else (),
}


async def _house(url: str, redis_url: str, hidden: int) -> Crawl:
    settings = Settings(database_url=url, redis_url=redis_url, token=SecretStr("nwr_boot_strap"), enrichment_wait=3)
    database = Database(settings, "publishing")
    await furnish(database, settings, public=12, hidden=hidden)
    await database.close()
    async with serving(build(settings)) as client:
        crawl = Crawl(client)
        for who, kinds in _ACCEPTED.items():
            token = None if who == "nobody" else await _token(client, who)
            for accept in kinds:
                await crawl.walk(who, token, accept, probes(MANY), MOST)
    return crawl


async def _token(client: httpx2.AsyncClient, role: str) -> str:
    chief = {"authorization": "Bearer nwr_boot_strap"}
    made = await client.post("/v1/tokens", json={"name": role, "roles": [role]}, headers=chief)
    person = Person(client, str(made.json()["token"]))
    await until_known(person)
    return person.token


@pytest.mark.timeout(600)
async def test_a_house_with_secrets_answers_like_one_without(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    secretive = await _house(await new_database("publishing"), redis_url, MANY)
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()
    plain = await _house(await new_database("publishing"), redis_url, 0)

    leaks = {asked for asked, answer in secretive.found.items() if CANARY in _without_what_was_asked(answer, asked)}
    assert not leaks
    assert secretive.found.keys() == plain.found.keys()
    differing = [asked for asked, answer in secretive.found.items() if answer != plain.found[asked]]
    assert not differing, _shown(secretive.found[differing[0]], plain.found[differing[0]])
    assert len(secretive.found) >= 100 * MANY
    logging.getLogger(__name__).info("%d answers of each house compared", len(secretive.found))


def _shown(secretive: str, plain: str) -> str:
    return "\n".join(unified_diff(plain.splitlines(), secretive.splitlines(), lineterm=""))


def _without_what_was_asked(answer: str, asked: tuple[str, str, str]) -> str:
    """A refusal may repeat the address it was asked for; that tells the asker nothing."""
    words = asked[2].replace("?", "/").replace("=", "/").split("/")
    for word in sorted((w.removesuffix(".rss") for w in words if CANARY in w), key=len, reverse=True):
        answer = answer.replace(word, "")
    return answer


@given(
    st.integers(0, 126_000_000).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=400)),
    st.floats(0, 60),
)
def test_no_moment_before_its_end_lets_an_embargoed_story_go(until: datetime, early: timedelta, wait: float) -> None:
    content = Content(
        headline="h",
        body_html="<p>b</p>",
        outlet="o",
        credit="c",
        source_url="https://x.example",
        embargoed_until=until,
    )
    leave = may_leave(content, True, until - early, wait)
    assert leave.due_at == until
    assert leave.waits_for == "embargo"


async def test_no_look_at_the_clock_lets_anything_go_early(
    new_database: Callable[[str], Awaitable[str]], redis_url: str
) -> None:
    """The clock's own query at virtual moments: a microsecond before each of many embargoes ends, then, and between."""
    settings = Settings(database_url=await new_database("publishing"), redis_url=redis_url)
    database = Database(settings, "publishing")
    luck = random.Random(PROBES)
    span = 10 * PROBES
    ends = {
        n: NOW + timedelta(seconds=luck.randint(1, span), microseconds=luck.randrange(10**6))
        for n in range(PROBES // 6)
    }
    async with database.transaction() as tx:
        facts = [ingested("embargoed", n, embargoed_until=end) for n, end in ends.items()]
        assert await intake.take_in(tx.session, facts, settings, NOW) == []
    brink = [end - timedelta(microseconds=1) for end in ends.values()]
    between = [NOW + timedelta(seconds=luck.uniform(0, span)) for _ in range(PROBES - 2 * len(ends))]
    out: dict[UUID, datetime] = {}
    for moment in sorted([*brink, *ends.values(), *between]):
        async with database.transaction() as tx:
            told = await leaving.lift(tx.session, settings, moment)
        out |= {UUID(fact.subject): moment for fact in told}
    await database.close()
    assert out == {ingested("embargoed", n).article_id: end for n, end in ends.items()}, "each at its very moment"
