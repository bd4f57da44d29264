"""What sections are learned from: counts, the formula over them, and choices taken back."""

from math import exp, isclose, log
from uuid import UUID

import numpy as np

from services.enrichment.domain.draft import Draft
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.told import Rows, Told
from services.enrichment.steps.read import number_words, read_text
from services.enrichment.steps.section import section_words, told_of

CHOSEN = [("sport", ["goal", "match", "team", "the match"])] * 12 + [("business", ["bank", "market", "team"])] * 9


def test_sections_are_ranked_by_their_words_against_all_others() -> None:
    learner = Learner()
    for section, words in CHOSEN:
        learner.learn(section, words)
    (first, share, why), (second, rest, _) = learner.ranked(Told.of(["goal", "team", "the match", "never seen"]))
    smooth = 0.4
    scores = {
        "sport": 3 * log((27 + smooth * 6) / (48 + smooth * 6))
        + 2 * log((12 + smooth) / smooth)
        + log((12 + smooth) / (9 + smooth)),
        "business": 3 * log((48 + smooth * 6) / (27 + smooth * 6))
        + 2 * log(smooth / (12 + smooth))
        + log((9 + smooth) / (12 + smooth)),
    }
    assert scores.keys() == {first, second}
    expected = 1 / (1 + exp((scores["business"] - scores["sport"]) / 4))
    assert (first, why) == ("sport", "goal, team")
    assert isclose(share, expected)
    assert isclose(share + rest, 1)


def test_a_choice_taken_back_leaves_no_trace_in_the_ranking() -> None:
    steady, wavering = Learner(), Learner()
    for section, words in CHOSEN:
        steady.learn(section, words)
        wavering.learn("business" if section == "sport" else "sport", words)
        wavering.learn("business" if section == "sport" else "sport", words, -1)
        wavering.learn(section, words)
    assert sorted(steady.ranked(Told.of(["goal", "bank"]))) == sorted(wavering.ranked(Told.of(["goal", "bank"])))


def test_more_sections_and_words_than_at_first() -> None:
    learner = Learner()
    for at in range(40):
        learner.learn(f"section-{at}", [f"word{at}-{n}" for n in range(100)])
        learner.learn(f"section-{at}", [f"word{at}-{n}" for n in range(100)])
    assert learner.ranked(Told.of(["word33-7", "word33-8"]))[0][0] == "section-33"
    assert learner.ranked(Told.of([])) != []
    assert learner.chosen("section-33") == 2


def test_what_a_text_tells_is_the_same_in_words_and_in_numbers() -> None:
    text = "Talks failed. The talks' end came late: O'Neill says 1,000 buses left the bus station, 7 at once. " * 3
    for language in ("en", "vi"):
        draft = number_words(
            read_text(Draft(UUID(int=1), "Bus talks failed in Hà Nội", text, language, language=language))
        )
        kept, met = Told.of(section_words(draft)), told_of(draft)
        assert sorted(kept.keys.tolist()) == sorted(met.keys.tolist())
        assert sorted(kept.written([*range(kept.named)])) == sorted(met.written([*range(met.named)]))


def test_keys_that_share_a_place_keep_a_number_each() -> None:
    rows, chance = Rows(), np.random.default_rng(5)
    keys = np.unique(chance.integers(0, 2**63, 20_000).astype(np.uint64) & np.uint64(2**63 - 4096))
    for part in np.array_split(chance.permutation(keys), 7):
        rows.add(part)
    found = rows.find(keys)
    assert sorted(found.tolist()) == [*range(len(keys))]
    assert rows.find(keys + np.uint64(1)).tolist() == [-1] * len(keys)
