"""Lets an operator judge the learner on labelled texts of their own: any CSV with a text and a label column.

The texts are taken in as decisions, in an order drawn by `--seed`; a fifth that it never saw is scored. It prints
ranking (AUC), precision, recall, F1, what could be automated at the leak targets, and all that under ten attacks.
"""

import argparse
import csv
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from services.moderation.domain.attacks import ATTACKS
from services.moderation.domain.evaluation import (
    Example,
    Labels,
    attacked,
    auc,
    automation,
    balanced_line,
    marks,
    scores_of,
    teach,
)
from services.moderation.domain.learner import Learner
from services.moderation.domain.text import read
from services.moderation.domain.wordlist import Matcher
from services.moderation.use_cases.learning import lexicon

_HARMLESS = frozenset(
    [
        "0",
        "false",
        "no",
        "ok",
        "clean",
        "neither",
        "none",
        "non-hateful",
        "not_offensive",
        "approve",
        "approved",
        "normal",
        "neutral",
        "not",
        "nothate",
        "nontoxic",
        "non-toxic",
        "ham",
        "benign",
        "safe",
        "not-hate",
        "acceptable",
    ]
)
_LEAKS = (0.02, 0.05)


class BadFile(ValueError):
    """A file that cannot be evaluated; the message says what is wrong with it and what would do."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows as they stand in a file: text and label, lower case."""

    rows: tuple[tuple[str, str], ...]

    def bad_labels(self, lexicon: Matcher) -> frozenset[str]:
        """Which labels mean "reject", where nobody says so.

        0 and 1: 1 does. A word for harmless among them: all others do. Else the harmless one is that whose texts
        hold the smallest share of listed words.
        """
        values = {label for _, label in self.rows}
        if all(map(_is_number, values)) and all(0 <= float(value) <= 1 for value in values):
            return frozenset(value for value in values if float(value) >= 0.5)
        numbered = all(map(_is_number, values))
        harmless = set() if numbered else values & _HARMLESS
        if not harmless:
            harmless = {min(sorted(values), key=lambda value: self._listed_share(value, lexicon))}
        return frozenset(values - harmless)

    def _listed_share(self, value: str, lexicon: Matcher) -> float:
        texts = [text for text, label in self.rows if label == value][:500]
        return sum(bool(lexicon.find(read(text))) for text in texts) / max(1, len(texts))


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def read_labelled(path: Path, text: str, label: str) -> Labelled:
    """All rows of a CSV (or TSV, by its name; UTF-8, with a header line). Raises BadFile."""
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            return Labelled(tuple(_rows(file, path, text, label)))
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except csv.Error as error:
        raise BadFile(f"{path}: not a CSV file ({error})") from None


def _rows(file: TextIO, path: Path, text: str, label: str) -> Iterator[tuple[str, str]]:
    csv.field_size_limit(10_000_000)
    rows = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    names = rows.fieldnames or []
    for wanted in (text, label):
        if wanted not in names:
            raise BadFile(f"{path}: no column {wanted!r}; there are {', '.join(map(repr, names)) or 'none'}")
    for row in rows:
        if row[text] and row[label] is not None:
            yield row[text], row[label].strip().lower()


def evaluate(
    train: Sequence[Example], test: Sequence[Example], decisions: Sequence[int], lexicon: Matcher
) -> dict[str, Any]:
    """Everything measured, as JSON-ready values."""
    labels: Labels = np.array([example.bad for example in test], np.int8)
    texts = [example.text for example in test]
    curve, model = [], Learner()
    taken = 0
    for count in [*sorted({n for n in decisions if n < len(train)}), len(train)]:
        model = teach(train[taken:count], lexicon, model)
        taken = count
        curve.append({"decisions": count, "auc": auc(scores_of(model, texts, lexicon), labels)})
    scores = scores_of(model, texts, lexicon)
    line = balanced_line(*model.remembered()) if 0 < int(model.remembered()[1].sum()) < model.seen else 0.5
    clean = marks(scores, labels, line)
    under = {}
    for name, attack in ATTACKS.items():
        hidden = scores_of(model, attacked(texts, attack), lexicon)
        under[name] = {**asdict(marks(hidden, labels, line)), "auc_lost": clean.auc - auc(hidden, labels)}
    return {
        "learned_from": len(train),
        "tested_on": len(test),
        "bad_share": float(labels.mean()),
        "line": line,
        "clean": asdict(clean),
        "curve": curve,
        "automation": [_automated(model, scores, labels, leak) for leak in _LEAKS],
        "attacks": under,
    }


def _automated(model: Learner, scores: Any, labels: Labels, leak: float) -> dict[str, Any]:
    found = automation(model, scores, labels, leak)
    above = found.thresholds.reject_from
    rejected = scores >= above if above is not None else np.zeros(len(scores), bool)
    wrong = float((labels[rejected] == 0).mean()) if rejected.any() else 0.0
    return {
        "leak_target": leak,
        "approved_share": found.share,
        "leaked": found.leaked,
        "kept": found.leaked <= leak,
        "rejected_share": float(rejected.mean()),
        "wrongly_rejected": wrong,
        "automated_share": found.share + float(rejected.mean()),
        "evidence": found.thresholds.evidence,
    }


