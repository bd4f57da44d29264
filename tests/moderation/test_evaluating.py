"""Operators judge the learner on files of their own; a file that cannot be used says why."""

import json
from pathlib import Path

import pytest

from services.moderation.use_cases.evaluating import main

RUDE = ["you are a vile idiot {}", "what rubbish, you moron {}", "thằng ngu này {}", "get lost you scum {}"]
KIND = ["thank you for this story {}", "the bridge opens in spring {}", "cảm ơn toà soạn {}", "a lovely photograph {}"]


def a_file(folder: Path, labels: tuple[str, str]) -> Path:
    path = folder / "comments.csv"
    rows = [
        f'"{text.format(n)}","{label}"'
        for n in range(40)
        for texts, label in zip((KIND, RUDE), labels, strict=True)
        for text in texts
    ]
    path.write_text("\ufeffcomment,verdict\n" + "\n".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("labels", [("0", "1"), ("clean", "abusive"), ("2", "1"), ("0.1", "0.9")])
def test_any_labels_will_do_and_what_was_taken_as_bad_is_told(
    labels: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path, labels)
    given = [str(file), "--text", "comment", "--label", "verdict", "--decisions", "10,100", "--json"]
    assert main(["evaluate", *given]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["taken_as_bad"] == [labels[1]]
    assert report["clean"]["auc"] > 0.95
    assert [step["decisions"] for step in report["curve"]] == [10, 100, 256]
    assert len(report["attacks"]) == 10


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (["--text", "body"], "no column 'body'; there are 'comment', 'verdict'"),
        (["--decisions", "many"], "whole numbers"),
        (["--bad", "7"], "no 'verdict' is '7'"),
    ],
)
def test_what_cannot_be_measured_says_why(
    change: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path, ("0", "1"))
    assert main(["evaluate", str(file), "--text", "comment", "--label", "verdict", *change]) == 2
    assert says in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "none.csv"), "--text", "a", "--label", "b"]) == 2
