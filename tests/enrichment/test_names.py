"""Names in sentences that people labelled: who and what is named, and where a capital is only a capital."""

from pathlib import Path
from uuid import UUID

import pytest

from services.enrichment.domain.draft import Draft
from services.enrichment.use_cases.evaluate.entities import marked_sentences, measure_entities
from services.enrichment.use_cases.evaluate.files import BadFile
from tests.enrichment.test_bad_input import READ

SENTENCES = Path(__file__).parent / "sentences"


def named(sentence: str, language: str = "en") -> set[str]:
    """The names found in a sentence."""
    return {n.text for n in READ(Draft(UUID(int=1), "", sentence, language)).names}


@pytest.mark.parametrize(("language", "least"), [("en", 0.88), ("vi", 0.85)])
def test_names_in_sentences_kept_apart_are_found(language: str, least: float) -> None:
    measured = measure_entities(SENTENCES / f"{language}.txt", READ)
    assert measured["sentences"] >= 300
    assert measured["untyped_f1_even"] >= least
    assert measured["untyped_f1_even"] > measured["capitals_f1_even"]


def test_every_sentence_is_another_and_every_mark_is_understood() -> None:
    for path in SENTENCES.glob("*.txt"):
        said = [sentence for sentence, _ in marked_sentences(path)]
        assert len(said) == len(set(said))
        assert not [s for s in said if "[" in s or "]" in s]


def test_titles_owners_and_first_words_are_no_part_of_a_name() -> None:
    assert named("Prime Minister Ada Quill met Belgium's King Philippe near the Gulf of Tonkin on Monday.") == {
        "Ada Quill", "Belgium", "Philippe", "Gulf of Tonkin",
    }  # fmt: skip
    assert named("Farmers in Kashmir and Queens want help from the Food and Drug Administration.") == {
        "Kashmir", "Queens", "Food and Drug Administration",
    }  # fmt: skip
    assert named("Tổng thống Nga Vladimir Putin gọi điện cho ông Trump và thăm Bộ Quốc phòng Nga.", "vi") == {
        "Nga", "Vladimir Putin", "Trump", "Bộ Quốc phòng Nga",
    }  # fmt: skip


def test_who_tells_a_story_is_no_tag_of_it() -> None:
    text = "Reuters said the Lagoon Bridge is open. Photos by Reuters show the Lagoon Bridge. Mai Tran, Reuters."
    tags = READ(Draft(UUID(int=1), "Lagoon Bridge opens", text, "en", "Lagoon Post", ("Mai Tran",))).tags
    assert "lagoon-bridge" in {t.slug for t in tags}
    assert not {t.slug for t in tags} & {"reuters", "mai-tran", "lagoon-post"}


def test_a_file_without_marks_or_with_strange_ones_says_what_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "en.txt"
    path.write_text("Nobody is named here.\n", encoding="utf-8")
    with pytest.raises(BadFile, match="no names are marked"):
        measure_entities(path, READ)
    path.write_text("[X Ada] is.\n", encoding="utf-8")
    with pytest.raises(BadFile, match="line 1"):
        measure_entities(path, READ)
