"""Texts nobody would call an article: each has a defined answer, none takes long, nothing is tagged with furniture."""

import time
from uuid import UUID

import pytest

from services.enrichment.app import reading_steps
from services.enrichment.domain.draft import Draft
from services.enrichment.domain.learner import Learner
from services.enrichment.domain.vocabulary import Vocabulary
from services.enrichment.steps.section import GuessSection
from services.enrichment.steps.tags import ChooseTags
from tests.enrichment.builders import BRIDGE, RAIL_VI

READ = reading_steps(ChooseTags(Vocabulary.of([])), GuessSection(Learner()))


READ(Draft(UUID(int=0), "Warm", BRIDGE, "en"))
READ(Draft(UUID(int=0), "Warm", RAIL_VI, "vi"))


def read(headline: str, body: str, declared: str = "und") -> Draft:
    """Read a text through all steps."""
    return READ(Draft(UUID(int=1), headline, body, declared))


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "…", "\x00\x00", "🦆🦆🦆", "\u200b"])
def test_a_text_without_words_has_no_tags_and_keeps_the_declared_language(text: str) -> None:
    draft = read(text, text, "vi")
    assert (draft.language, draft.tags, draft.guess, draft.summary, draft.fingerprints) == ("vi", (), None, (), ())
    assert len(draft.features) == 0


def test_one_word_is_read_without_guessing() -> None:
    draft = read("Flood", "Flood", "en")
    assert draft.language == "en"
    assert draft.fingerprints == ()


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "a" * 1_000_000,
        "A. " * 330_000,
        "Á" * 500_000,
        "“‘" * 500_000,
        "Nguyễn Văn " * 90_000,
        "1,2.3:4" * 140_000,
        "U.S." * 250_000,
        "x-" * 500_000,
        "\n" * 1_000_000,
        "Mr. " * 250_000,
        "read more " * 100_000,
    ],
    ids=lambda t: t[:6].strip() + "…",
)
def test_no_text_takes_a_second(text: str) -> None:
    began = time.process_time()
    read(text[:500], text)
    assert time.process_time() - began < 1.0, "CPU time, so that a busy machine does not matter"


def test_a_text_in_capitals_is_read_as_words() -> None:
    draft = read("BRIDGE OPENS", BRIDGE.upper(), "en")
    assert draft.language == "en"
    assert len(draft.features) > 20


def test_page_furniture_is_no_tag_and_no_term() -> None:
    furniture = "Read more\nCopy link\nShare on Facebook\nAdvertisement\nXem thêm\nSao chép liên kết\nẢnh: TTXVN\n"
    draft = read("First girder set in place", f"{furniture}{BRIDGE}\n{furniture}", "en")
    said = " ".join([t.name.lower() for t in draft.tags] + list(draft.summary))
    assert not any(w in said for w in ("read more", "copy link", "xem thêm", "facebook", "sao chép", "advertisement"))
    alone = read("", furniture, "en")
    assert alone.tags == ()


def test_a_text_in_two_languages_gets_the_one_it_is_mostly_in() -> None:
    assert read("", RAIL_VI + "\n" + BRIDGE[:120], "en").language == "vi"
    assert read("", BRIDGE + "\n" + RAIL_VI[:60], "vi").language == "en"


def test_what_was_declared_wrongly_is_said() -> None:
    draft = read("First girder set in place", BRIDGE, "vi")
    assert draft.language == "en"
    assert draft.language_note == "declared vi, reads as en"


def test_hard_wrapped_copy_reads_like_flowing_copy() -> None:
    flowing = read("T", BRIDGE.replace("\n", " "), "en")
    wrapped = read("T", BRIDGE, "en")
    assert {t.slug for t in wrapped.tags} == {t.slug for t in flowing.tags}


def test_a_possessive_is_the_same_name_and_the_outlet_is_no_topic() -> None:
    text = "Harlan Voss won the vote in Ostmark, the Lagoon Post reported. Harlan Voss's party cheered in Ostmark."
    tagged = READ(Draft(UUID(int=1), "Harlan Voss's victory in Ostmark", text, "en", "Lagoon Post"))
    names = [tag.name for tag in tagged.tags]
    assert "Harlan Voss" in names
    assert not [name for name in names if name.endswith("'s") or name == "Lagoon Post"]
