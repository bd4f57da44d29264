"""How well it judges: word lists under attack, the learner on public data, and what its thresholds let through."""

import random
import statistics
from collections import defaultdict

import numpy as np

from benchmarks.moderation.comments import clean_comments
from benchmarks.moderation.report import Report
from benchmarks.moderation.texts import davidson, rows_of
from services.moderation.domain.attacks import ATTACKS, DISGUISES
from services.moderation.domain.evaluation import attacked, auc, automation, balanced_line, scores_of, teach
from services.moderation.domain.features import features
from services.moderation.domain.learner import Learner
from services.moderation.domain.text import read
from services.moderation.use_cases.learning import lexicon


def words(report: Report) -> None:
    """The word list: every word attacked seven ways, and clean comments."""
    entries, matcher = lexicon().entries, lexicon()
    missed: dict[str, int] = defaultdict(int)
    for name, attack in DISGUISES.items():
        chance = random.Random(name)
        for entry in entries:
            missed[name] += not matcher.find(read(f"well {attack(entry.term, chance)} indeed"))
    recall = 1 - sum(missed.values()) / len(entries) / len(DISGUISES)
    report.say(f"recall of {len(entries)} words attacked 7 ways ≥ 0.97", f"{recall:.4f} {dict(missed)}", recall >= 0.97)
    clean = clean_comments()
    hits = [(hit.entry.term, comment) for comment in clean for hit in matcher.find(read(comment))]
    report.say(f"extra hits on {len(clean)} clean comments ≤ 1", f"{len(hits)} {hits[:5]}", len(hits) <= 1)


def learning(report: Report) -> None:
    """Davidson, its learning curve, ten attacks; HateCheck function by function."""
    examples = davidson(report)
    if not examples:
        return
    random.Random(1).shuffle(examples)
    cut = int(len(examples) * 0.8)
    train, test = examples[:cut], examples[cut:]
    labels, texts = np.array([e.bad for e in test], np.int8), [e.text for e in test]
    model, taken, found = Learner(), 0, 0.0
    for count, bar in ((200, 0.89), (1000, 0.955), (5000, 0.975), (cut, 0.985)):
        model = teach(train[taken:count], lexicon(), model)
        taken = count
        found = auc(scores_of(model, texts, lexicon()), labels)
        report.say(f"Davidson, AUC after {count} decisions ≥ {bar}", f"{found:.4f}", found >= bar)
    for name, attack in ATTACKS.items():
        lost = found - auc(scores_of(model, attacked(texts, attack), lexicon()), labels)
        bar = 0.05 if name == "swaps" else 0.02
        report.say(f"  AUC lost under {name} ≤ {bar}", f"{lost:+.4f}", lost <= bar)
    _hatecheck(report, model)


def _hatecheck(report: Report, model: Learner) -> None:
    rows = rows_of("hatecheck.csv", report)
    if not rows:
        return
    line = balanced_line(*model.remembered())
    gold = np.array([row["label_gold"] == "hateful" for row in rows], np.int8)
    scores = scores_of(model, [row["test_case"] for row in rows], lexicon())
    right: dict[str, list[bool]] = defaultdict(list)
    for row, score, hateful in zip(rows, scores, gold, strict=True):
        right[row["functionality"]].append((score >= line) == bool(hateful))
    for name, results in sorted(right.items(), key=lambda pair: pair[0] != "counter_quote_nh"):
        share = sum(results) / len(results)
        if name == "counter_quote_nh":
            report.say("HateCheck, counter-speech that quotes ≥ 0.95 right", f"{share:.3f}", share >= 0.95)
        else:
            report.say(f"  {name}", f"{share:.3f}")
    report.say(f"  all {len(right)} functions, line {line:.3f}", f"AUC {auc(scores, gold):.3f}")


def splits(report: Report) -> None:
    """The same on ten other splits of Davidson: what a lucky shuffle would hide."""
    examples = davidson(report)
    rows = rows_of("hatecheck.csv", report)
    if not examples or not rows:
        return
    known = [features(read(example.text), lexicon()) for example in examples]
    labels = np.array([example.bad for example in examples], np.int8)
    quoting = [row["test_case"] for row in rows if row["functionality"] == "counter_quote_nh"]
    found, right = [], []
    for seed in range(2, 12):
        order = np.random.default_rng(seed).permutation(len(known))
        train, test = np.split(order, [int(len(known) * 0.8)])
        model = Learner()
        for i in train:
            model.learn(known[i], bool(labels[i]))
        found.append(auc(scores_of(model, [examples[i].text for i in test], lexicon()), labels[test]))
        line = balanced_line(*model.remembered())
        right.append(float((scores_of(model, quoting, lexicon()) < line).mean()))
    middle = statistics.median(found)
    report.say(
        "Davidson, AUC over ten other splits, median ≥ 0.985",
        f"{middle:.4f} ({min(found):.4f} to {max(found):.4f}), {sum(auc >= 0.985 for auc in found)} of 10 above",
        middle >= 0.985,
    )
    report.say("counter-speech that quotes, worst of ten splits ≥ 0.95", f"{min(right):.3f}", min(right) >= 0.95)


def leak(report: Report) -> None:
    """The leak targets over 40 resamples of Davidson."""
    examples = davidson(report)
    if not examples:
        return
    rows = [features(read(example.text), lexicon()) for example in examples]
    labels = np.array([example.bad for example in examples], np.int8)
    outcomes: dict[float, list[tuple[float, float, float]]] = defaultdict(list)
    for seed in range(40):
        order = np.random.default_rng(seed).permutation(len(rows))
        train, test = np.split(order, [int(len(rows) * 0.8)])
        model = Learner()
        for i in train:
            model.learn(rows[i], bool(labels[i]))
        scores = np.array([model.score(rows[i]) for i in test], np.float32)
        for target in (0.02, 0.05):
            found = automation(model, scores, labels[test], target)
            above = found.thresholds.reject_from
            rejected = float((scores >= above).mean()) if above is not None else 0.0
            outcomes[target].append((found.share, found.leaked, rejected))
    for target, results in outcomes.items():
        kept = sum(leaked <= target for _, leaked, _ in results) / len(results)
        approved, rejected = (statistics.mean(result[i] for result in results) for i in (0, 2))
        shares = f"approved alone {approved:.1%}, rejected {rejected:.1%}, together {approved + rejected:.1%}"
        figure = f"kept in {kept:.1%}; {shares}"
        report.say(f"leak target {target:.0%} over 40 resamples, kept ≥ 95 %", figure, kept >= 0.95)
