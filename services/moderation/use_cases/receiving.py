"""Comments arrive: kept, looked at in the light of everything known, decided, told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Score
from services.moderation.storage import comments, decisions
from services.moderation.storage.tables import Comment, Decision
from services.moderation.use_cases.context import Knowledge, gather, paces_of
from services.moderation.use_cases.court import Court, Sitting
from services.moderation.use_cases.deciding import Finding, by_machine, write_down
from shared.events import CommentModerated, CommentSubmitted

#: So many drowning comments in one batch wait for the clock: a flood must not make everybody else wait.
_TORRENT = 20
_A_WHILE = timedelta(seconds=2)


async def receive(
    session: AsyncSession, facts: Iterable[CommentSubmitted], court: Court, now: datetime
) -> list[CommentModerated]:
    """Keep and decide the newest revision of each comment; what is known already is left alone.

    What comes in a torrent is kept, shown to nobody, and decided by the clock once the others were served.
    """
    newest: dict[object, CommentSubmitted] = {}
    for fact in facts:
        if fact.comment_id not in newest or newest[fact.comment_id].revision < fact.revision:
            newest[fact.comment_id] = fact
    sitting = await court.sit(session)
    kept = await comments.keep(session, [_row(fact, now) for fact in newest.values()])
    in_order = [kept[fact.comment_id] for fact in newest.values() if fact.comment_id in kept]
    if court.scorers.all or not in_order:  # the clock asks them, outside any transaction, and decides then
        return []
    paces = await paces_of(session, in_order, sitting.policy)
    drowning = [c.id for c in in_order if paces[c.id].minute >= sitting.policy.flood.drowning_per_minute]
    if len(drowning) > _TORRENT:
        court.put_off_until = now + _A_WHILE
        await comments.put_off(session, drowning)
        waiting = set(drowning)
        in_order = [comment for comment in in_order if comment.id not in waiting]
    return await decide_all(session, in_order, sitting, now, paces=paces)


async def decide_all(
    session: AsyncSession,
    batch: Sequence[Comment],
    sitting: Sitting,
    now: datetime,
    scores: Mapping[UUID, tuple[Score, ...]] | None = None,
    paces: Mapping[UUID, comments.Pace] | None = None,
) -> list[CommentModerated]:
    """Judge locked comments in order, each seeing those before it; `scores` are those of scorers outside."""
    if not batch:
        return []
    found, known = await _judge(session, batch, sitting, now, scores or {}, paces)
    return await write_down(session, found, known.authors, now)


async def _judge(
    session: AsyncSession,
    batch: Sequence[Comment],
    sitting: Sitting,
    now: datetime,
    scores: Mapping[UUID, tuple[Score, ...]],
    paces: Mapping[UUID, comments.Pace] | None = None,
) -> tuple[list[Finding], Knowledge]:
    paces = paces or await paces_of(session, batch, sitting.policy)
    known = await gather(session, batch, sitting.policy, now, paces)
    found = []
    for comment in batch:
        case = known.case_of(comment, sitting, scores.get(comment.id, ()))
        found.append(by_machine(comment, case, sitting.rule_on(case), sitting.name))
    await comments.keep_fingerprints(session, known.fresh_prints)
    return found, known


def _row(fact: CommentSubmitted, now: datetime) -> dict[str, object]:
    row: dict[str, object] = {
        "id": fact.comment_id,
        "article_id": fact.article_id,
        "revision": fact.revision,
        "reply_to": fact.reply_to,
        "author_id": fact.author_id,
        "author_name": fact.author_name,
        "text": fact.text,
        "language": fact.language or "und",
        "section": fact.section,
        "headline": fact.article_headline,
        "submitted_at": fact.submitted_at,
        "received_at": now,
    }
    # PostgreSQL keeps no U+0000 in text, and it says nothing to a reader
    return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in row.items()}


async def decide_again(
    session: AsyncSession,
    due: Sequence[Comment],
    court: Court,
    now: datetime,
    scores: Mapping[UUID, tuple[Score, ...]] | None = None,
) -> list[CommentModerated]:
    """Judge locked comments anew under what is live now; told only where the verdict changed.

    A comment of which the same policy says the same again, for the same reasons, keeps the decision it has.
    """
    if not due:
        return []
    sitting = await court.sit(session)
    due = sorted(due, key=lambda comment: (comment.submitted_at, comment.id))  # as they came: copies follow the first
    found, known = await _judge(session, due, sitting, now, scores or {})
    before = {comment.id: comment.verdict for comment in due if comment.state != "pending"}
    latest = await decisions.several(session, [c.decision_id for c in due if c.id in before and c.decision_id])
    same = [one.comment.id for one in found if one.comment.id in before and _says_the_same(one, latest)]
    await comments.settle(session, [{"b_id": comment_id, "redecide": False} for comment_id in same])
    told = await write_down(session, [one for one in found if one.comment.id not in same], known.authors, now)
    return [fact for fact in told if before.get(fact.comment_id) != fact.verdict]


def _says_the_same(one: Finding, latest: Mapping[UUID, Decision]) -> bool:
    stands = latest.get(one.comment.decision_id) if one.comment.decision_id else None
    if stands is None or (stands.policy, stands.verdict, stands.revision) != (
        one.policy,
        one.verdict,
        one.comment.revision,
    ):
        return False
    return {reason["code"] for reason in stands.reasons} == {reason.code for reason in one.reasons}
