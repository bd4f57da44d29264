"""What many articles of late have says less: counted from their rows, by every process alike."""

from uuid import uuid4

import numpy as np
import pytest

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.rarity import Lately
from tests.enrichment.builders import COLLECTION, Bench, from_collection
from tests.enrichment.test_hearing import hear


def rarity(lately: Lately, key: int, background: float = 3.0) -> float:
    """Of one term that counts for a hundred unseen articles."""
    return float(lately.rarities("vi", [key], [background], [100.0])[0])


def test_a_term_of_many_articles_is_less_rare_and_one_unseen_slowly_rarer() -> None:
    lately = Lately()
    assert rarity(lately, 7) == 3.0
    for _ in range(200):
        lately.add("vi", np.array([7], dtype=np.int32))
    assert rarity(lately, 7) < 0.2
    assert 2.0 < rarity(lately, -8, background=6.0) < rarity(lately, -8, background=7.0) < 3.0
    assert float(lately.rarities("en", [7], [3.0], [100.0])[0]) == 3.0


def test_what_came_long_ago_fades() -> None:
    lately = Lately()
    for _ in range(9_000):
        lately.add("vi", np.array([7], dtype=np.int32))
    once = rarity(lately, 7)
    for _ in range(40_000):
        lately.add("vi", np.array([8], dtype=np.int32))
    assert rarity(lately, 7) > once + 0.5
    assert rarity(lately, 8) == pytest.approx(0.0, abs=0.1)


async def test_every_process_counts_what_is_stored_and_weighs_alike(bench: Bench) -> None:
    headline, body, language = COLLECTION["rail_vi"]
    draft = Draft(uuid4(), headline, body, language)
    before = bench.enricher.read(draft).features
    await hear(bench, *[from_collection("rail_vi") for _ in range(4)], *[from_collection("bridge") for _ in range(4)])
    assert bench.enricher.read(draft).features == before
    other = Bench(bench.settings.database_url)
    async with bench.database.reading() as session:
        await bench.knowledge.refresh(session)
        await bench.knowledge.refresh(session)
        await other.knowledge.refresh(session)
    after = bench.enricher.read(draft).features
    assert after == other.enricher.read(draft).features != before
    english = Draft(uuid4(), *COLLECTION["bridge"])
    told = bench.enricher.read(english).features
    assert (
        told
        == other.enricher.read(english).features
        != Bench(bench.settings.database_url).enricher.read(english).features
    )
