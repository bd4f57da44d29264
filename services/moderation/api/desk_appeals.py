"""Appeals at the desk in a browser: what an author says against a decision, and the answer to it."""

from typing import Any, cast
from uuid import UUID

from fastapi import Request, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.moderation.api.appeals import DecideAppeal, decide_appeal
from services.moderation.api.desk import AskCourt
from services.moderation.api.desk_door import AskPages, desk_router, moderators, page
from services.moderation.api.views import reasons_of
from services.moderation.storage import appeals, comments, decisions
from services.moderation.use_cases.appealing import Outcome
from services.moderation.web.pages import Pages
from shared.runtime import Principal, Problem, Reading, Tx, Who, utc_now
from shared.runtime.browsers import SentForm, one, to

router = desk_router()
_SHOWN = 50


@router.get("/desk/appeals", dependencies=moderators)
async def show_appeals(request: Request, session: Reading, pages: AskPages, who: Who) -> Response:
    """Open appeals, the nearest deadline first."""
    return await _appeals(request, session, pages, who)


async def _appeals(
    request: Request,
    session: AsyncSession,
    pages: Pages,
    who: Principal,
    *,
    problem: Problem | None = None,
    typed: tuple[UUID, str] | None = None,
) -> Response:
    rows = await appeals.waiting(session, _SHOWN)
    against = await decisions.several(session, [row.decision_id for row in rows])
    facts: dict[str, Any] = {
        "who": who,
        "here": "appeals",
        "appeals": await appeals.count_open(session),
        "rows": rows,
        "against": against,
        "reasons": {key: reasons_of(row.reasons) for key, row in against.items()},
        "texts": await comments.several(session, {row.comment_id for row in rows}),
        "now": utc_now(),
        "problem": problem,
        "typed": dict([typed]) if typed else {},
    }
    return page(request, pages, "appeals.html", status=problem.status if problem else 200, **facts)


@router.post("/desk/appeals/{appeal_id}", dependencies=moderators)
async def answer(
    appeal_id: UUID,
    request: Request,
    tx: Tx,
    session: Reading,
    pages: AskPages,
    who: Who,
    court: AskCourt,
    sent: SentForm,
) -> Response:
    """The outcome, with an answer to the author; what is refused keeps what was typed."""
    words = one(sent, "answer").strip()
    try:
        body = DecideAppeal(outcome=cast("Outcome", one(sent, "outcome")), answer=words)
        await decide_appeal(appeal_id, body, tx, who, court)
    except ValidationError:
        problem = Problem(422, "invalid", "Not answered.", detail="The author is owed an answer of 3 to 2,000 signs.")
    except Problem as refused:
        problem = refused
    else:
        return to("/desk/appeals")
    return await _appeals(request, session, pages, who, problem=problem, typed=(appeal_id, words))
