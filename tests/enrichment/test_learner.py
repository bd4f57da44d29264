"""What sections are learned from: counts, the formula over them, and choices taken back."""

from math import exp, isclose, log

from services.enrichment.domain.learner import Learner

CHOSEN = [("sport", ["goal", "match", "team", "the match"])] * 12 + [("business", ["bank", "market", "team"])] * 9


def test_sections_are_ranked_by_their_words_against_all_others() -> None:
    learner = Learner()
    for section, words in CHOSEN:
        learner.learn(section, words)
    (first, share, why), (second, rest, _) = learner.ranked(["goal", "team", "the match", "never seen"])
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
    assert sorted(steady.ranked(["goal", "bank"])) == sorted(wavering.ranked(["goal", "bank"]))


def test_more_sections_and_words_than_at_first() -> None:
    learner = Learner()
    for at in range(40):
        learner.learn(f"section-{at}", [f"word{at}-{n}" for n in range(100)])
        learner.learn(f"section-{at}", [f"word{at}-{n}" for n in range(100)])
    assert learner.ranked(["word33-7", "word33-8"])[0][0] == "section-33"
    assert learner.ranked([]) != []
    assert learner.chosen("section-33") == 2
