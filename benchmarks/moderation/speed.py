"""How fast one core judges and learns: everything but the database, in one thread's processor time."""

import random
import statistics
import time
from uuid import uuid4

from benchmarks.moderation.report import Report
from benchmarks.moderation.texts import long_comment
from services.moderation.domain.case import Case
from services.moderation.domain.features import features
from services.moderation.domain.judge import Judge
from services.moderation.domain.language import detect
from services.moderation.domain.learner import Learner
from services.moderation.domain.policy import Policy
from services.moderation.domain.text import read
from services.moderation.rules import standard_rules
from services.moderation.use_cases.learning import Teacher, lexicon


def speed(report: Report) -> None:
    """A whole decision without the database, and one step of learning, in one thread's processor time."""
    chance = random.Random(5)
    judge, teacher, policy = Judge(Policy(), standard_rules(lexicon())), Teacher(), Policy()
    model = Learner()
    for n in range(300):
        model.learn(features(read(long_comment(chance)), lexicon()), n % 2 == 0)
    teacher.take("en", model)
    took, steps = [], []
    for said in [long_comment(chance) for _ in range(4000)]:
        began = time.thread_time()
        language, sure = detect(said)
        score = teacher.score(read(said), "en", policy.scores)
        judge.judge(Case(uuid4(), uuid4(), 1, said, language, sure, scores=(score,)))
        took.append(time.thread_time() - began)
        row = features(read(said), lexicon())
        began = time.thread_time()
        model.learn(row, len(took) % 3 == 0)
        steps.append(time.thread_time() - began)
    rate, p99 = len(took) / sum(took), sorted(took)[int(len(took) * 0.99)] * 1e3
    report.say("whole decision, 377 characters, one core ≥ 1,000/s", f"{rate:,.0f}/s", rate >= 1000)
    report.say("  p99 ≤ 6 ms", f"{p99:.2f} ms (median {statistics.median(took) * 1e3:.2f})", p99 <= 6)
    p99 = sorted(steps)[int(len(steps) * 0.99)] * 1e3
    report.say("online update p99 ≤ 0.1 ms", f"{p99:.3f} ms (median {statistics.median(steps) * 1e3:.3f})", p99 <= 0.1)
