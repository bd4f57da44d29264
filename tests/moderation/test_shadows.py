"""What listens without counting: policies in shadow, scorers not calibrated yet; and what comes of listening."""

from datetime import timedelta
from typing import Any

import httpx2

from services.moderation.domain.case import Context, Score
from services.moderation.domain.policy import Policy
from services.moderation.rules.scorers import Scorer, Scorers
from services.moderation.schedule import decide_what_is_due, keep_learners
from services.moderation.storage import comments, decisions
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.learning import STORE_AFTER
from services.moderation.use_cases.receiving import receive
from services.moderation.use_cases.ruling import Order, rule
from services.moderation.use_cases.workshop import draft, go_live
from shared.events import CommentSubmitted
from shared.runtime import AsyncSession, Database, utc_now
from tests.builders import a_comment
from tests.moderation.builders import A_GOOD_COMMENT, settings
from tests.moderation.test_desk import IDIOT, ok, put

#: Rejects what the built-in policy would only hold.
STRICT = {"words": {"actions": {"insult": "reject"}}}


class Clairvoyant:
    """A scorer that knows: what ends in an exclamation mark is bad."""

    async def score(self, text: str, language: str, context: Context) -> Score:
        """Sure of itself."""
        assert (language, context["is_reply"]) == ("und", False)
        return Score("seer", "seer:1", {"bad": 0.9 if text.endswith("!") else 0.1})


#: Risks that a few hundred decisions can bear out.
BOLD = {"scores": {"leak": 0.05, "precision": 0.95}}


async def let_it_decide(session: AsyncSession, body: dict[str, Any]) -> None:
    """Make a policy live."""
    await go_live(session, await draft(session, "bold", body, None, "op", utc_now()), utc_now(), utc_now())


def seeing(scorer: Scorer) -> Scorers:
    """Scorers with one of ours."""
    scorers = Scorers([])
    scorers.all = (scorer,)
    return scorers


async def test_a_policy_in_shadow_is_written_down_and_never_counts(
    desk: httpx2.AsyncClient, database: Database
) -> None:
    draft = await ok(await desk.post("/v1/policies", json={"name": "strict", "body": STRICT}))
    assert (await ok(await desk.post(f"/v1/policies/{draft['policy_id']}/shadow")))["status"] == "shadow"
    comment = a_comment(text=IDIOT)
    await put(database, comment)
    shown = await ok(await desk.get(f"/v1/comments/{comment.comment_id}"))
    assert shown["state"] == "hold"
    [heard] = [r for r in shown["reasons"] if r["rule"] == "policy"]
    assert (heard["code"], heard["verdict"], heard["shadow"]) == ("policy.strict@1", "reject", True)
    assert heard["message"] == "strict@1, in shadow, would reject it (words.insult)."
    await ok(await desk.post(f"/v1/comments/{comment.comment_id}/decisions", json={"key": "b"}))
    [listened] = (await ok(await desk.get("/v1/statistics")))["shadows"]
    expected = {"policy": "strict@1", "looked_at": 1, "people_agreed": 1, "people_agreed_with_live": 0}
    assert listened == expected
    same = await ok(await desk.post("/v1/policies", json={"body": {}}))
    assert (await ok(await desk.post(f"/v1/policies/{same['policy_id']}/replay", json={})))["codes"] == {}
    assert (await ok(await desk.post(f"/v1/policies/{draft['policy_id']}/archive")))["status"] == "archived"
    later = a_comment(text="You idiot.", author_id="another")
    await put(database, later)
    assert {r["rule"] for r in (await ok(await desk.get(f"/v1/comments/{later.comment_id}")))["reasons"]} == {
        "words",
        "score",
    }


async def test_the_live_policy_cannot_be_put_away(desk: httpx2.AsyncClient) -> None:
    draft = await ok(await desk.post("/v1/policies", json={"body": STRICT}))
    await ok(await desk.post(f"/v1/policies/{draft['policy_id']}/live"))
    for verb in ("archive", "shadow", "live"):
        refused = await desk.post(f"/v1/policies/{draft['policy_id']}/{verb}")
        assert refused.status_code == 409


