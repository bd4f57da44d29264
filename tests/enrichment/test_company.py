"""What is doubtful is judged by its company, and syllables by their letters, wherever the tone was typed."""

from uuid import uuid4

import numpy as np
import pytest

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.features import PAIR, Features, company, compare
from services.enrichment.domain.known import KnownArticle
from services.enrichment.domain.relate import SURE, Asking, likenesses
from services.enrichment.domain.syllable import toned
from tests.enrichment.test_bad_input import READ


def article(*keys: int) -> Features:
    """An article of these terms, every third of them a pair, all of one weight."""
    flags = [PAIR if key % 3 == 2 else 0 for key in keys]
    return Features.of(list(keys), np.ones(len(keys)), np.ones(len(keys)), np.array(flags, dtype=np.uint8))


def ranked(mine: Features, *others: Features) -> tuple[list[int], list[float]]:
    """The numbers of others from 1 on, most alike first, and their scores."""
    known = [KnownArticle(n, uuid4(), "published", "en", features=f) for n, f in enumerate(others, 1)]
    found = likenesses(Asking(mine, {}, language="en"), known)
    return [x.article.number for x in found], [x.score for x in found]


MINE = article(*range(10))
NEAR = [article(*range(6), *range(100 + n, 106 + n)) for n in range(3)]
STRANGER = article(8, 9, *range(200, 210))
FELLOW = article(9, *range(100, 106), *range(300, 305))


def test_a_doubtful_article_that_is_like_the_nearest_comes_before_one_that_is_like_nothing_else() -> None:
    assert compare(MINE, [STRANGER])[0][0] > compare(MINE, [FELLOW])[0][0]
    numbers, scores = ranked(MINE, *NEAR, STRANGER, FELLOW)
    assert numbers == [1, 2, 3, 5, 4]
    assert scores == sorted(scores, reverse=True)


def test_company_moves_neither_the_nearest_nor_who_is_sure() -> None:
    sure = article(*range(4), *range(400, 408))
    before, after = ranked(MINE, *NEAR, sure), ranked(MINE, *NEAR, sure, FELLOW)
    assert compare(MINE, [sure])[0][0] * 0.55 >= SURE["en"]
    assert before[0] == [1, 2, 3, 4]
    assert after[0][:4] == before[0]
    assert after[1][:4] == pytest.approx(before[1])
    steep = [article(*range(9 - 2 * n), *range(600 + 10 * n, 604 + 10 * n)) for n in range(4)]
    alone = [ranked(MINE, one)[1][0] for one in steep[:3]]
    assert ranked(MINE, *steep, FELLOW)[1][:3] == pytest.approx(alone)
    assert alone == sorted(set(alone), reverse=True)


def test_where_nothing_is_near_nothing_is_made_of_it() -> None:
    strangers = [article(*range(500 + 10 * n, 510 + 10 * n)) for n in range(5)]
    assert ranked(MINE, *strangers)[0] == [1, 2, 3, 4, 5]
    assert ranked(MINE) == ([], [])
    assert ranked(Features.empty(), *NEAR, Features.empty())[0] == [1, 2, 3, 4]


def test_several_are_compared_as_one_by_one() -> None:
    ones, weights = [MINE, NEAR[0], FELLOW], [0.5, 0.3, 0.1]
    others = [STRANGER, *NEAR, Features.empty()]
    apart = [w * compare(one, others)[:, [0, 5]].mean(axis=1) for w, one in zip(weights, ones, strict=True)]
    assert company(ones, weights, others) == pytest.approx(sum(apart) / sum(weights), abs=1e-6)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ngươì", "người"), ("hoà", "hòa"), ("thuỷ", "thủy"), ("giưã", "giữa"), ("gỉai", "giải"), ("qúy", "quý"),
        ("giêng", "giêng"), ("gì", "gì"), ("khuỷu", "khuỷu"), ("hoàn", "hoàn"), ("tuần", "tuần"), ("ngoaì", "ngoài"),
        ("café", "café"), ("naïve", "naïve"), ("straße", "straße"), ("déjà", "déjà"), ("việt-nam", "việt-nam"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_tone_is_set_where_it_belongs_and_what_is_no_syllable_stays(typed: str, meant: str) -> None:
    assert toned(typed) == meant
    assert toned(meant) == meant


def test_two_texts_that_set_their_tones_differently_have_the_same_terms() -> None:
    body = "Hội nghị bàn về hòa bình ở biên giới, người dân mong thủy điện giữa hai nước sớm được thỏa thuận. "
    other = body.replace("hòa", "hoà").replace("người", "ngươì").replace("thủy", "thuỷ").replace("giữa", "giưã")
    one, two = (READ(Draft(uuid4(), "Hội nghị", text, "vi")) for text in (body, other))
    assert two.language == "vi"
    assert np.array_equal(one.features.keys(), two.features.keys())
