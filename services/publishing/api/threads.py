"""Comment threads from the desk's side: open or closed, and how they are moderated."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.publishing.api.at_desk import AtDesk, locked, refusing
from services.publishing.api.shapes import Body
from services.publishing.domain.chain import Act
from services.publishing.domain.refusals import not_possible
from services.publishing.storage import audit, comments
from shared.events import Role, ThreadChanged
from shared.runtime import DoorRouter, Reading, allow

router = DoorRouter(tags=["comments"])
desk_or_moderator = [allow(Role.EDITOR, Role.MODERATOR)]
Mode = Literal["pre", "post", "reactive"]


class ChangeThread(Body):
    """What of a thread to change."""

    open: bool | None = Field(default=None, examples=[False])
    mode: Mode | None = None


class ThreadView(BaseModel):
    """A thread: whether it takes comments, and when they are moderated."""

    article_id: UUID
    revision: int
    open: bool
    mode: Mode


@router.get("/v1/articles/{article_id}/thread", dependencies=desk_or_moderator, summary="Read an article's thread")
async def read_thread(article_id: UUID, session: Reading) -> ThreadView:
    """Open and moderated before publication unless somebody changed it."""
    return ThreadView.model_validate((await comments.find_thread(session, article_id)).model_dump())


@router.patch("/v1/articles/{article_id}/thread", dependencies=desk_or_moderator, summary="Open, close or moderate")
async def change_thread(article_id: UUID, body: ChangeThread, desk: AtDesk) -> ThreadView:
    """A killed article's thread stays closed."""
    with refusing():
        head = await locked(desk.session, article_id)
        if head.state == "killed" and body.open:
            raise not_possible("Cannot open the thread: the article was killed.")
    thread = await comments.change_thread(desk.session, article_id, is_open=body.open, mode=body.mode)
    view = ThreadView.model_validate(thread.model_dump())
    desk.tx.tell(ThreadChanged(**view.model_dump(), changed_at=desk.now))
    after = view.model_dump(mode="json")
    entry = Act(desk.now, desk.by.id, desk.by.name, "thread", f"article:{article_id}", desk.by.origin, None, after)
    await desk.session.flush()
    await audit.append_audit(desk.session, [entry])
    return view
