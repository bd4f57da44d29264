"""Any labelled file is read: whatever its encoding, separators and labels are, or it is said what is wrong with it."""

from pathlib import Path

import pytest

from services.moderation.domain.evaluation import Example
from services.moderation.use_cases.evaluating import split
from services.moderation.use_cases.labelled import BadFile, bad_labels, examples, read_labelled
from services.moderation.use_cases.learning import lexicon

LINES = ["Comment,Label", '"Bài viết rất hay, cảm ơn",0', '"đồ ngu, câm đi",1', "no label here,", "thằng chó,1"]


def written(folder: Path, lines: list[str], encoding: str = "utf-8", name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    found = read_labelled(written(tmp_path, LINES, encoding), "Comment", "Label")
    assert found.rows == (("Bài viết rất hay, cảm ơn", "0"), ("đồ ngu, câm đi", "1"), ("thằng chó", "1"))
    assert "1 rows without text or label were left out" in found.notes


def test_what_old_spreadsheets_write_is_read_and_told(tmp_path: Path) -> None:
    found = read_labelled(written(tmp_path, ["text,label", "quel café “génial”,ok"], "cp1252"), "text", "label")
    assert found.rows == (("quel café “génial”", "ok"),)
    assert any("cp1252" in note for note in found.notes)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["id;text;label", '1;"a; b";x'], "file.csv"),
        (["id\ttext\tlabel", "1\ta; b\tx"], "file.tsv"),
        (["id\ttext\tlabel", "1\ta; b\tx"], "file.csv"),
        (["id|text|label", "1|a; b|x"], "file.txt"),
        (["", "id, Text ,LABEL", "1,a; b,x"], "file.csv"),
    ],
)
def test_the_separator_is_found_out(tmp_path: Path, lines: list[str], name: str) -> None:
    assert read_labelled(written(tmp_path, lines, name=name), "text", "label").rows == (("a; b", "x"),)


def test_a_quotation_mark_in_a_file_with_tabs_is_just_a_sign(tmp_path: Path) -> None:
    lines = ["text\tlabel", 'he said "no\t1', 'and "yes\t0']
    rows = read_labelled(written(tmp_path, lines, name="file.tsv"), "text", "label").rows
    assert rows == (('he said "no', "1"), ('and "yes', "0"))


@pytest.mark.parametrize(
    ("labels", "bad"),
    [
        ({"0", "1"}, {"1"}),
        ({"0.0", "0.2", "0.7"}, {"0.7"}),
        ({"hate", "not hate"}, {"hate"}),
        ({"off", "not"}, {"off"}),
        ({"toxic", "non-toxic", "severe"}, {"toxic", "severe"}),
        ({"clean", "offensive", "hate"}, {"offensive", "hate"}),
        ({"sạch", "xúc phạm"}, {"xúc phạm"}),
        ({"true", "false"}, {"true"}),
        ({"none", "racism", "sexism"}, {"racism", "sexism"}),
        ({"0", "1", "2"}, {"1", "2"}),
    ],
)
def test_which_labels_are_bad_is_found_out(labels: set[str], bad: set[str]) -> None:
    assert bad_labels([("some text", label) for label in sorted(labels)], lexicon())[0] == bad


def test_the_harmless_number_is_that_whose_texts_hold_fewest_listed_words() -> None:
    rows = [("you idiot", "0"), ("you moron", "1"), ("good morning", "2")]
    assert bad_labels(rows, lexicon())[0] == {"0", "1"}


@pytest.mark.parametrize(
    ("lines", "columns", "says"),
    [
        (["a,b", "x,1"], ("text", "b"), "no column 'text'; there are 'a', 'b'"),
        (["text,label", "x,1", "y,1"], ("text", "label"), "all 2 texts are of one kind"),
        (["text,label", "x,", "y,"], ("text", "label"), "no row has both"),
        ([""], ("text", "label"), "the file is empty"),
        (["text,label", *(f"{n},said {n}" for n in range(90))], ("text", "label"), "is it the label"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, lines: list[str], columns: tuple[str, str], says: str) -> None:
    with pytest.raises(BadFile, match=says):
        examples(written(tmp_path, lines), *columns, "", lexicon())


def test_a_text_that_stands_there_twice_is_on_one_side() -> None:
    rows = [Example(f"text {n % 40}", n % 2 == 0) for n in range(120)]
    train, test = split(rows, seed=3)
    assert len(train) + len(test) == 120
    assert not {row.text for row in train} & {row.text for row in test}
