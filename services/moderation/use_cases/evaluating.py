"""Lets an operator judge the learner on labelled texts of their own: any CSV with a text and a label column.

The texts are taken in as decisions, in an order drawn by `--seed`; a fifth that it never saw is scored. It prints
ranking (AUC), precision, recall, F1, what could be automated at the leak targets, and all that under ten attacks.
"""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from services.moderation.domain.attacks import ATTACKS
from services.moderation.domain.evaluation import (
    Example,
    Labels,
    attacked,
    auc,
    automation,
    best_line,
    marks,
    scores_of,
    teach,
)
from services.moderation.domain.learner import Learner
from services.moderation.domain.wordlist import Matcher
from services.moderation.use_cases.labelled import BadFile, examples
from services.moderation.use_cases.learning import lexicon

_LEAKS = (0.02, 0.05)


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
    line = best_line(*model.remembered()) if 0 < int(model.remembered()[1].sum()) < model.seen else 0.5
    clean = marks(scores, labels, line)
    under = {}
    for name, attack in ATTACKS.items():
        hidden = scores_of(model, attacked(texts, attack), lexicon)
        under[name] = {
            **asdict(marks(hidden, labels, line)),
            "auc_lost": clean.auc - auc(hidden, labels),
            "automation": [_automated(model, hidden, labels, leak) for leak in _LEAKS],
        }
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


def split(rows: Sequence[Example], seed: int, share: float = 0.8) -> tuple[list[Example], list[Example]]:
    """Shuffle and cut: what is learned from, what is tested on. A text that stands there twice stays on one side."""
    texts = list(dict.fromkeys(row.text for row in rows))
    random.Random(seed).shuffle(texts)
    rank = {text: n for n, text in enumerate(texts)}
    shuffled = sorted(rows, key=lambda row: rank[row.text])
    cut = int(len(shuffled) * share)
    while 0 < cut < len(shuffled) and shuffled[cut].text == shuffled[cut - 1].text:
        cut += 1
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


def _evaluate(given: argparse.Namespace) -> dict[str, Any]:
    try:
        decisions = [int(number) for number in given.decisions.split(",") if number.strip()]
    except ValueError:
        raise BadFile(f"--decisions {given.decisions!r}: write whole numbers with commas, e.g. 50,200,1000") from None
    if any(number <= 0 for number in decisions):
        raise BadFile(f"--decisions {given.decisions!r}: a curve begins at one decision")
    rows, bad, notes = examples(given.file, given.text, given.label, given.bad, lexicon())
    test: Sequence[Example]
    if given.train:
        columns = (given.train_text or given.text, given.train_label or given.label)
        every, train_bad, train_notes = examples(given.train, *columns, given.train_bad, lexicon())
        notes += [f"{given.train.name}: taken as bad {', '.join(train_bad)}", *train_notes]
        train, _ = split(every, given.seed, share=1.0)
        test = rows
    else:
        train, test = split(rows, given.seed)
    if len({row.bad for row in test}) < 2 or len({row.bad for row in train}) < 2:
        raise BadFile(f"{given.file}: {len(rows)} rows are too few: both kinds must be among those learned and tested")
    head = {"file": given.file.name, "language": given.language, "taken_as_bad": bad, "notes": notes}
    return {**head, **evaluate(train, test, decisions, lexicon())}


def _told(report: dict[str, Any]) -> str:
    clean = report["clean"]
    counts = f"learned from {report['learned_from']}, tested on {report['tested_on']}"
    figures = {"AUC": "auc", "precision": "precision", "recall": "recall", "F1": "f1", "right": "right"}
    lines = [
        f"{report['file']} ({report['language']}): {counts}, {report['bad_share']:.1%} of them bad",
        f"taken as bad: {', '.join(report['taken_as_bad'])}",
        *(f"note: {note}" for note in report["notes"]),
        "",
        "   ".join(f"{name} {clean[key]:.4f}" for name, key in figures.items())
        + f"   (called bad from {report['line']:.3f} on: the best F1 on what it learned from)",
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
    targets = "".join(f"   automated at {leak:.0%} (leaked)" for leak in _LEAKS)
    lines += ["", f"attack            AUC     lost   precision   recall      F1{targets}"]
    lines += [
        f"{name:13} {m['auc']:8.4f} {m['auc_lost']:+8.4f} {m['precision']:10.3f} {m['recall']:8.3f} {m['f1']:8.3f}"
        + "".join(f"{a['automated_share']:15.1%} ({a['leaked']:7.2%})" + " " * 2 for a in m["automation"])
        for name, m in report["attacks"].items()
    ]
    return "\n".join(lines) + "\n"
