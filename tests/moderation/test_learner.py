"""The learner is a fold over decisions: the same decisions give the same bits, and evidence bounds what it may do."""

import random

import numpy as np
import pytest

from services.moderation.domain.evaluation import Example, auc, scores_of, teach
from services.moderation.domain.features import features
from services.moderation.domain.learner import Learner, from_bytes
from services.moderation.domain.text import read
from services.moderation.domain.thresholds import bounded, derive
from services.moderation.use_cases.learning import lexicon

RUDE = ["you are useless and vile", "such vile rubbish from vile people", "nobody likes your sort, get lost"]
KIND = ["thank you for this story", "the bridge opens in spring", "what a lovely photograph of the lake"]


def some_examples(count: int, seed: int = 1) -> list[Example]:
    chance = random.Random(seed)
    return [
        Example(" ".join(chance.sample(chance.choice(RUDE if bad else KIND).split(), 4)), bad)
        for bad in (chance.random() < 0.4 for _ in range(count))
    ]


def test_the_same_decisions_give_the_same_bits() -> None:
    examples = some_examples(60)
    assert teach(examples, lexicon()).digest() == teach(examples, lexicon()).digest()
    assert teach(examples, lexicon()).digest() != teach(examples[::-1], lexicon()).digest()


def test_a_model_taken_up_again_goes_on_as_if_it_had_never_been_put_down() -> None:
    examples = some_examples(60)
    halfway = from_bytes(teach(examples[:30], lexicon()).to_bytes("v"), "v")
    assert teach(examples[30:], lexicon(), halfway).digest() == teach(examples, lexicon()).digest()


def test_a_model_made_with_other_features_is_refused() -> None:
    with pytest.raises(ValueError, match="rebuild"):
        from_bytes(Learner().to_bytes("old"), "new")


def test_it_learns_to_tell_them_apart() -> None:
    test = some_examples(80, seed=2)
    labels = np.array([example.bad for example in test], np.int8)
    assert auc(scores_of(teach(some_examples(80), lexicon()), [e.text for e in test], lexicon()), labels) > 0.95


def test_a_heavier_decision_teaches_more() -> None:
    lesson = features(read("an odd word: brumal"), lexicon())
    light, heavy = Learner(), Learner()
    light.learn(lesson, True, 1.0)
    heavy.learn(lesson, True, 3.0)
    assert heavy.bias > light.bias > 0


def test_an_empty_text_has_a_score() -> None:
    assert Learner().score(features(read(""), lexicon())) == 0.5


def test_thin_evidence_draws_no_line() -> None:
    scores, labels = np.array([0.1] * 50 + [0.9] * 50, np.float32), np.array([0] * 50 + [1] * 50, np.int8)
    drawn = derive(scores, labels, leak=0.02, precision=0.98, confidence=0.95, evidence=200)
    assert (drawn.hold_from, drawn.reject_from, drawn.evidence) == (None, None, 100)


def test_much_evidence_draws_both_lines_and_they_keep_their_promise() -> None:
    chance = np.random.default_rng(3)
    scores = chance.random(20_000).astype(np.float32)
    labels = (chance.random(20_000) < scores**3).astype(np.int8)
    drawn = derive(scores[:10_000], labels[:10_000], leak=0.02, precision=0.9, confidence=0.95, evidence=200)
    assert drawn.hold_from is not None
    assert drawn.reject_from is not None
    rest, truth = scores[10_000:], labels[10_000:]
    assert truth[rest < drawn.hold_from].mean() <= 0.02
    assert truth[rest >= drawn.reject_from].mean() >= 0.9


def test_a_bound_is_clopper_and_pearsons() -> None:
    """299 without an error bound the share by 1 % with 95 % confidence: the rule of three, exactly."""
    assert bounded(0, 299, 0.01, 0.95)
    assert not bounded(0, 298, 0.01, 0.95)
    assert not bounded(1, 299, 0.01, 0.95)
