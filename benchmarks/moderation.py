"""What moderation claims, measured again: `python -m benchmarks.moderation [part …]`.

Parts: words, learning, leak, speed, rebuild, replay, stream, storm, flood. Those on public data look for it in
`NEWSROOM_DATA` (default: `../shared/data` beside the checkout) and say so where there is none. The database parts start
their own servers in a temporary folder.
"""

import asyncio
import csv
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import redis.asyncio as redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.moderation_comments import clean_comments
from ops import servers
from services.moderation.app import build
from services.moderation.domain.attacks import ATTACKS, DISGUISES
from services.moderation.domain.case import Case
from services.moderation.domain.evaluation import (
    Example,
    attacked,
    auc,
    automation,
    balanced_line,
    scores_of,
    teach,
)
from services.moderation.domain.features import features
from services.moderation.domain.judge import Judge
from services.moderation.domain.language import detect
from services.moderation.domain.learner import Learner
from services.moderation.domain.policy import Policy
from services.moderation.domain.text import read
from services.moderation.rules import standard_rules
from services.moderation.settings import Settings
from services.moderation.storage import decisions, people
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.learning import Teacher, lexicon
from services.moderation.use_cases.receiving import receive
from services.moderation.use_cases.ruling import Order, Refused, rule
from services.moderation.use_cases.workshop import replay
from shared.events import CommentSubmitted, Verdict
from shared.runtime import Database, utc_now
from shared.runtime.envelope import Cause, seal
from shared.runtime.migrate import upgrade

VERDICTS: tuple[Verdict, Verdict] = ("approve", "reject")
_WORDS = " ".join(clean_comments(400)).split()


def say(bar: str, figure: str, kept: bool | None = None) -> None:
    """One line of the report."""
    print(f"{'  ' if kept is None else 'ok' if kept else 'NO'}  {bar}: {figure}", flush=True)


