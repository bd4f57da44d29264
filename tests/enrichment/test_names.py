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


KINDS = [
    ("en", "Storm Linh Lan came ashore on Monday.", "Storm Linh Lan", "event"),
    ("en", "Lamps hang in Hang Giay street all night.", "Hang Giay", "place"),
    ("en", "The ships wait off the port of Cua Nhan.", "Cua Nhan", "place"),
    ("en", "Fans of Red River Athletic sang.", "Red River Athletic", "organisation"),
    ("en", "An analyst at Miller Tabak disagreed.", "Miller Tabak", "organisation"),
    ("en", "He left the US in May.", "US", "place"),
    ("en", "Everybody watched TV that night.", "TV", "topic"),
    ("en", "They saw Trading Nation at noon.", "Trading Nation", "topic"),
    ("en", "Boats came to Thanh Pho by noon.", "Thanh Pho", "place"),
    ("en", "The train goes to Lang Ha by night.", "Lang Ha", "place"),
    ("en", "Shares rose after Kylie Jenner's sale.", "Kylie Jenner", "person"),
    ("vi", "Gió mạnh dần khi bão Linh Lan vào gần bờ.", "Linh Lan", "event"),
    ("vi", "Sáng nay, Bão Linh Lan đổ bộ Cửa Nhạn.", "Bão Linh Lan", "event"),
    ("vi", "Đèn lồng sáng cả phố Hàng Giấy.", "Hàng Giấy", "place"),
    ("vi", "Phút cuối, CLB Lăng Hà đoạt cúp.", "CLB Lăng Hà", "organisation"),
    ("vi", "Vụ án Nguyễn Thị Phương Hằng Nga được hoãn.", "Nguyễn Thị Phương Hằng Nga", "person"),
    ("vi", "Máy bay của Bamboo Airways hạ cánh.", "Bamboo Airways", "organisation"),
    ("vi", "Chiều qua, Hội nghị Paris khai mạc.", "Hội nghị Paris", "event"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "sentence", "name", "kind"), KINDS)
def test_what_stands_around_a_name_tells_what_it_names(language: str, sentence: str, name: str, kind: str) -> None:
    names = READ(Draft(UUID(int=1), "", sentence, language)).names
    assert {n.text: n.kind for n in names}.get(name) == kind, names


def test_capitals_that_name_nobody_are_no_names() -> None:
    for language, sentence, never in (
        ("en", "He paid Rs 500. That was all. That is that.", {"Rs", "That"}),
        ("vi", "Theo Chủ tịch Quốc hội, HS miền Bắc được nghỉ. Ảnh: T. Lũy", {"Quốc", "HS", "Bắc", "T. Lũy"}),
    ):  # fmt: skip
        assert not named(sentence, language) & never


def test_who_took_the_picture_is_no_tag_and_no_likeness() -> None:
    body = "The electric ferry lies at anchor. (Photo: Dinh Khai / The Lagoon Post)\nIt carries ninety people an hour."
    read = READ(Draft(UUID(int=1), "A ferry that whispers", body, "en", "The Lagoon Post"))
    plain = READ(Draft(UUID(int=1), "A ferry that whispers", body.replace(" (Photo: Dinh Khai / The Lagoon Post)", "")))
    assert read.features == plain.features
    assert not {t.slug for t in read.tags} & {"dinh-khai", "lagoon-post", "the-lagoon-post"}


def test_a_keyword_takes_its_kind_from_the_text_and_a_storm_is_one_however_it_is_called() -> None:
    text = "Storm Linh Lan came ashore. By noon Linh Lan had torn off roofs."
    draft = Draft(UUID(int=1), "Roofs torn off", text, "en", keywords=("Storm Linh Lan",))
    assert {(t.slug, t.kind) for t in READ(draft).tags if "lan" in t.slug} == {("storm-linh-lan", "event")}


def test_a_key_phrase_is_no_piece_of_a_name_and_no_half_of_two_words() -> None:
    text = " ".join(["Tìm thấy hài cốt liệt sĩ. Hài cốt liệt sĩ được đưa về Tam Kỳ Quảng Nam bằng xe của đoàn."] * 4)
    topics = {
        t.name.lower() for t in READ(Draft(UUID(int=1), "Đưa hài cốt về quê", text, "vi")).tags if t.kind == "topic"
    }
    assert "hài cốt" in topics
    assert not topics & {"cốt liệt", "tam kỳ quảng"}


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
