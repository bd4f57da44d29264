"""Bylines, wires and picture credits as pages write them."""

import pytest

from services.ingest.domain.credits import people, read_byline, split_credit, wire_in_text


@pytest.mark.parametrize(
    ("text", "byline", "wire"),
    [
        ("Hoa Vu (Source: Reuters)", "Hoa Vu", "Reuters"),
        ("Hoa Vũ (Nguồn: Reuters)", "Hoa Vũ", "Reuters"),
        ("Minh Anh (Theo TTXVN)", "Minh Anh", "TTXVN"),
        ("By Jane Doe, Reuters", "Jane Doe", "Reuters"),
        ("By Jane Doe and John Smith", "Jane Doe, John Smith", None),
        ("Lan Anh/TTXVN", "Lan Anh", "TTXVN"),
        ("By Associated Press", None, "AP"),
        ("(Source: Xinhua)", None, "Xinhua"),
        ("By Jane Doe, Staff Writer", "Jane Doe", None),
    ],
)
def test_a_credit_line_is_a_person_and_a_wire(text: str, byline: str | None, wire: str | None) -> None:
    read = read_byline(text)
    assert read is not None
    assert (read.byline, read.wire) == (byline, wire)
    assert read.raw == text


@pytest.mark.parametrize(
    "text",
    [
        "The minister said so on Tuesday.",
        "Prices rose by 3 %.",
        "Hanoi",
        "By 2030 the port will be twice as large.",
        "",
    ],
)
def test_a_sentence_is_no_credit(text: str) -> None:
    assert read_byline(text) is None


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("According to Reuters , the Kremlin reacted cautiously.", "Reuters"),
        ("WASHINGTON (AP) — The president said", "AP"),
        ("HANOI, Nov 6 (VNA) – The minister", "TTXVN"),
        ("Theo hãng tin Reuters, Điện Kremlin phản ứng thận trọng.", "Reuters"),
        ("Citing the news agency Xinhua, the paper wrote", "Xinhua"),
    ],
)
def test_a_wire_named_in_the_first_paragraphs_is_found(text: str, wire: str) -> None:
    found = wire_in_text(text)
    assert found is not None
    assert found[0] == wire


@pytest.mark.parametrize(
    "text",
    [
        "He put the cap on according to ap-proved rules.",
        "One.\nTwo.\nThree.\nAccording to Reuters, four.",
        "The Reuters building",
    ],
)
def test_other_words_are_no_wire(text: str) -> None:
    assert wire_in_text(text) is None


@pytest.mark.parametrize(
    ("caption", "plain", "credit"),
    [
        ("Trump meets Putin in Osaka. (Photo: Reuters)", "Trump meets Putin in Osaka.", "Reuters"),
        ("Bộ trưởng phát biểu. Ảnh: TTXVN", "Bộ trưởng phát biểu.", "TTXVN"),
        ("Cảng biển (Ảnh: Minh Anh/TTXVN)", "Cảng biển", "Minh Anh/TTXVN"),
        ("A bridge. Photo by Jane Doe", "A bridge.", "Jane Doe"),
        ("(Nguồn: AFP)", "", "AFP"),
        ("A harbour at dawn", "A harbour at dawn", None),
        (
            "The photo shows: nothing much of it at all to see here",
            "The photo shows: nothing much of it at all to see here",
            None,
        ),
    ],
)
def test_a_caption_and_its_credit_are_told_apart(caption: str, plain: str, credit: str | None) -> None:
    assert split_credit(caption) == (plain, credit)


def test_author_names_lose_addresses_agencies_and_repetition() -> None:
    assert people(["By Jane Doe", "Jane Doe", "https://x.example/jane", "Reuters", "a@b.example", "Lan và Minh"]) == [
        "Jane Doe",
        "Lan",
        "Minh",
    ]
