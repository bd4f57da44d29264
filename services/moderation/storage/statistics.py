"""Counting what was decided, by whom, how fast, and how often people disagreed."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_DECISIONS = """
SELECT verdict, CASE WHEN decided_by = 'machine' THEN 'machine' ELSE 'people' END AS who, count(*)
FROM decisions WHERE decided_at > :since GROUP BY 1, 2 ORDER BY 1, 2
"""
_OVERTURNS = """
SELECT count(*) FILTER (WHERE p.decided_by = 'machine' AND p.verdict <> 'hold'),
       count(*) FILTER (WHERE p.decided_by = 'machine' AND p.verdict <> 'hold' AND p.verdict <> d.verdict),
       count(*) FILTER (WHERE p.decided_by <> 'machine'),
       count(*) FILTER (WHERE p.decided_by <> 'machine' AND p.verdict <> d.verdict)
FROM decisions d JOIN decisions p ON p.id = d.supersedes WHERE d.trains > 0 AND d.decided_at > :since
"""
_TIMES = """
SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM d.decided_at - r.submitted_at))
FROM decisions d JOIN revisions r ON r.comment_id = d.comment_id AND r.revision = d.revision
WHERE d.decided_at > :since AND d.decided_by <> 'machine'
"""
_RULES = """
SELECT reason->>'code' AS code, count(*) AS seen, count(*) FILTER (WHERE d.verdict = 'reject') AS right
FROM decisions d JOIN decisions p ON p.id = d.supersedes, jsonb_array_elements(p.reasons) AS reason
WHERE d.trains > 0 AND d.decided_at > :since AND p.decided_by = 'machine' AND reason->>'verdict' <> 'approve'
  AND reason->>'rule' <> 'policy'
GROUP BY 1 ORDER BY 2 DESC
"""
_DRIFT = """
SELECT date_trunc('day', decided_at) AS day, count(*), avg((verdict = 'hold')::int), avg((verdict = 'reject')::int)
FROM decisions WHERE decided_by = 'machine' AND decided_at > :since GROUP BY 1 ORDER BY 1
"""


_SHADOWS = """
SELECT substr(reason->>'code', 8) AS policy, count(*) AS seen,
       count(*) FILTER (WHERE d.verdict = reason->>'verdict') AS agreed, count(*) FILTER (WHERE d.verdict = p.verdict)
FROM decisions d JOIN decisions p ON p.id = d.supersedes, jsonb_array_elements(p.reasons) AS reason
WHERE d.trains > 0 AND d.decided_at > :since AND p.decided_by = 'machine' AND reason->>'rule' = 'policy'
GROUP BY 1 ORDER BY 1
"""
_SAID = """
SELECT date_trunc('day', d.decided_at) AS day, d.language, count(*), avg((s->'scores'->>'reject')::float),
       avg((d.verdict = 'reject')::int)
FROM decisions d JOIN decisions p ON p.id = d.supersedes, jsonb_array_elements(p.inputs->'scores') AS s
WHERE d.trains > 0 AND d.decided_at > :since AND p.decided_by = 'machine' AND s->>'scorer' = 'learner'
GROUP BY 1, 2 ORDER BY 1, 2
"""


async def statistics(session: AsyncSession, since: datetime) -> dict[str, Any]:
    """Everything since a moment. Shares are in 0..1, times in seconds.

    `learner` is its drift: what it had said on average beside what people then rejected, by day and language.
    """
    when = {"since": since}
    decided = [{"verdict": v, "by": who, "count": n} for v, who, n in await session.execute(text(_DECISIONS), when)]
    machine, machine_wrong, person, person_wrong = (await session.execute(text(_OVERTURNS), when)).one()
    times = (await session.execute(text(_TIMES), when)).scalar_one() or [None, None]
    rules = [
        {"code": code, "looked_at": seen, "people_agreed": right, "precision": right / seen}
        for code, seen, right in await session.execute(text(_RULES), when)
    ]
    drift = [
        {"day": day.date().isoformat(), "decided": n, "held": float(held), "rejected": float(rejected)}
        for day, n, held, rejected in await session.execute(text(_DRIFT), when)
    ]
    shadows = [
        {"policy": policy, "looked_at": seen, "people_agreed": agreed, "people_agreed_with_live": live}
        for policy, seen, agreed, live in await session.execute(text(_SHADOWS), when)
    ]
    learner = [
        {"day": day.date().isoformat(), "language": language, "decided": n, "said": said, "rejected": float(rejected)}
        for day, language, n, said, rejected in await session.execute(text(_SAID), when)
    ]
    return {
        "decisions": decided,
        "machine_reviewed": machine,
        "machine_overturned": machine_wrong,
        "people_reviewed": person,
        "people_overturned": person_wrong,
        "seconds_to_decision": {"median": times[0], "p90": times[1]},
        "rules": rules,
        "days": drift,
        "learner": learner,
        "shadows": shadows,
    }
