"""The verbs: one POST each, with a note; and what is possible now, or why not."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from services.publishing.api.at_desk import (
    AtDesk,
    IfMatch,
    address,
    base_of,
    etag_of,
    locked,
    may_edit,
    order_of,
    refusing,
    waits_of,
)
from services.publishing.api.shapes import Acted, ActionView, GiveOrder
from services.publishing.domain.refusals import not_found
from services.publishing.domain.workflow import WORKFLOW, Verb, actions
from services.publishing.storage import articles, outgoing
from services.publishing.use_cases.acts import act, standing_of
from shared.events import Role
from shared.runtime import DoorRouter, Problem, Reading, Who, allow

router = DoorRouter(tags=["workflow"])
contributors = [allow(Role.CONTRIBUTOR)]


@router.get("/v1/articles/{article_id}/actions", dependencies=contributors, summary="What can be done now, or why not")
async def list_actions(article_id: UUID, session: Reading, who: Who) -> list[ActionView]:
    """Every verb of the workflow, for the one who asks."""
    with refusing():
        head = await articles.find_article(session, article_id)
        if head is None:
            raise not_found(f"Article {article_id}")
    due = (await outgoing.due_of(session, [head.id])).get(head.id)
    found = actions(standing_of(head, due), who.roles)
    return [ActionView(verb=a.verb, allowed=a.allowed, meaning=a.meaning, why_not=a.why_not) for a in found]


@router.post("/v1/articles/{article_id}/{verb}", dependencies=contributors, summary="Do a verb")
async def do_verb(
    article_id: UUID,
    verb: Annotated[Verb, Path()],
    desk: AtDesk,
    body: GiveOrder | None = None,
    if_match: IfMatch = None,
) -> Acted:
    """409 with the reason where it is not possible now. If-Match is honoured where it is sent."""
    with refusing():
        head = await locked(desk.session, article_id)
        _may(verb, desk)
        if verb == "submit":
            may_edit(desk.who, head)
        if if_match is not None and base_of(if_match) != head.revision:
            raise _stale(head.revision)
        told = await act(
            desk.session, head, verb, order_of(body or GiveOrder(), desk.now), desk.by, desk.settings, desk.now
        )
    desk.tx.tell(*told)
    desk.response.headers["ETag"] = etag_of(head)
    due = (await outgoing.due_of(desk.session, [head.id])).get(head.id)
    return Acted(
        id=head.id,
        verb=verb,
        state=head.state,
        revision=head.revision,
        etag=etag_of(head),
        slug=head.slug,
        url=address(head, desk.site),
        waits=waits_of(due, head),
    )


def _may(verb: Verb, desk: AtDesk) -> None:
    role = WORKFLOW[verb].role
    if role not in desk.who.roles:
        raise Problem(403, "role-missing", "Not yours to do.", detail=f"`{verb}` takes the role {role.value}.")


def _stale(revision: int) -> Problem:
    return Problem(
        412,
        "changed-meanwhile",
        "Somebody changed it meanwhile.",
        detail=f"The article is at revision {revision}: look at it again, then repeat with its ETag.",
        revision=revision,
    )