def split(examples: Sequence[Example], seed: int, share: float = 0.8) -> tuple[list[Example], list[Example]]:
    """Shuffle and cut: what is learned from, and what is tested on."""
    shuffled = list(examples)
    random.Random(seed).shuffle(shuffled)
    cut = int(len(shuffled) * share)
    return shuffled[:cut], shuffled[cut:]


def main(arguments: Sequence[str]) -> int:
    """The command line; 0 when it was measured, 2 when the input was no good."""
    parser = argparse.ArgumentParser(prog="newsroom moderation")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("evaluate", help="judge the learner on a CSV of your own")
    one.add_argument("file", type=Path)
    one.add_argument("--text", required=True, help="the column that holds the text")
    one.add_argument("--label", required=True, help="the column that holds the label")
    one.add_argument("--bad", default="", help="label values to reject, with commas (default: found out and told)")
    one.add_argument("--language", default="en", help="for the report; one learner is made for the file")
    one.add_argument("--train", type=Path, help="learn from all of this file and test on all of FILE")
    one.add_argument("--train-text", help="its text column, where it is another")
    one.add_argument("--train-label", help="its label column, where it is another")
    one.add_argument("--train-bad", default="", help="its label values to reject")
    one.add_argument("--decisions", default="50,200,1000,5000", help="where to take the learning curve")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        report = _evaluate(given)
    except BadFile as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n" if given.json else _told(report))
    return 0


def _examples(path: Path, text: str, label: str, bad: str) -> tuple[list[Example], list[str]]:
    labelled = read_labelled(path, text, label)
    named = frozenset(filter(None, map(str.strip, bad.lower().split(","))))
    there = {value for _, value in labelled.rows}
    if named - there:
        raise BadFile(f"{path}: no {label!r} is {', '.join(sorted(named - there))}; there are {sorted(there)[:20]}")
    taken = named or labelled.bad_labels(lexicon())
    examples = [Example(content, value in taken) for content, value in labelled.rows]
    if len({example.bad for example in examples}) < 2:
        raise BadFile(
            f"{path}: all {len(examples)} texts are of one kind; say which values of {label!r} are bad with --bad"
        )
    return examples, sorted(taken)


def _evaluate(given: argparse.Namespace) -> dict[str, Any]:
    try:
        decisions = [int(number) for number in given.decisions.split(",") if number.strip()]
    except ValueError:
        raise BadFile(f"--decisions {given.decisions!r}: write whole numbers with commas, e.g. 50,200,1000") from None
    examples, bad = _examples(given.file, given.text, given.label, given.bad)
    test: Sequence[Example]
    if given.train:
        columns = (given.train_text or given.text, given.train_label or given.label)
        every, _ = _examples(given.train, *columns, given.train_bad)
        train, _ = split(every, given.seed, share=1.0)
        test = examples
    else:
        train, test = split(examples, given.seed)
    if len({example.bad for example in test}) < 2:
        raise BadFile(f"{given.file}: {len(examples)} rows are too few to test on")
    head = {"file": given.file.name, "language": given.language, "taken_as_bad": bad}
    return {**head, **evaluate(train, test, decisions, lexicon())}


def _told(report: dict[str, Any]) -> str:
    clean = report["clean"]
    counts = f"learned from {report['learned_from']}, tested on {report['tested_on']}"
    figures = {"AUC": "auc", "precision": "precision", "recall": "recall", "F1": "f1", "right": "right"}
    lines = [
        f"{report['file']} ({report['language']}): {counts}, {report['bad_share']:.1%} of them bad",
        f"taken as bad: {', '.join(report['taken_as_bad'])}",
        "",
        "   ".join(f"{name} {clean[key]:.4f}" for name, key in figures.items()) + f"   (line at {report['line']:.3f})",
        "",
        "learning curve   " + "   ".join(f"{step['decisions']}: {step['auc']:.4f}" for step in report["curve"]),
        "",
        "leak target   approved alone   leaked    kept   rejected alone   wrongly   automated",
    ]
    lines += [
        f"{a['leak_target']:10.0%} {a['approved_share']:15.1%} {a['leaked']:9.2%} {'yes' if a['kept'] else 'NO':>7} "
        f"{a['rejected_share']:15.1%} {a['wrongly_rejected']:10.2%} {a['automated_share']:10.1%}"
        for a in report["automation"]
    ]
    lines += ["", "attack            AUC     lost   precision   recall      F1"]
    lines += [
        f"{name:13} {m['auc']:8.4f} {m['auc_lost']:+8.4f} {m['precision']:10.3f} {m['recall']:8.3f} {m['f1']:8.3f}"
        for name, m in report["attacks"].items()
    ]
    return "\n".join(lines) + "\n"
