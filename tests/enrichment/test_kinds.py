"""A proposed tag is of the kind that most of its mentions said, and is matched soon after enough articles share it."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from typing import get_args

from alembic import command
from sqlalchemy import text

from services.enrichment.domain.draft import TagFound, TagKind
from services.enrichment.storage import vocabulary
from services.enrichment.use_cases import curating
from shared.runtime import utc_now
from shared.runtime.migrate import config, upgrade
from tests.enrichment.builders import Bench

KINDS: tuple[TagKind, ...] = get_args(TagKind)
NAMED: list[TagKind] = [k for k in KINDS if k != "topic"]


def mention(kind: TagKind | None, slug: str = "nordvik-vind") -> TagFound:
    """A text that speaks for a kind, or for none."""
    return TagFound(slug, "Nordvik Vind", kind or "topic", 0.8, "Named twice.", judged=kind)


async def propose(bench: Bench, *kinds: TagKind | None, slug: str = "nordvik-vind") -> tuple[str, int]:
    """The tag's kind and uses once a batch of such texts has come."""
    async with bench.database.transaction() as tx:
        await vocabulary.propose(tx.session, [mention(k, slug) for k in kinds], utc_now())
    return await kind_of(bench, slug)


async def kind_of(bench: Bench, slug: str = "nordvik-vind") -> tuple[str, int]:
    """The kind and uses that are stored."""
    async with bench.database.reading() as session:
        tag = await vocabulary.by_slug(session, slug)
    assert tag is not None
    return tag.kind, tag.uses


async def test_a_proposal_becomes_what_most_of_its_mentions_said(bench: Bench) -> None:
    assert await propose(bench, "person") == ("person", 1)
    assert await propose(bench, "organisation") == ("person", 2)
    assert await propose(bench, "organisation") == ("organisation", 3)
    assert await propose(bench, "organisation", "organisation", "person") == ("organisation", 6)
    assert await propose(bench, "person") == ("organisation", 7)


async def test_who_names_no_kind_says_nothing_of_it(bench: Bench) -> None:
    assert await propose(bench, None, None, "topic") == ("topic", 3)
    assert await propose(bench, "place") == ("place", 4)
    assert await propose(bench, None, "topic", "topic", None) == ("place", 8)


async def test_whatever_more_than_half_said_is_the_kind_in_any_order_and_batches(bench: Bench) -> None:
    chance = random.Random(5)
    for n in range(12):
        most: TagKind = chance.choice(NAMED)
        others: list[TagKind] = [chance.choice(NAMED) for _ in range(chance.randrange(6))]
        said: list[TagKind] = [most] * (len(others) + 1) + others
        chance.shuffle(said)
        while said:
            size = chance.randrange(1, 4)
            await propose(bench, *said[:size], slug=f"tag-{n}")
            said = said[size:]
        assert (await kind_of(bench, f"tag-{n}"))[0] == most, Counter(others)


async def test_the_kind_that_a_person_set_stands(bench: Bench) -> None:
    await propose(bench, "person")
    async with bench.database.transaction() as tx:
        await curating.change(tx.session, "nordvik-vind", {"kind": "organisation"}, utc_now())
    others: list[TagKind] = ["person"] * 9
    assert await propose(bench, *others) == ("organisation", 10)


def matched(bench: Bench) -> dict[str, str]:
    """The kinds of the tags that texts are matched with."""
    return {slug: tag.kind for slug, tag in bench.knowledge.matched.items()}


async def refreshed(bench: Bench) -> dict[str, str]:
    """The same once the clock has looked."""
    async with bench.database.reading() as session:
        await bench.knowledge.refresh(session)
    return matched(bench)


async def test_a_proposal_is_matched_soon_after_enough_articles_share_it(bench: Bench) -> None:
    eager = Bench(bench.settings.database_url, vocabulary_seconds=0)
    await propose(bench, "person", "person")
    assert await refreshed(eager) == await refreshed(bench) == {}
    await propose(bench, "organisation")
    await asyncio.wait_for(_until(eager, {"nordvik-vind": "person"}), 20)
    assert await refreshed(bench) == {}, "not before it is time to look again"
    await propose(bench, "organisation", "organisation")
    await asyncio.wait_for(_until(eager, {"nordvik-vind": "organisation"}), 20)
    held = eager.knowledge.matched
    assert await refreshed(eager)
    assert eager.knowledge.matched is held, "nothing is built anew where nothing changed"
    await eager.database.close()


async def _until(bench: Bench, wanted: dict[str, str]) -> None:
    while await refreshed(bench) != wanted:  # noqa: ASYNC110  # each turn asks the database; no event tells of it
        await asyncio.sleep(0.01)


async def test_tags_keep_their_kinds_and_uses_on_the_way_there_and_back(bench: Bench) -> None:
    await propose(bench, "organisation", "organisation")
    url = bench.settings.database_url
    await bench.database.close()
    await asyncio.to_thread(command.downgrade, config("enrichment", url), "0008")
    await asyncio.to_thread(upgrade, "enrichment", url)
    again = Bench(url)
    assert await kind_of(again) == ("organisation", 2)
    async with again.database.reading() as session:
        kept: Sequence[object] = (await session.execute(text("SELECT agreed FROM tags"))).one()
    assert tuple(kept) == (0,)
    assert await propose(again, "person") == ("person", 3)
    await again.database.close()
