"""Appeals at the desk in a browser: what an author says against a decision, and the answer to it."""

from typing import Any, cast
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError

from services.moderation.api.appeals import DecideAppeal, decide_appeal
from services.moderation.api.desk import AskCourt
from services.moderation.api.desk_door import AtDesk, Visit, desk_router, moderators
from services.moderation.api.views import reasons_of
from services.moderation.storage import appeals, comments, decisions
from services.moderation.use_cases.appealing import Outcome
from shared.runtime import Problem, Tx, utc_now
from shared.runtime.browsers import SentForm, one, to

router = desk_router()
_SHOWN = 50


@router.get("/desk/appeals", dependencies=moderators)
async def show_appeals(visit: AtDesk) -> Response:
    """Open appeals, the nearest deadline first."""
    return await _appeals(visit)


async def _appeals(visit: Visit, *, problem: Problem | None = None, typed: tuple[UUID, str] | None = None) -> Response:
    session = visit.session
    rows = await appeals.waiting(session, _SHOWN)
    against = await decisions.several(session, [row.decision_id for row in rows])
    facts: dict[str, Any] = {
        "here": "appeals",
        "appeals": await appeals.count_open(session),
        "rows": rows,
        "against": against,
        "reasons": {key: reasons_of(row.reasons) for key, row in against.items()},
        "texts": await comments.several(session, {row.comment_id for row in rows}),
        "now": utc_now(),
        "typed": dict([typed]) if typed else {},
    }
    return visit.page("appeals.html", problem=problem, **facts)


@router.post("/desk/appeals/{appeal_id}", dependencies=moderators)
async def answer(appeal_id: UUID, visit: AtDesk, tx: Tx, court: AskCourt, sent: SentForm) -> Response:
    """The outcome, with an answer to the author; what is refused keeps what was typed."""
    words = one(sent, "answer").strip()
    try:
        body = DecideAppeal(outcome=cast("Outcome", one(sent, "outcome")), answer=words)
        await decide_appeal(appeal_id, body, tx, visit.who, court)
    except ValidationError:
        problem = Problem(422, "invalid", "Not answered.", detail="The author is owed an answer of 3 to 2,000 signs.")
    except Problem as refused:
        problem = refused
    else:
        return to("/desk/appeals")
    return await _appeals(visit, problem=problem, typed=(appeal_id, words))
