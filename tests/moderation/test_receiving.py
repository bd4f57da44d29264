"""Comments arrive as facts: each is decided once, recorded whole, and told; people and machines leave one chain."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from services.moderation.handlers import events
from services.moderation.storage import comments, decisions, people
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.receiving import decide_again, receive
from services.moderation.use_cases.ruling import Order, Refused, rule
from services.moderation.use_cases.withdrawing import withdraw
from shared.events import ArticleKilled, CommentModerated, CommentReported, CommentSubmitted, Event, ThreadChanged
from shared.runtime import Database, utc_now
from tests.builders import a_comment, deliver
from tests.moderation.builders import A_GOOD_COMMENT

LONG = "Everyone on this street should know that the water will be cut on Tuesday from nine until the evening."


def verdicts(told: list[Event]) -> list[str]:
    return [fact.verdict for fact in told if isinstance(fact, CommentModerated)]


async def test_a_repeated_comment_is_decided_once(database: Database) -> None:
    told = await deliver(events, database, a_comment(text=A_GOOD_COMMENT), parts=[Court()])
    assert verdicts(told) == ["approve"]


async def test_a_newer_revision_is_decided_again_and_an_older_one_is_not(database: Database) -> None:
    comment = a_comment(text=A_GOOD_COMMENT)
    second = comment.model_copy(update={"revision": 2, "text": "You are an idiot."})
    told = await deliver(events, database, comment, second, comment, parts=[Court()])
    facts = [fact for fact in told if isinstance(fact, CommentModerated)]
    assert [(fact.revision, fact.sequence, fact.verdict) for fact in facts] == [(1, 1, "approve"), (2, 2, "hold")]


async def test_a_comment_with_a_null_character_is_decided(database: Database) -> None:
    assert verdicts(
        await deliver(events, database, a_comment(text="a fine\x00 word \\u0000 here"), parts=[Court()])
    ) == ["approve"]


async def test_copies_are_seen_across_authors_and_within_one_batch(database: Database) -> None:
    batch = [a_comment(text=LONG + "!" * n, author_id=f"author-{n}") for n in range(4)]
    async with database.transaction() as tx:
        told = await receive(tx.session, batch[:3], Court(), utc_now())
    assert [fact.verdict for fact in told] == ["approve", "approve", "hold"]
    assert [reason.code for reason in told[2].reasons if reason.verdict != "approve"] == ["repeat.across"]
    assert verdicts(await deliver(events, database, batch[3], parts=[Court()])) == ["hold"]


async def test_a_flood_is_held_and_then_refused_while_others_go_on(database: Database) -> None:
    court, now = Court(), utc_now()
    flood = [a_comment(text=f"{n} is my number, word {n * 7}", author_id="loud", submitted_at=now) for n in range(30)]
    async with database.transaction() as tx:
        await receive(tx.session, flood, court, now)
    told = await deliver(
        events, database, a_comment(author_id="loud", text="once more", submitted_at=now), parts=[court]
    )
    assert verdicts(told) == ["reject"]
    assert verdicts(await deliver(events, database, a_comment(author_id="calm"), parts=[court])) == ["approve"]


async def test_a_closed_thread_takes_no_comment_and_a_killed_story_takes_its_thread_with_it(database: Database) -> None:
    court, article = Court(), uuid4()
    shown = a_comment(article_id=article)
    await deliver(events, database, shown, parts=[court])
    closed = ThreadChanged(article_id=article, revision=2, open=False, changed_at=utc_now())
    late_news = ThreadChanged(article_id=article, revision=1, open=True, changed_at=utc_now())
    await deliver(events, database, closed, late_news, parts=[court])
    assert verdicts(await deliver(events, database, a_comment(article_id=article), parts=[court])) == ["reject"]
    kill = ArticleKilled(article_id=article, revision=3, slug="s", reason="r", killed_at=utc_now())
    await deliver(events, database, kill, parts=[court])
    async with database.transaction() as tx:
        told = await decide_again(tx.session, await comments.due(tx.session, utc_now(), 10), court, utc_now())
    assert {(fact.comment_id, fact.verdict) for fact in told} == {(shown.comment_id, "reject")}
    assert all("thread.killed" in {reason.code for reason in fact.reasons} for fact in told)


async def test_heavy_reports_bring_a_comment_back_and_their_outcome_counts(
    database: Database,
) -> None:
    court, comment = Court(), a_comment()
    await deliver(events, database, comment, parts=[court])
    reports = [
        CommentReported(
            report_id=uuid4(),
            comment_id=comment.comment_id,
            article_id=comment.article_id,
            reporter_id=who,
            reported_at=utc_now(),
        )
        for who in ("one", "one", "two")
    ]
    told = await deliver(events, database, *reports, parts=[court])
    assert verdicts(told) == ["hold"]
    async with database.transaction() as tx:
        await rule(tx.session, Order(comment.comment_id, "reject", "mod"), court, utc_now())
    async with database.reading() as session:
        reporter = await people.author(session, "one")
        assert reporter is not None
        assert (reporter.reports_right, reporter.reports_wrong) == (1, 0)
        assert await people.report_weight(session, comment.comment_id) == (0, 0.0)


async def test_the_chain_is_whole_and_shows_where_it_was_tampered_with(database: Database) -> None:
    court = Court()
    batch = [a_comment(text=f"{A_GOOD_COMMENT} {n}", author_id=f"a{n}") for n in range(5)]
    await deliver(events, database, *batch, parts=[court])
    async with database.transaction() as tx:
        await rule(tx.session, Order(batch[2].comment_id, "reject", "mod", note="off topic"), court, utc_now())
    async with database.transaction() as tx:
        assert await decisions.first_broken(tx.session) is None
        await tx.session.execute(text("UPDATE decisions SET verdict = 'approve' WHERE position = 6"))
        assert await decisions.first_broken(tx.session) == 6
        await tx.session.execute(text("UPDATE decisions SET verdict = 'reject' WHERE position = 6"))
        await tx.session.execute(text("DELETE FROM decisions WHERE position = 3"))
        assert await decisions.first_broken(tx.session) == 4


async def test_a_person_decides_over_the_machine_and_the_machine_not_over_a_person(database: Database) -> None:
    court, comment = Court(), a_comment(text="You are an idiot.")
    await deliver(events, database, comment, parts=[court])
    async with database.transaction() as tx:
        _, fact = await rule(tx.session, Order(comment.comment_id, "approve", "mod"), court, utc_now())
    assert (fact.verdict, fact.sequence, fact.decided_by) == ("approve", 2, "mod")
    closed = ThreadChanged(article_id=comment.article_id, revision=1, open=False, changed_at=utc_now())
    await deliver(events, database, closed, parts=[court])
    async with database.transaction() as tx:
        assert await comments.due(tx.session, utc_now(), 10) == []


async def test_a_deleted_comment_is_forgotten_and_its_record_stays_whole(database: Database) -> None:
    court, comment = Court(), a_comment()
    await deliver(events, database, comment, parts=[court])
    async with database.transaction() as tx:
        told = await withdraw(tx.session, comment.comment_id, comment.author_id, for_author=False, now=utc_now())
    assert [(fact.verdict, fact.reasons[0].code) for fact in told] == [("reject", "person.withdrawn")]
    async with database.transaction() as tx:
        kept = await comments.get(tx.session, comment.comment_id)
        assert kept is not None
        assert (kept.text, kept.state) == ("", "withdrawn")
        assert await decisions.first_broken(tx.session) is None
    assert await deliver(events, database, comment.model_copy(update={"revision": 2}), parts=[court]) == []


async def test_many_at_once_lose_nothing_and_counts_equal_a_recount(database: Database) -> None:
    """Moderators and the stream at the same time, several of them on the same comments."""
    court = Court()
    texts = [A_GOOD_COMMENT, "You are an idiot.", "Nhà cái uy tín số một"]
    batch = [
        a_comment(
            text=f"{texts[n % 3]} {n} {'abc' * n}",
            author_id=f"author-{n % 7}",
            submitted_at=utc_now() - timedelta(hours=n),
        )
        for n in range(60)
    ]

    async def arrive(part: list[CommentSubmitted]) -> int:
        async with database.transaction() as tx:
            told = await receive(tx.session, part, court, utc_now())
            tx.tell(*told)
        return len(told)

    arrived = await asyncio.gather(*(arrive(batch[n : n + 15]) for n in range(0, 60, 15)))
    assert sum(arrived) == 60

    async def decide(n: int) -> int:
        comment = batch[n % 20]
        async with database.transaction() as tx:
            try:
                order = Order(comment.comment_id, ("approve", "reject")[n % 2], f"mod-{n}", version=1 + n // 20)
                await rule(tx.session, order, court, utc_now())
            except Refused:
                return 0
        return 1

    applied = sum(await asyncio.gather(*(decide(n) for n in range(60))))
    async with database.reading() as session:
        assert await decisions.first_broken(session) is None
        assert await decisions.count(session) == 60 + applied
        for number in range(7):
            author = await people.author(session, f"author-{number}")
            assert author is not None
            counted = await people.recount(session, f"author-{number}")
            kept = {"approve": author.approved, "hold": author.held, "reject": author.rejected}
            assert {verdict: count for verdict, count in kept.items() if count} == counted
