"""What may wait does, and is decided all the same: a flood, a silent scorer, a learner that was rolled back."""

from datetime import timedelta

from sqlalchemy import text

from services.moderation.domain.case import Context, Score
from services.moderation.schedule import ask_silent_scorers, decide_what_is_due
from services.moderation.storage import comments, decisions
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.receiving import receive
from services.moderation.use_cases.ruling import Order, rule
from shared.runtime import Database, utc_now
from tests.builders import a_comment
from tests.moderation.builders import A_GOOD_COMMENT, settings
from tests.moderation.test_desk import VERDICTS
from tests.moderation.test_shadows import let_it_decide, seeing

HALF_A_SECOND = timedelta(seconds=0.5)


class Moody:
    """A scorer that finds everything harmless, when it speaks."""

    def __init__(self) -> None:
        self.silent = True

    async def score(self, text: str, language: str, context: Context) -> Score:
        """An answer, or none."""
        assert text
        assert language
        assert context
        return Score("moody", "moody:1", None if self.silent else {"bad": 0.0}, failure="gone" if self.silent else None)


async def states(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        query = text("SELECT author_id || ' ' || state, count(*) FROM comments GROUP BY 1")
        return dict((await session.execute(query)).all())


async def test_a_torrent_waits_while_others_are_decided_and_is_then_refused_for_what_it_was(database: Database) -> None:
    where = settings(database.url.render_as_string(hide_password=False))
    begin = utc_now() - timedelta(minutes=30)
    batch = [
        a_comment(
            text=f"{n} is what I say, {n * 7919} times", author_id="loud", submitted_at=begin + timedelta(0, n / 2)
        )
        for n in range(60)
    ]
    calm = a_comment(author_id="calm", submitted_at=begin + timedelta(seconds=40))
    court = Court()
    async with database.transaction() as tx:
        told = await receive(tx.session, [*batch, calm], court, utc_now())
    assert {fact.verdict for fact in told if fact.comment_id == calm.comment_id} == {"approve"}
    assert await states(database) == {"loud approve": 6, "loud hold": 14, "loud pending": 40, "calm approve": 1}
    await decide_what_is_due(database, court, where)  # while it lasts, a little at a time
    assert (await states(database))["loud pending"] == 20
    while await decide_what_is_due(database, Court(), where):
        pass
    assert await states(database) == {"loud approve": 6, "loud hold": 14, "loud reject": 40, "calm approve": 1}
    async with database.reading() as session:
        [record] = await decisions.of_comment(session, batch[-1].comment_id)
    assert "flood.drowning" in {reason["code"] for reason in record.reasons}


async def test_what_a_silent_scorer_held_is_decided_once_it_speaks_again(database: Database) -> None:
    scorer = Moody()
    court = Court(seeing(scorer))
    where = settings(database.url.render_as_string(hide_password=False))

    async def a_while_later() -> dict[str, int]:
        async with database.transaction() as tx:
            await ask_silent_scorers(tx, court)
        await decide_what_is_due(database, court, where)
        return await states(database)

    async with database.transaction() as tx:
        batch = [a_comment(author_id="reader", text=f"{A_GOOD_COMMENT} {n * 7919}") for n in range(2)]
        await receive(tx.session, [*batch, a_comment(author_id="other")], court, utc_now())
    await decide_what_is_due(database, court, where)
    assert (await states(database))["other hold"] == 1
    for _ in range(3):
        assert (await a_while_later())["other hold"] == 1
    async with database.reading() as session:
        assert await decisions.count(session) == 3  # asking in vain adds nothing to the record
    scorer.silent = False
    for _ in range(3):
        await a_while_later()
    assert not any("pending" in name for name in await states(database))
    assert (await states(database))["other approve"] == 1


async def test_a_policy_rolls_the_learner_back_to_a_position(database: Database) -> None:
    court = Court()
    async with database.transaction() as tx:
        batch = [a_comment(text=f"{A_GOOD_COMMENT} {n * 7919}", author_id=f"a{n}") for n in range(8)]
        await receive(tx.session, batch, court, utc_now())
        stood = []
        for n, comment in enumerate(batch):
            await rule(tx.session, Order(comment.comment_id, VERDICTS[n % 2], "mod"), court, utc_now())
            await court.sit(tx.session)
            stood.append((court.teacher.digests(), court.teacher.position))
        halfway, position = stood[3]
        assert court.teacher.digests() != halfway
        await let_it_decide(tx.session, {"scores": {"learn_until": position}})
        await court.sit(tx.session)
        assert court.teacher.digests() == halfway
        await let_it_decide(tx.session, {})
        await court.sit(tx.session)
        assert court.teacher.position > position
        kept = await comments.get(tx.session, batch[0].comment_id)
    assert kept is not None
    assert kept.decided_by == "mod"
