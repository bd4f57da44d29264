"""The moderators' doors: queue, decisions, leases, appeals, standings, policies; from stream to answer."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import redis.asyncio as redis

from services.moderation.handlers import events
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.learning import Teacher
from services.moderation.use_cases.ruling import Order, Refused, rule
from shared.events import CommentSubmitted, Verdict
from shared.runtime import Database, utc_now
from shared.runtime.envelope import Cause, seal
from tests.builders import a_comment, deliver
from tests.moderation.builders import A_GOOD_COMMENT

IDIOT = "You are an idiot."
VERDICTS: tuple[Verdict, Verdict] = ("approve", "reject")


async def put(database: Database, *comments: CommentSubmitted) -> None:
    await deliver(events, database, *comments, parts=[Court()], times=1)


async def ok(answer: httpx2.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def until_it_stands_at(desk: httpx2.AsyncClient, comment: CommentSubmitted, state: str) -> None:
    """Ask until the clock has come to it; each answer is a round trip to the database, which is pause enough."""
    async with asyncio.timeout(30):
        while (await ok(await desk.get(f"/v1/comments/{comment.comment_id}")))["state"] != state:
            pass


async def test_a_comment_flows_from_its_stream_to_a_verdict(desk: httpx2.AsyncClient, redis_url: str) -> None:
    comment = a_comment(text=A_GOOD_COMMENT)
    async with redis.Redis.from_url(redis_url, decode_responses=True) as streams:
        envelope = seal(comment, "publishing", Cause.fresh())
        fields: dict[Any, Any] = {
            "id": str(envelope.id),
            "type": comment.type_name(),
            "event": envelope.model_dump_json(),
        }
        await streams.xadd("comment.submitted", fields)
        told: Any = await streams.xread({"comment.moderated": "0"}, block=15_000)
        verdict = json.loads(told[0][1][0][1]["event"])["data"]
        assert (verdict["comment_id"], verdict["verdict"]) == (str(comment.comment_id), "approve")
    shown = await ok(await desk.get(f"/v1/comments/{comment.comment_id}"))
    assert shown["state"] == "approve"
    assert shown["decisions"][0]["policy"] == "built-in@0"


async def test_a_moderator_works_the_queue(desk: httpx2.AsyncClient, database: Database) -> None:
    rude, fine = a_comment(text=IDIOT, author_id="a"), a_comment(author_id="b")
    await put(database, rude, fine)
    queue = await ok(await desk.get("/v1/queue"))
    assert [item["comment_id"] for item in queue["items"]] == [str(rude.comment_id)]
    item = queue["items"][0]
    assert item["reasons"][0]["code"] == "words.insult"
    assert IDIOT[slice(*item["reasons"][0]["spans"][0])] == "idiot"
    assert set(item["reasons"][0]["tell"]) == {"en", "vi"}
    path = f"/v1/comments/{rude.comment_id}/decisions"
    decided = await ok(await desk.post(path, json={"key": "b", "version": item["version"]}))
    assert (decided["state"], decided["reasons"][0]["code"]) == ("reject", "person.abuse")
    stale = await desk.post(path, json={"verdict": "approve", "version": item["version"]})
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/stale-decision")
    assert (await ok(await desk.get("/v1/queue")))["items"] == []
    assert await ok(await desk.get("/v1/queue/counts")) == {
        "state_approve": 1,
        "state_reject": 1,
        "waiting": 0,
        "leased": 0,
    }


async def test_the_queue_is_paged_without_gaps(desk: httpx2.AsyncClient, database: Database) -> None:
    batch = [a_comment(text=f"{IDIOT} {n}", author_id=f"a{n}") for n in range(7)]
    await put(database, *batch)
    seen, cursor = [], None
    while True:
        page = await ok(await desk.get("/v1/queue", params={"limit": 3, **({"cursor": cursor} if cursor else {})}))
        seen += [item["comment_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(str(comment.comment_id) for comment in batch)


async def test_claims_never_overlap_and_a_lease_keeps_others_out(desk: httpx2.AsyncClient, database: Database) -> None:
    batch = [a_comment(text=f"{IDIOT} {n}", author_id=f"a{n}") for n in range(6)]
    await put(database, *batch)
    claims = await asyncio.gather(*(desk.post("/v1/queue/claims", json={"count": 3}) for _ in range(3)))
    taken = [item["comment_id"] for claim in claims for item in await ok(claim)]
    assert len(taken) == len(set(taken)) == 6
    async with database.transaction() as tx:
        with pytest.raises(Refused, match="is working on it"):
            await rule(tx.session, Order(batch[0].comment_id, "approve", "somebody else"), Court(), utc_now())
    released = await ok(await desk.post("/v1/queue/releases", json={"comment_ids": taken[:2]}))
    assert released == {"released": 2}
    bulk = [{"comment_id": i, "key": "a"} for i in taken] + [{"comment_id": str(uuid4()), "key": "r"}]
    answers = await ok(await desk.post("/v1/decisions", json={"decisions": bulk}))
    assert [answer["applied"] for answer in answers] == [True] * 6 + [False]


async def test_an_appeal_is_heard_by_somebody_else_and_overturning_teaches_more(
    desk: httpx2.AsyncClient, database: Database
) -> None:
    comment = a_comment(text=IDIOT)
    await put(database, comment)
    court = Court()
    async with database.transaction() as tx:
        await rule(tx.session, Order(comment.comment_id, "reject", "first moderator"), court, utc_now())
    opened = await ok(
        await desk.post("/v1/appeals", json={"comment_id": str(comment.comment_id), "text": "I meant me."})
    )
    again = await desk.post("/v1/appeals", json={"comment_id": str(comment.comment_id), "text": "Once more."})
    assert again.status_code == 409
    assert len((await ok(await desk.get("/v1/appeals")))["items"]) == 1
    body = {"outcome": "overturned", "answer": "You are right, sorry."}
    heard = await ok(await desk.post(f"/v1/appeals/{opened['appeal_id']}/decision", json=body))
    assert (heard["outcome"], heard["overdue"]) == ("overturned", False)
    shown = await ok(await desk.get(f"/v1/comments/{comment.comment_id}"))
    assert shown["state"] == "approve"
    late = await desk.post(f"/v1/appeals/{opened['appeal_id']}/decision", json=body)
    assert late.status_code == 409


async def test_nobody_hears_an_appeal_against_their_own_decision(desk: httpx2.AsyncClient, database: Database) -> None:
    comment = a_comment(text=IDIOT)
    await put(database, comment)
    await ok(await desk.post(f"/v1/comments/{comment.comment_id}/decisions", json={"key": "r"}))
    opened = await ok(await desk.post("/v1/appeals", json={"comment_id": str(comment.comment_id), "text": "Why?"}))
    heard = await desk.post(f"/v1/appeals/{opened['appeal_id']}/decision", json={"outcome": "upheld", "answer": "No."})
    assert (heard.status_code, heard.json()["type"]) == (409, "/problems/own-decision")


async def test_a_suspension_has_an_end_and_refuses_what_comes_meanwhile(
    desk: httpx2.AsyncClient, database: Database
) -> None:
    await put(database, a_comment(author_id="loud"))
    endless = await desk.post("/v1/authors/loud/standing", json={"status": "suspended", "reason": "insults"})
    assert endless.status_code == 422
    given = {"status": "suspended", "reason": "insults", "for_hours": 24}
    author = await ok(await desk.post("/v1/authors/loud/standing", json=given))
    assert (author["status"], author["approved"]) == ("suspended", 1)
    await put(database, a_comment(author_id="loud", text="I am back already, am I not?"))
    shown = await ok(await desk.get("/v1/authors/loud"))
    assert [comment["state"] for comment in shown["comments"]] == ["reject", "approve"]


async def test_a_nudge_says_what_offends_and_keeps_nothing(desk: httpx2.AsyncClient) -> None:
    nudge = await ok(await desk.post("/v1/nudges", json={"text": "thằng ngu này", "language": "vi"}))
    assert (nudge["fine"], nudge["tell"]) == (False, ["Một số từ ngữ gây xúc phạm."])
    assert (await ok(await desk.post("/v1/nudges", json={"text": A_GOOD_COMMENT})))["fine"] is True


async def test_a_list_is_changed_after_its_replay_was_looked_at(desk: httpx2.AsyncClient, database: Database) -> None:
    brumal = a_comment(text="What a brumal thing to say, honestly.", author_id="a")
    await put(database, brumal, a_comment(author_id="b"), a_comment(text=IDIOT, author_id="c"))
    bad = await desk.post("/v1/word-lists/house", json={"content": "brumal"})
    assert (bad.status_code, "line 1" in bad.json()["detail"]) == (422, True)
    listed = await ok(await desk.post("/v1/word-lists/house", json={"content": "brumal | insult"}))
    body = {"words": {"lists": {"en": 0, "vi": 0, "house": listed["version"]}}}
    same = await ok(await desk.post("/v1/policies", json={"body": {}}))
    draft = await ok(await desk.post("/v1/policies", json={"body": body, "note": "brumal offends here"}))
    assert (await ok(await desk.post(f"/v1/policies/{same['policy_id']}/replay", json={})))["changed"] == 0
    diff = await ok(await desk.post(f"/v1/policies/{draft['policy_id']}/replay", json={"last": 100}))
    assert (diff["comments"], diff["changed"], diff["verdicts"]) == (3, 1, {"approve → hold": 1})
    assert diff["examples"][0]["comment_id"] == str(brumal.comment_id)
    assert (await ok(await desk.get(f"/v1/comments/{brumal.comment_id}")))["state"] == "approve"
    live = await ok(await desk.post(f"/v1/policies/{draft['policy_id']}/live"))
    assert (live["status"], live["asked_again"]) == ("live", 3)
    await until_it_stands_at(desk, brumal, "hold")
    history = (await ok(await desk.get(f"/v1/comments/{brumal.comment_id}")))["decisions"]
    assert [decision["policy"] for decision in history] == ["house@2", "built-in@0"]


async def test_a_policy_that_cannot_be_used_says_where(desk: httpx2.AsyncClient) -> None:
    for body, where in (
        ({"length": {"longest": "many"}}, "length.longest"),
        ({"unheard": 1}, "unheard"),
        ({"words": {"lists": {"house": 9}}}, "house"),
        ({"patterns": [{"name": "p", "expression": "(", "message": "m"}]}, "missing )"),
    ):
        answer = await desk.post("/v1/policies", json={"body": body})
        assert answer.status_code == 422
        assert where in answer.json()["detail"]


async def test_models_told_from_the_log_are_the_same_bit_for_bit(desk: httpx2.AsyncClient, database: Database) -> None:
    batch = [a_comment(text=f"{(A_GOOD_COMMENT, IDIOT)[n % 2]} {n}", author_id=f"a{n}") for n in range(12)]
    await put(database, *batch)
    court = Court()
    for n, comment in enumerate(batch):
        async with database.transaction() as tx:
            await rule(tx.session, Order(comment.comment_id, VERDICTS[n % 2], "mod"), court, utc_now())
    async with database.transaction() as tx:
        await court.sit(tx.session)
        anew, earlier = Teacher(), Teacher()
        await anew.catch_up(tx.session)
        assert anew.digests() == court.teacher.digests() != {}
        await earlier.catch_up(tx.session, until=20)
        assert earlier.position == 20
        assert earlier.digests() != anew.digests()
        await court.teacher.catch_up(tx.session, until=20)
        assert court.teacher.digests() == earlier.digests()
    learners = await ok(await desk.get("/v1/learners"))
    assert learners["en"]["seen"] == 12
    statistics = await ok(await desk.get("/v1/statistics"))
    assert sum(row["count"] for row in statistics["decisions"] if row["by"] == "people") == 12
    chain = await ok(await desk.post("/v1/decisions/check"))
    assert chain == {"records": 24, "whole": True, "broken_at": None}


async def test_readers_are_kept_out_of_the_desk(desk: httpx2.AsyncClient) -> None:
    for path in ("/v1/queue", f"/v1/comments/{uuid4()}", "/v1/policies", "/v1/appeals", "/v1/authors/x"):
        answer = await desk.get(path, headers={"Authorization": ""})
        assert answer.status_code == 401, path
