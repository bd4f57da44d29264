"""Measuring on files of any origin: what is found is counted right, and a bad file is named with its line."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.enrichment.__main__ import main
from services.enrichment.use_cases.evaluate.files import Labelled
from services.enrichment.use_cases.evaluate.related import scores
from services.enrichment.use_cases.evaluate.stories import bcubed
from tests.enrichment.builders import COLLECTION

LONG = " ".join(body for _, body, language in COLLECTION.values() if language == "en")


def lines(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "some.jsonl") -> str:
    """A file of JSON lines."""
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def articles(**change: Any) -> list[dict[str, Any]]:
    """Two stories of two articles; `change` is put into the third."""
    told = [(s, COLLECTION[n]) for s, n in (("a", "bridge"), ("a", "again"), ("b", "coffee"), ("b", "tennis"))]
    rows = [
        {"id": str(at), "story": f"t-{at // 2}-{s}", "title": t, "text": b, "lang": lang}
        for at, (s, (t, b, lang)) in enumerate(told)
    ]
    rows[2] |= change
    return rows


def figures(capsys: pytest.CaptureFixture[str], *asked: str) -> dict[str, dict[str, float]]:
    """What `evaluate` answers."""
    assert main(["evaluate", *asked]) == 0
    answer: dict[str, dict[str, float]] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize("kind", ["related", "stories"])
@pytest.mark.parametrize(
    "change", [{"lang": None}, {"lang": "xx"}, {"lang": 7}, {"title": None}, {"text": ""}, {"text": "a\ud800b"},
               {"story": 12}, {"story": None}, {"id": "0"}, {"id": None}],
)  # fmt: skip
def test_odd_but_readable_fields_are_measured(
    kind: str, change: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figures(capsys, kind, lines(tmp_path, articles(**change)))["some.jsonl"]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"text": None}, "line 3: `text` must be text; it is null"), ({"text": ["x"]}, "line 3: `text` must be text"),
     ({"title": 5}, "line 3: `title`"), ({"story": ["x"]}, "line 3: `story`")],
)  # fmt: skip
def test_a_field_of_the_wrong_kind_is_named_with_its_line(
    change: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "related", lines(tmp_path, articles(**change))]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["related", "stories", "tags", "sections", "duplicates", "entities"])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"not json", b"[1]\n", b'{"a": 1}\n'])
def test_a_file_that_is_something_else_is_refused_in_words(
    kind: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "en.jsonl"
    path.write_bytes(content)
    assert main(["evaluate", kind, str(path)]) == 2
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"1,title\n", "line 1: three columns"),
        ("x.csv", b"", "no articles"),
        ("x.csv", b"\xff,a,b\n", "UTF-8"),
    ],
)
def test_a_table_of_sections_needs_three_columns(
    name: str, content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert main(["evaluate", "sections", str(tmp_path / name)]) == 2
    assert said in capsys.readouterr().err


def test_no_archive_no_company_and_no_file_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK no archive")
    alone = lines(tmp_path, [row | {"story": row["id"]} for row in articles()])
    short = lines(tmp_path, [row | {"text": "Too short."} for row in articles()], "short.jsonl")
    for kind, path, said in (
        ("tags", str(tmp_path / "x.zip"), "no zip archive"), ("related", alone, "no `story` stands on two lines"),
        ("duplicates", short, "60 words"), ("related", str(tmp_path / "none.jsonl"), "no such file"),
    ):  # fmt: skip
        assert main(["evaluate", kind, path]) == 2
        assert said in capsys.readouterr().err


def test_one_story_alone_is_measured_and_no_figure_is_made_up_for_an_empty_fold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = lines(tmp_path, articles()[:2])
    found = figures(capsys, "stories", one)["some.jsonl"]
    assert found["f1"] == 1.0
    assert len([name for name in found if name.startswith("f1_fold")]) == 2  # as they came, and once all are read again
    assert figures(capsys, "related", one)["some.jsonl"]["ndcg_at_10"] == 1.0


def test_distractors_count_as_no_story_and_never_as_copies_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = lines(tmp_path, articles()[:2])
    among = lines(tmp_path, [*articles(), {"title": "x", "text": LONG, "story": "t-0-a"}], "among.jsonl")
    found = figures(capsys, "related", own, "--distractors", among)["some.jsonl"]
    assert (found["queries"], found["recall_at_10"]) == (2, 1.0)


def test_files_of_one_name_and_lines_given_twice_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    own, again = lines(tmp_path, articles() * 3), lines(tmp_path / "other", articles())
    found = figures(capsys, "related", own, again)
    assert found[own] == found[again]
    assert found[own]["queries"] == 4


def test_phrases_are_read_from_archives_as_published_and_from_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("some/lan.txt", "EN\n")
        archive.writestr("some/docsutf8/one.txt", LONG)
        archive.writestr("some/keys/one.key", "Harbour Bridge\r\nbridge\r\n")
        archive.writestr("__MACOSX/docsutf8/._one.txt", "x")
    texts = lines(tmp_path, [{"text": LONG, "keyphrases": ["Harbour Bridge", "bridge"]}])
    found = figures(capsys, "tags", str(tmp_path / "some.zip"), texts)
    assert found["some.zip"] == found["some.jsonl"]
    assert found["some.zip"]["texts"] == 1


def test_sections_go_by_the_names_of_their_classes_where_those_are_sections(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"title": t, "text": b, "section": s} for s, (t, b, _) in
            (("Sports", COLLECTION["tennis"]), ("business", COLLECTION["coffee"]))]  # fmt: skip
    named = figures(capsys, "sections", lines(tmp_path, rows * 15))["some.jsonl"]
    strange = figures(capsys, "sections", lines(tmp_path, [r | {"section": f"x{r['section']}"} for r in rows]))
    assert "cold_start" in named
    assert "cold_start" not in strange["some.jsonl"]


def test_figures_are_those_of_a_small_case_done_by_hand() -> None:
    told = [Labelled(str(n), "", "", "en", label) for n, label in enumerate(["a", "a", "a", "b", None], 1)]
    ndcg, recall, asked = scores(told, lambda number: {1: [4, 2, 3], 2: [1, 3], 3: [5]}[number])
    assert asked == 3
    assert recall == round((1 + 1 + 0) / 3, 4)
    first = (1 / 1.584963 + 1 / 2) / (1 + 1 / 1.584963)
    assert ndcg == pytest.approx((first + 1 + 0) / 3, abs=1e-4)
    from uuid import UUID

    one, two = UUID(int=1), UUID(int=2)
    assert bcubed({1: "a", 2: "a", 3: "b"}, {1: one, 2: one, 3: one}) == (round(5 / 9, 4), 1.0, round(10 / 14, 4))
    assert bcubed({1: "a", 2: "a"}, {1: one, 2: two}) == (1.0, 0.5, round(2 / 3, 4))
