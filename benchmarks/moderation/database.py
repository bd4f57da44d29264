"""What the whole record costs: a model rebuilt from it, and 100,000 comments judged again."""

import os
import random
import time
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from benchmarks.moderation.house import a_house
from benchmarks.moderation.report import Report
from benchmarks.moderation.texts import a_fact, long_comment
from services.moderation.domain.policy import Policy
from services.moderation.storage import decisions, people
from services.moderation.storage.tables import Comment
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.deciding import Finding, write_down
from services.moderation.use_cases.learning import Teacher
from services.moderation.use_cases.receiving import receive
from services.moderation.use_cases.workshop import replay
from shared.events import CommentSubmitted
from shared.runtime import Database, utc_now

_AT_ONCE = 500


async def fill(database: Database, court: Court, count: int, chance: random.Random) -> list[CommentSubmitted]:
    """Comments received in batches, by authors who do not flood."""
    facts: list[CommentSubmitted] = []
    now = utc_now()
    for begin in range(0, count, _AT_ONCE):
        batch = [
            a_fact(long_comment(chance, 200), f"author-{n}", submitted_at=now - timedelta(seconds=count - n))
            for n in range(begin, min(begin + _AT_ONCE, count))
        ]
        async with database.transaction() as tx:
            await receive(tx.session, batch, court, utc_now())
        facts += batch
    return facts


async def decide(database: Database, facts: Sequence[CommentSubmitted]) -> None:
    """A person's decision on each, many in a transaction."""
    for begin in range(0, len(facts), _AT_ONCE):
        batch, now = facts[begin : begin + _AT_ONCE], utc_now()
        async with database.transaction() as tx:
            which = select(Comment).where(col(Comment.id).in_([fact.comment_id for fact in batch]))
            here = (await tx.session.execute(which.order_by(col(Comment.id)).with_for_update())).scalars().all()
            tx.session.expunge_all()
            authors = await people.authors(tx.session, {c.author_id: c.author_name for c in here}, now)
            found = [
                Finding(
                    comment=comment,
                    verdict="reject" if len(comment.text) % 3 == 0 else "approve",
                    reasons=(),
                    inputs={},
                    policy="bench",
                    model="person",
                    decided_by="mod",
                    trains=1.0,
                    language=comment.language,
                )
                for comment in here
            ]
            await write_down(tx.session, found, authors, now)


async def rebuild(report: Report) -> None:
    """The model told anew from 24,000 decisions, twice, and from a stored one on."""
    count = int(os.environ.get("BENCH_DECISIONS", "24000"))
    async with a_house(durable=False) as house:
        database = house.database()
        court = Court()
        facts = await fill(database, court, count, random.Random(9))
        await decide(database, facts[: count // 2])
        async with database.transaction() as tx:
            await court.sit(tx.session)
            await court.teacher.store(tx.session, utc_now())
        await decide(database, facts[count // 2 :])
        async with database.transaction() as tx:
            await court.sit(tx.session)  # followed the log as it grew
            resumed, anew = Teacher(), Teacher()
            await resumed.catch_up(tx.session)  # from the stored model on
            began = time.perf_counter()
            anew._began = True  # noqa: SLF001 - no stored model: from the first decision
            await anew.catch_up(tx.session)
            took = time.perf_counter() - began
        same = anew.digests() == court.teacher.digests() == resumed.digests() != {}
        seen = sum(int(str(one["seen"])) for one in anew.standing(Policy().scores).values())
        report.say(
            f"model rebuilt from {count:,} decisions ≤ 30 s, bit-identical",
            f"{took:.1f} s from {seen:,}, identical to the one that followed and to the one resumed: {same}",
            took <= 30 and same and seen == count,
        )
        async with database.reading() as session:
            began = time.perf_counter()
            broken = await decisions.first_broken(session)
            took = time.perf_counter() - began
            records = await decisions.count(session)
        report.say("  chain of records walked", f"{records:,} records in {took:.1f} s", broken is None)
        await database.close()


async def replaying(report: Report) -> None:
    """100,000 comments again under the same policy."""
    count = int(os.environ.get("BENCH_COMMENTS", "100000"))
    async with a_house(durable=False) as house:
        database = house.database()
        court = Court()
        began = time.perf_counter()
        await fill(database, court, count, random.Random(3))
        received = count / (time.perf_counter() - began)
        report.say("  received and decided, database and all, one process", f"{received:,.0f} comments/s")
        async with database.reading() as session:
            began = time.perf_counter()
            diff = await replay(session, Policy(), count, court)
            took = time.perf_counter() - began
        kept = took <= 120 and diff.changed == 0 and not diff.codes and diff.comments == count
        figure = f"{took:.1f} s, {diff.changed} verdicts and {sum(diff.codes.values())} reasons differ"
        report.say(f"replay of {count:,} comments ≤ 120 s, 0 differences", figure, kept)
        await database.close()
