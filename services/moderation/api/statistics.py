"""Audit and statistics: what was decided, how well, and whether the record is whole."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from services.moderation.storage import decisions, statistics
from services.moderation.use_cases.court import Court
from shared.events import Role
from shared.runtime import DoorRouter, Reading, allow, part, utc_now

router = DoorRouter(tags=["statistics"])


class ChainView(BaseModel):
    """Whether every record is as it was written; `broken_at` is the first that is not."""

    records: int
    whole: bool
    broken_at: int | None


@router.get("/v1/statistics", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def show_statistics(session: Reading, days: Annotated[int, Query(ge=1, le=365)] = 7) -> dict[str, Any]:
    """Decisions, overturns, time to decision, per rule precision against people, drift by day."""
    return await statistics.statistics(session, utc_now() - timedelta(days=days))


@router.get("/v1/learners", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def show_learners(session: Reading, court: Annotated[Court, part(Court)]) -> dict[str, dict[str, Any]]:
    """What each language's learner has seen, and the thresholds that the evidence bears."""
    sitting = await court.sit(session)
    return sitting.teacher.standing(sitting.policy.scores)


@router.get("/v1/scorers", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def show_scorers(session: Reading, court: Annotated[Court, part(Court)]) -> dict[str, dict[str, Any]]:
    """What was heard of each scorer outside, by model and language; without thresholds it is still in shadow."""
    sitting = await court.sit(session)
    return sitting.calibrator.standing(sitting.policy.scores)


@router.post("/v1/decisions/check", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def check_decisions(session: Reading) -> ChainView:
    """Walk the whole chain of decision records."""
    broken = await decisions.first_broken(session)
    return ChainView(records=await decisions.count(session), whole=broken is None, broken_at=broken)
