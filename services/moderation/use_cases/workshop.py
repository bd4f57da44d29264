"""The policy workshop: drafts, going live, and replaying a draft over what was decided before anything changes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.domain.case import Case, revive
from services.moderation.domain.judge import Judge
from services.moderation.domain.policy import Policy
from services.moderation.rules.patterns import compiled
from services.moderation.storage import comments, policies, replays
from services.moderation.storage.tables import PolicyVersion
from services.moderation.use_cases.court import SHADOW, Court, judge_for, redrawn
from services.moderation.use_cases.ruling import Refused
from shared.runtime import new_id

_AT_ONCE = 500
_EXAMPLES = 20


async def draft(
    session: AsyncSession, name: str, body: dict[str, Any], note: str | None, by: str, now: datetime
) -> PolicyVersion:
    """Keep a new draft. Raises ValueError (pydantic, or a pattern that does not compile) or LookupError (a list)."""
    policy = Policy.model_validate(body)
    for pattern in policy.patterns:
        compiled(pattern.expression)
    await judge_for(session, policy)
    row = PolicyVersion(
        id=new_id(),
        name=name,
        version=await policies.next_version(session, name),
        body=policy.model_dump(mode="json"),
        note=note,
        created_by=by,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def go_live(session: AsyncSession, row: PolicyVersion, since: datetime, now: datetime) -> int:
    """Make a policy decide from now on; what the machine decided since a moment is decided again. How many that are."""
    if row.status == "live":
        raise Refused("already-live", "This policy decides already.")
    await policies.archive_live(session, now)
    row.status, row.changed_at = "live", now
    session.add(row)
    await session.flush()
    return await comments.ask_again(session, since=since)


async def listen(session: AsyncSession, row: PolicyVersion, now: datetime) -> None:
    """Put a policy in shadow: from now on it judges beside the live one, and what it would say is written down."""
    if row.status == "live":
        raise Refused("is-live", "It decides already; let another policy go live first.")
    row.status, row.changed_at = "shadow", now
    session.add(row)
    await session.flush()


async def put_away(session: AsyncSession, row: PolicyVersion, now: datetime) -> None:
    """Archive a draft, or a policy in shadow."""
    if row.status == "live":
        raise Refused("is-live", "A desk always has a policy that decides: it rests once another one goes live.")
    row.status, row.changed_at = "archived", now
    session.add(row)
    await session.flush()


@dataclass
class Diff:
    """What would change: by verdict, language and trust band, and how it agrees with people."""

    comments: int = 0
    changed: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    trust: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)


async def replay(session: AsyncSession, policy: Policy, last: int, court: Court) -> Diff:
    """Judge the last comments again under a policy, on the inputs as they were seen. Touches nothing.

    The learner's scores stay as recorded; its thresholds are drawn anew where the policy asks for other risks.
    """
    judge = await judge_for(session, policy)
    sitting = await court.sit(session)
    redraw = policy.scores if policy.scores != sitting.policy.scores else None
    standing = sitting.teacher.standing(redraw) if redraw else {}
    diff = Diff()
    after: replays.Mark | None = None
    while diff.comments < last:
        rows = await replays.page(session, min(_AT_ONCE, last - diff.comments), after)
        if not rows:
            break
        cases = [redrawn(_case(row), standing) for row in rows]
        await asyncio.to_thread(_compare, judge, rows, cases, diff)
        after = rows[-1].mark
    return diff


def _case(row: replays.Past) -> Case:
    return revive(row.comment_id, row.article_id, row.revision, row.text, row.inputs)


def _compare(judge: Judge, rows: Sequence[replays.Past], cases: Sequence[Case], diff: Diff) -> None:
    for row, case in zip(rows, cases, strict=True):
        ruling = judge.judge(case)
        diff.comments += 1
        if row.person is not None:
            diff.people["agreed_before"] += row.person == row.verdict
            diff.people["agrees_now"] += row.person == ruling.verdict
            diff.people["decided_by_people"] += 1
        codes = {reason.code for reason in ruling.reasons}
        before = {code for code in row.codes if code.partition(".")[0] != SHADOW}
        diff.codes.update(f"+{code}" for code in codes - before)
        diff.codes.update(f"-{code}" for code in before - codes)
        if ruling.verdict == row.verdict:
            continue
        diff.changed += 1
        change = f"{row.verdict} → {ruling.verdict}"
        diff.verdicts[change] += 1
        diff.languages[case.language] += 1
        diff.trust[_band(case.author.trust)] += 1
        if len(diff.examples) < _EXAMPLES:
            reasons = [reason.model_dump(mode="json") for reason in ruling.reasons]
            diff.examples.append(
                {"comment_id": row.comment_id, "text": row.text[:300], "change": change, "reasons": reasons}
            )


def _band(trust: float) -> str:
    return "distrusted" if trust < 0.35 else "trusted" if trust >= 0.8 else "ordinary"


async def found(session: AsyncSession, policy_id: UUID) -> PolicyVersion:
    """A policy by id. LookupError when there is none."""
    row = await policies.get(session, policy_id)
    if row is None:
        raise LookupError(f"there is no policy {policy_id}")
    return row