def data(name: str) -> Path | None:
    """A public data set beside the checkout, or None (said)."""
    folder = Path(os.environ.get("NEWSROOM_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
    path = folder / "moderation" / name
    if path.exists():
        return path
    say(name, "skipped, no data")
    return None


def davidson() -> list[Example]:
    """Tweets; class 2 is neither hateful nor offensive."""
    path = data("davidson.csv")
    if path is None:
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Example(row["tweet"], row["class"] != "2") for row in csv.DictReader(file)]


def long_comment(chance: random.Random, size: int = 377) -> str:
    """A comment of about `size` characters that nobody sent before."""
    said = ""
    while len(said) < size:
        said += chance.choice(_WORDS) + " "
    return said[:size]


def words() -> None:
    """The word list: every word attacked seven ways, and clean comments."""
    entries, matcher = lexicon().entries, lexicon()
    missed: dict[str, int] = defaultdict(int)
    for name, attack in DISGUISES.items():
        chance = random.Random(name)
        for entry in entries:
            missed[name] += not matcher.find(read(f"well {attack(entry.term, chance)} indeed"))
    recall = 1 - sum(missed.values()) / len(entries) / len(DISGUISES)
    say(f"recall of {len(entries)} words attacked 7 ways ≥ 0.97", f"{recall:.4f} {dict(missed)}", recall >= 0.97)
    clean = clean_comments()
    hits = [(hit.entry.term, comment) for comment in clean for hit in matcher.find(read(comment))]
    say(f"extra hits on {len(clean)} clean comments ≤ 1", f"{len(hits)} {hits[:5]}", len(hits) <= 1)


def learning() -> None:
    """Davidson, its learning curve, ten attacks; HateCheck function by function."""
    examples = davidson()
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
        say(f"Davidson, AUC after {count} decisions ≥ {bar}", f"{found:.4f}", found >= bar)
    for name, attack in ATTACKS.items():
        lost = found - auc(scores_of(model, attacked(texts, attack), lexicon()), labels)
        bar = 0.05 if name == "swaps" else 0.02
        say(f"  AUC lost under {name} ≤ {bar}", f"{lost:+.4f}", lost <= bar)
    path = data("hatecheck.csv")
    if path is None:
        return
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    line = balanced_line(*model.remembered())
    right: dict[str, list[bool]] = defaultdict(list)
    for row, score in zip(rows, scores_of(model, [row["test_case"] for row in rows], lexicon()), strict=True):
        right[row["functionality"]].append((score >= line) == (row["label_gold"] == "hateful"))
    for name, results in sorted(right.items()):
        share = sum(results) / len(results)
        say(
            f"  HateCheck {name} (line {line:.3f})",
            f"{share:.3f}",
            share >= 0.95 if name == "counter_quote_nh" else None,
        )


def leak() -> None:
    """The leak targets over 40 resamples of Davidson."""
    examples = davidson()
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
        figure = f"kept in {kept:.1%}; approved alone {approved:.1%}, rejected alone {rejected:.1%} on average"
        say(f"leak target {target:.0%} over 40 resamples, kept ≥ 95 %", figure, kept >= 0.95)


def speed() -> None:
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
    say("whole decision, 377 characters, one core ≥ 1,000/s", f"{rate:,.0f}/s", rate >= 1000)
    say("  p99 ≤ 6 ms", f"{p99:.2f} ms (median {statistics.median(took) * 1e3:.2f})", p99 <= 6)
    p99 = sorted(steps)[int(len(steps) * 0.99)] * 1e3
    say("online update p99 ≤ 0.1 ms", f"{p99:.3f} ms (median {statistics.median(steps) * 1e3:.3f})", p99 <= 0.1)


@asynccontextmanager
async def stand(name: str) -> AsyncIterator[tuple[Database, Settings]]:
    """A migrated database and a Valkey of our own."""
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - PostgreSQL, another user here, has to reach its own folder inside
        pg, vk = Path(folder) / "pg", Path(folder) / "vk"
        url = servers.start_postgres(pg, durable=False)
        valkey = servers.start_valkey(vk)
        try:
            engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
            async with engine.connect() as link:
                await link.execute(text(f"CREATE DATABASE {name}"))
            await engine.dispose()
            own = url.replace("/postgres?", f"/{name}?")
            await asyncio.to_thread(upgrade, "moderation", own)
            settings = Settings(database_url=own, redis_url=valkey)
            database = Database(settings, "moderation")
            yield database, settings
            await database.close()
        finally:
            servers.stop_valkey(vk)
            servers.stop_postgres(pg)


def a_fact(said: str, author: str, **more: Any) -> CommentSubmitted:
    """A comment as publishing tells it."""
    base = {"comment_id": uuid4(), "article_id": uuid4(), "author_id": author, "author_name": author}
    return CommentSubmitted(**{**base, "text": said, "submitted_at": utc_now(), **more})


async def fill(
    database: Database, court: Court, count: int, chance: random.Random, per: int = 500
) -> list[CommentSubmitted]:
    """Comments received in batches, by authors who do not flood."""
    facts = []
    now = utc_now()
    for begin in range(0, count, per):
        batch = [
            a_fact(
                long_comment(chance, 200),
                f"author-{begin + n}",
                submitted_at=now - timedelta(seconds=count - begin - n),
            )
            for n in range(begin, min(begin + per, count))
        ]
        async with database.transaction() as tx:
            await receive(tx.session, batch, court, utc_now())
        facts += batch
    return facts


async def rebuild() -> None:
    """The model told anew from 24,000 decisions."""
    chance, count = random.Random(9), int(os.environ.get("BENCH_DECISIONS", "24000"))
    async with stand("rebuild") as (database, _):
        court = Court()
        facts = await fill(database, court, count, chance)
        for begin in range(0, count, 200):
            async with database.transaction() as tx:
                for n, fact in enumerate(facts[begin : begin + 200]):
                    order = Order(fact.comment_id, "reject" if n % 3 == 0 else "approve", "mod")
                    await rule(tx.session, order, court, utc_now())
        async with database.transaction() as tx:
            await court.sit(tx.session)
            began = time.perf_counter()
            anew = Teacher()
            await anew.catch_up(tx.session)
            took = time.perf_counter() - began
        same = anew.digests() == court.teacher.digests() and bool(anew.digests())
        say(f"model rebuilt from {count} decisions ≤ 30 s, bit-identical", f"{took:.1f} s, {same}", took <= 30 and same)
        async with database.reading() as session:
            began = time.perf_counter()
            broken = await decisions.first_broken(session)
            took = time.perf_counter() - began
            say(
                "  chain of records walked", f"{await decisions.count(session)} records in {took:.1f} s", broken is None
            )


async def replaying() -> None:
    """100,000 comments again under the same policy."""
    count = int(os.environ.get("BENCH_COMMENTS", "100000"))
    async with stand("replay") as (database, _):
        court = Court()
        began = time.perf_counter()
        await fill(database, court, count, random.Random(3))
        received = count / (time.perf_counter() - began)
        say("  received and decided, database and all, one process", f"{received:,.0f} comments/s")
        async with database.reading() as session:
            began = time.perf_counter()
            diff = await replay(session, Policy(), count, court)
            took = time.perf_counter() - began
        kept = took <= 120 and diff.changed == 0 and diff.comments == count
        say(f"replay of {count} comments ≤ 120 s, 0 differences", f"{took:.1f} s, {diff.changed}, {diff.codes}", kept)


async def stream() -> None:
    """From the stream of comments to the stream of verdicts at 200 a second."""
    chance = random.Random(4)
    async with stand("stream") as (_, settings), redis.Redis.from_url(settings.redis_url) as link:
        app = build(settings)
        async with app.router.lifespan_context(app):
            sent: dict[str, float] = {}
            took: list[float] = []
            count = 200 * 20
            told = asyncio.create_task(_listen(link, sent, took, count))
            await _send(link, [(long_comment(chance), f"author-{n}") for n in range(400)], 200, {})
            await asyncio.sleep(1)
            await _send(link, [(long_comment(chance), f"author-{n + 400}") for n in range(count)], 200, sent)
            await asyncio.wait_for(told, 60)
    p99 = sorted(took)[int(len(took) * 0.99)] * 1e3
    say(
        "through the stream at 200/s, p99 ≤ 50 ms",
        f"{p99:.0f} ms (median {statistics.median(took) * 1e3:.0f})",
        p99 <= 50,
    )


async def _send(link: Any, comments: list[tuple[str, str]], rate: float, sent: dict[str, float]) -> None:
    began = time.perf_counter()
    for n, (said, author) in enumerate(comments):
        wait = began + n / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        fact = a_fact(said, author)
        envelope = seal(fact, "publishing", Cause.fresh())
        sent[str(fact.comment_id)] = time.perf_counter()
        fields = {"id": str(envelope.id), "type": fact.type_name(), "event": envelope.model_dump_json()}
        await link.xadd("comment.submitted", fields)


async def _listen(link: Any, sent: dict[str, float], took: list[float], count: int) -> None:
    last = "0"
    while len(took) < count:
        for _, entries in await link.xread({"comment.moderated": last}, block=1000, count=500):
            for entry, fields in entries:
                last = entry
                began = sent.get(json.loads(fields[b"event"])["data"]["comment_id"])
                if began is not None:
                    took.append(time.perf_counter() - began)


async def storm() -> None:
    """10,000 decisions by several moderators at once, transactions torn down in between."""
    count, crashed = 10_000, 0
    async with stand("storm") as (database, _):
        court, chance = Court(), random.Random(8)
        facts = await fill(database, court, 2_000, chance)

        async def one(n: int) -> tuple[int, int]:
            fact = facts[n % len(facts)]
            try:
                async with database.transaction() as tx:
                    seen = 1 + n // len(facts)
                    order = Order(fact.comment_id, VERDICTS[n % 2], f"mod-{n}", version=seen)
                    await rule(tx.session, order, court, utc_now())
                    if n % 11 == 0:  # the connection goes before the commit: nothing of it may remain
                        await (await tx.session.connection()).invalidate()
            except SQLAlchemyError:
                return 0, 1
            except Refused:
                return 0, 0
            return 1, 0

        applied = 0
        for begin in range(0, count, 16):
            results = await asyncio.gather(*(one(n) for n in range(begin, min(begin + 16, count))))
            applied += sum(result[0] for result in results)
            crashed += sum(result[1] for result in results)
        async with database.reading() as session:
            whole = await decisions.first_broken(session) is None
            recorded = await decisions.count(session) - len(facts)
            wrong = 0
            for fact in facts:
                author = await people.author(session, fact.author_id)
                counted = await people.recount(session, fact.author_id)
                kept = {"approve": author.approved, "hold": author.held, "reject": author.rejected} if author else {}
                wrong += {verdict: number for verdict, number in kept.items() if number} != counted
        figure = (
            f"{applied} applied, {crashed} torn down, {recorded} recorded, {wrong} counters off, chain whole: {whole}"
        )
        say("10,000 decisions: 0 lost, 0 double, counters equal", figure, whole and recorded == applied and wrong == 0)


async def flood() -> None:
    """2,000 a second for 30 s from 50 authors, while others write now and then."""
    chance, seconds, rate = random.Random(6), int(os.environ.get("BENCH_FLOOD_SECONDS", "30")), 2000
    async with stand("flood") as (database, settings), redis.Redis.from_url(settings.redis_url) as link:
        app = build(settings.model_copy(update={"batch_size": 500}))
        async with app.router.lifespan_context(app):
            sent: dict[str, float] = {}
            took: list[float] = []
            others = seconds * 2
            told = asyncio.create_task(_listen(link, sent, took, others))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            began = time.perf_counter()
            for second in range(seconds):
                pipe = link.pipeline(transaction=False)
                for n in range(rate):
                    fact = a_fact(f"{long_comment(chance, 120)} {second} {n}", f"flooder-{n % 50}")
                    _add(pipe, fact)
                await pipe.execute()
                await _send(link, [(long_comment(chance, 200), f"calm-{second}-{n}") for n in range(2)], 1000, sent)
                await asyncio.sleep(max(0.0, began + second + 1 - time.perf_counter()))
            offered = seconds * rate / (time.perf_counter() - began)
            await asyncio.wait_for(told, 300)
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        async with database.reading() as session:
            query = "SELECT verdict, count(*) FROM comments WHERE author_id LIKE 'flooder%' GROUP BY 1"
            verdicts = dict((await session.execute(text(query))).all())
        worst = max(took)
        figure = f"offered {offered:,.0f}/s, others' worst {worst:.1f} s, memory +{grown:.0f} MB, flooders {verdicts}"
        say("flood of 2,000/s by 50 authors, others decided within 5 s", figure, worst <= 5)


def _add(pipe: Any, fact: CommentSubmitted) -> None:
    envelope = seal(fact, "publishing", Cause.fresh())
    pipe.xadd(
        "comment.submitted", {"id": str(envelope.id), "type": fact.type_name(), "event": envelope.model_dump_json()}
    )


PARTS: dict[str, Callable[[], Any]] = {
    "words": words,
    "learning": learning,
    "leak": leak,
    "speed": speed,
    "rebuild": rebuild,
    "replay": replaying,
    "stream": stream,
    "storm": storm,
    "flood": flood,
}


def main() -> None:
    """Run the named parts, or all."""
    chosen = sys.argv[1:] or list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        raise SystemExit(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    for name in chosen:
        print(f"\n{name}")
        done = PARTS[name]()
        if done is not None:
            asyncio.run(done)


if __name__ == "__main__":
    main()
