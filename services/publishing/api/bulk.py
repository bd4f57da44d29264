"""Bulk acts: many articles, one order, an answer each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.publishing.api.at_desk import AtDesk, order_of
from services.publishing.api.shapes import GiveOrder
from services.publishing.domain.workflow import WORKFLOW, Verb
from services.publishing.storage import desk as rows
from services.publishing.storage.desk import BulkItem, BulkJob
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, allow, new_id

router = DoorRouter(tags=["workflow"])
contributors = [allow(Role.CONTRIBUTOR)]


class GiveBulkOrder(GiveOrder):
    """One order for many articles."""

    verb: Verb
    ids: list[UUID] = Field(min_length=1, max_length=500)


class BulkAnswer(BaseModel):
    """What came of one article; `answer` is null while it waits."""

    article_id: UUID
    answer: dict[str, Any] | None


class BulkView(BaseModel):
    """A bulk act and how far it is."""

    id: UUID
    verb: Verb
    started_at: datetime
    total: int
    done: int
    refused: int
    items: list[BulkAnswer]


@router.post("/v1/bulk", status_code=202, dependencies=contributors, summary="Do a verb on many articles")
async def start_bulk(body: GiveBulkOrder, desk: AtDesk) -> BulkView:
    """202 at once; look at the address in Location for each article's own answer."""
    role = WORKFLOW[body.verb].role
    if role not in desk.who.roles:
        raise Problem(403, "role-missing", "Not yours to do.", detail=f"`{body.verb}` takes the role {role.value}.")
    job = BulkJob(
        id=new_id(),
        verb=body.verb,
        order=order_of(body, desk.now).to_json(),
        by_id=desk.by.id,
        by_name=desk.by.name,
        origin=desk.by.origin,
        roles=[role.value for role in desk.who.roles],
        started_at=desk.now,
    )
    await rows.add_bulk(desk.session, job, dict.fromkeys(body.ids))
    desk.response.headers["Location"] = f"/v1/bulk/{job.id}"
    return _view(job, await rows.bulk_items(desk.session, job.id))


@router.get("/v1/bulk/{job_id}", dependencies=contributors, summary="How far a bulk act is")
async def read_bulk(job_id: UUID, session: Reading) -> BulkView:
    """Each article with its own answer."""
    job = await rows.find_bulk(session, job_id)
    if job is None:
        raise Problem(404, "not-found", "Nothing is there.", detail=f"Bulk act {job_id} does not exist.")
    return _view(job, await rows.bulk_items(session, job_id))


def _view(job: BulkJob, items: Any) -> BulkView:
    found: list[BulkItem] = list(items)
    answers = [item.answer for item in found if item.answer is not None]
    return BulkView.model_validate(
        {
            "id": job.id,
            "verb": job.verb,
            "started_at": job.started_at,
            "total": len(found),
            "done": len(answers),
            "refused": sum(answer["status"] != 200 for answer in answers),
            "items": [{"article_id": item.article_id, "answer": item.answer} for item in found],
        }
    )