async def test_authors_are_told_why_in_both_languages_and_only_of_their_own(
    desk: httpx2.AsyncClient, database: Database
) -> None:
    draft = await ok(await desk.post("/v1/policies", json={"body": STRICT}))
    await ok(await desk.post(f"/v1/policies/{draft['policy_id']}/shadow"))
    hers = "0123456789abcdef" * 2
    comment = a_comment(text=IDIOT, author_id=f"reader:{hers}")
    await put(database, comment)
    path = f"/v1/comments/{comment.comment_id}/explanation"
    told = await ok(await desk.get(path))
    assert (told["state"], told["may_appeal"]) == ("hold", False)
    assert told["reasons"] == [{"en": "Some words offend.", "vi": "Một số từ ngữ gây xúc phạm.", "spans": [[11, 16]]}]
    await ok(
        await desk.post(f"/v1/comments/{comment.comment_id}/decisions", json={"key": "b", "note": "not like this"})
    )
    given = {"status": "suspended", "reason": "insults", "for_hours": 2}
    await ok(await desk.post(f"/v1/authors/reader:{hers}/standing", json=given))
    told = await ok(await desk.get(path))
    assert (told["state"], told["may_appeal"], told["note"]) == ("reject", True, "not like this")
    assert (told["standing"]["status"], told["standing"]["reason"]) == ("suspended", "insults")
    appeal = {"comment_id": str(comment.comment_id), "text": "It was meant of myself."}
    for kept, found, appealed in (("f" * 32, 404, 404), ("", 404, 404), (hers, 200, 201)):
        reader = {"Authorization": "", "Cookie": f"nwr_reader={kept}"}
        assert (await desk.get(path, headers=reader)).status_code == found
        assert (await desk.post("/v1/appeals", json=appeal, headers=reader)).status_code == appealed


async def test_a_scorer_is_believed_once_the_desks_decisions_bear_it_out(database: Database) -> None:
    court = Court(seeing(Clairvoyant()))
    where = settings(database.url.render_as_string(hide_password=False))

    async def sent(*batch: CommentSubmitted) -> None:
        async with database.transaction() as tx:
            await receive(tx.session, batch, court, utc_now())
        while await decide_what_is_due(database, court, where):
            pass

    def said(n: int) -> str:
        return f"{A_GOOD_COMMENT} Number {n * 7919}{'!' if n % 2 else '.'}"

    first = a_comment(text=said(1))
    await sent(first)
    batch = [a_comment(text=said(n), author_id=f"a{n}") for n in range(300)]
    await sent(*batch)
    async with database.transaction() as tx:
        await let_it_decide(tx.session, BOLD)
        for n, comment in enumerate(batch):
            await rule(tx.session, Order(comment.comment_id, "reject" if n % 2 else "approve", "mod"), court, utc_now())
    last = a_comment(text="It will rain tomorrow, and nobody told the farmers of the valley!", author_id="z")
    await sent(last)
    async with database.reading() as session:
        [before] = await decisions.of_comment(session, first.comment_id)
        [after] = await decisions.of_comment(session, last.comment_id)
    assert [reason["shadow"] for reason in before.reasons if reason["code"] == "score.bad"] == [True]
    [bad] = [reason for reason in after.reasons if reason["code"] == "score.bad"]
    assert (bad["shadow"], bad["verdict"]) == (False, "reject")
    assert court.calibrator.standing(Policy().scores)["seer:1 en"]["seen"] == 300


async def test_what_waits_is_decided_again_when_the_learner_knows_more(database: Database) -> None:
    court = Court()
    texts = ("thank you for this report, number {}", "buy cheap watches at our house, number {}")
    async with database.transaction() as tx:
        await let_it_decide(tx.session, BOLD)
        batch = [
            a_comment(text=texts[n % 2].format(n * 7919), author_id=f"a{n}", submitted_at=utc_now() - timedelta(days=2))
            for n in range(STORE_AFTER + 100)
        ]
        await receive(tx.session, batch, court, utc_now())
        for n, comment in enumerate(batch):
            await rule(tx.session, Order(comment.comment_id, "reject" if n % 2 else "approve", "mod"), court, utc_now())
        waiting = a_comment(text="buy cheap watches at our house today", author_id="z", submitted_at=utc_now())
        await receive(tx.session, [waiting], Court(), utc_now())
    where = settings(database.url.render_as_string(hide_password=False))
    async with database.transaction() as tx:
        await keep_learners(tx, court, where)
    async with database.reading() as session:
        kept = await comments.get(session, waiting.comment_id)
    assert kept is not None
    assert kept.redecide
    await decide_what_is_due(database, court, where)
    async with database.reading() as session:
        kept = await comments.get(session, waiting.comment_id)
    assert kept is not None
    assert not kept.redecide
