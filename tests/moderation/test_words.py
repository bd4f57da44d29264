"""Listed words are found through disguises, with their spans, and clean words are not."""

import random

import pytest

from services.moderation.domain.attacks import DISGUISES
from services.moderation.domain.text import read
from services.moderation.domain.wordlist import ListError, Matcher, parse
from services.moderation.use_cases.learning import lexicon

MATCHER = Matcher(
    parse("shit | profanity | +\nđịt mẹ | profanity\nlồn | sexual | =\nthằng ngu | insult\nass | profanity")
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("what sh1t is this", "sh1t"),
        ("what s h i t is this", "s h i t"),
        ("what s.h.i.t is this", "s.h.i.t"),
        ("what sh*t is this", "sh*t"),
        ("what shiiiiit is this", "shiiiiit"),
        ("what ѕһіt is this", "ѕһіt"),
        ("what s\u200bh\u200bi\u200bt is this", "s\u200bh\u200bi\u200bt"),
        ("what ｓｈｉｔ is this", "ｓｈｉｔ"),
        ("what s̶h̶i̶t̶ is this", "s̶h̶i̶t"),
        ("shitty day", "shitty"),
        ("dit me that", "dit me"),
        ("đ.ị.t m.ẹ nhé", "đ.ị.t m.ẹ"),
        ("cái lồn gì", "lồn"),
        ("thang ngu that", "thang ngu"),
    ],
)
def test_a_disguised_word_is_found_where_it_stands(text: str, found: str) -> None:
    spans = [text[start:end] for start, end in (hit.span for hit in MATCHER.find(read(text)))]
    assert spans == [found]


@pytest.mark.parametrize(
    "text",
    [
        "a classic assessment of the bass",
        "the ship sits in the harbour",
        "lon bia lớn lên",
        "as I said",
        "455 people",
        "this hit",
    ],
)
def test_other_words_are_not_found(text: str) -> None:
    assert MATCHER.find(read(text)) == ()


def test_nearly_all_listed_words_survive_every_disguise() -> None:
    entries = lexicon().entries
    missed = 0
    for name, attack in DISGUISES.items():
        chance = random.Random(name)
        for entry in entries:
            text = f"well {attack(entry.term, chance)} indeed"
            missed += not lexicon().find(read(text))
    assert missed / (len(entries) * len(DISGUISES)) <= 0.03


@pytest.mark.parametrize("line", ["word", "word | insult | ?", "x | insult"])
def test_a_bad_line_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(ListError, match="house, line 2"):
        parse(f"# a comment\n{line}", "house")
