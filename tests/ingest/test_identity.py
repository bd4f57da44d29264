"""One identity for one story: at least 400 labelled pairs, precision ≥ 0.99 and recall ≥ 0.95."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.identity import Known, fingerprint, keys_of, same_story, sketch, tells_another_story
from services.ingest.domain.items import Item
from services.ingest.domain.revisions import compare, word_diff
from tests.ingest.builders import PARAGRAPHS
from tests.ingest.pairs import Pair, pairs


def judged_same(pair: Pair) -> bool:
    """What ingest decides, as taking does: by guid, by address unless the text says otherwise, by the text."""
    known = Known("1", pair.one.headline, pair.one.body_text, pair.one.published_at, pair.one.guid)
    shared = set(keys_of(pair.one)) & set(keys_of(pair.other))
    if any(key.startswith("guid:") for key in shared):
        return True
    if shared and not tells_another_story(known, pair.other):
        return True
    found = bool(set(sketch(pair.one.body_text)) & set(sketch(pair.other.body_text)))
    return found and same_story(known, pair.other) is not None


@pytest.mark.parametrize("seed", [7, 1, 2, 3, 4])
def test_identity_is_as_precise_and_complete_as_we_say(seed: int) -> None:
    made = pairs(seed)
    assert len(made) >= 400
    judged = [(pair, judged_same(pair)) for pair in made]
    right = sum(pair.same and said for pair, said in judged)
    precision = right / sum(said for _, said in judged)
    recall = right / sum(pair.same for pair in made)
    wrong = Counter((pair.kind, said) for pair, said in judged if pair.same != said)
    assert precision >= 0.99, wrong
    assert recall >= 0.95, wrong


def test_a_home_page_is_no_storys_address() -> None:
    assert keys_of(Item(url="https://lagoon.example/")) == []


def an_item(body: str, headline: str = "Harbour board widens the channel", **given: object) -> Item:
    return Item.model_validate({"headline": headline, "body_text": body, **given})


def test_kinds_of_change_are_told_apart() -> None:
    old = an_item("\n".join(PARAGRAPHS))
    corrected = (
        PARAGRAPHS[4].replace("seven to four", "eight to three") + " Correction: an earlier version gave another count."
    )
    kinds = {
        "trivial": an_item(
            "\n".join([*PARAGRAPHS[:2], PARAGRAPHS[2].replace("pointed to", "pointed at"), *PARAGRAPHS[3:]])
        ),
        "correction": an_item("\n".join([*PARAGRAPHS[:4], corrected])),
        "addition": an_item(
            "\n".join(
                [*PARAGRAPHS, "The court said it would hear the fishermen in May and decide before the summer recess."]
            )
        ),
        "update": an_item(
            "\n".join(
                ["Everything about the vote has changed since this morning, the clerk said." * 3, *PARAGRAPHS[3:]]
            )
        ),
    }
    for kind, new in kinds.items():
        change = compare(old, new)
        assert change is not None
        assert change.kind == kind
    assert compare(old, old) is None


def test_a_picture_with_another_address_is_no_change_and_one_with_another_caption_is() -> None:
    old = an_item("x", pictures=[{"url": "https://a.example/1.jpg", "caption": "Dawn"}])
    assert compare(old, an_item("x", pictures=[{"url": "https://cdn.example/1-800.jpg", "caption": "Dawn"}])) is None
    assert compare(old, an_item("x", pictures=[{"url": "https://a.example/1.jpg", "caption": "Dusk"}])) is not None


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_word_diff_holds_both_texts(old: str, new: str) -> None:
    runs = word_diff(old, new)
    assert " ".join(text for sign, text in runs if sign in "=-").split() == old.split()
    assert " ".join(text for sign, text in runs if sign in "=+").split() == new.split()


@given(st.text(max_size=200))
def test_a_fingerprint_ignores_case_and_blanks(text: str) -> None:
    assert fingerprint(text, text) == fingerprint(f" {text}\n", f"\t{text}  ")
