"""One comment: its history of decisions, a new one by a person, many at once, and its author's wish to delete it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.moderation.api.explanations import Explanation, explain_to_author
from services.moderation.api.problems import refused, unknown_comment
from services.moderation.api.views import CommentHistory, CommentView, view_comment, view_history
from services.moderation.api.whose import Myself
from services.moderation.domain.keys import KEYS
from services.moderation.storage import appeals, comments, decisions, people
from services.moderation.use_cases.court import Court
from services.moderation.use_cases.ruling import Order, Refused, UnknownComment, rule
from services.moderation.use_cases.withdrawing import NotYours, withdraw
from shared.events import Role, Verdict
from shared.runtime import DoorRouter, Problem, Reading, Tx, Who, allow, part, utc_now

router = DoorRouter(tags=["comments"])


class DecideComment(BaseModel):
    """A person's verdict, in full or by one `key` (see `GET /v1/queue/keys`).

    `codes` say why (e.g. `person.spam`); `version` is the comment's as it was seen: a stale decision is refused.
    """

    verdict: Verdict | None = None
    key: str | None = None
    codes: list[Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=60)]] = Field([], max_length=10)
    note: str | None = Field(None, max_length=2000)
    version: int | None = None

    @model_validator(mode="after")
    def _says_what(self) -> "DecideComment":
        if (self.verdict is None) == (self.key is None):
            raise ValueError("give either `verdict` or `key`")
        if self.key is not None and self.key not in KEYS:
            raise ValueError(f"no answer has the key {self.key!r}; there are {', '.join(KEYS)}")
        return self

    def order(self, comment_id: UUID, by: str) -> Order:
        """What it orders."""
        verdict, codes = (self.verdict, tuple(self.codes)) if self.verdict else KEYS[self.key or ""]
        return Order(comment_id, verdict, by, codes or tuple(self.codes), self.note, self.version)


class DecideOne(DecideComment):
    """One of many."""

    comment_id: UUID


class DecideMany(BaseModel):
    """Up to 200 decisions; each is applied or refused by itself."""

    decisions: list[DecideOne] = Field(min_length=1, max_length=200)


class Applied(BaseModel):
    """What became of one of many decisions."""

    comment_id: UUID
    applied: bool
    version: int | None = None
    refused: str | None = None
    detail: str | None = None


@router.get("/v1/comments/{comment_id}", dependencies=[allow(Role.MODERATOR)])
async def show_comment(comment_id: UUID, session: Reading) -> CommentHistory:
    """A comment with every decision on it and every reason behind each."""
    comment = await comments.get(session, comment_id)
    if comment is None:
        raise unknown_comment(comment_id)
    return view_history(comment, await decisions.of_comment(session, comment_id))


@router.get("/v1/comments/{comment_id}/explanation", dependencies=[allow(Role.PUBLIC)])
async def explain_comment(comment_id: UUID, session: Reading, who: Who, myself: Myself) -> Explanation:
    """Why a comment of one's own stands as it does, in words for its author, and what they can do."""
    comment = await comments.get(session, comment_id)
    if comment is None or (comment.author_id != myself and Role.MODERATOR not in who.roles):
        raise unknown_comment(comment_id)
    decision = await decisions.get(session, comment.decision_id) if comment.decision_id else None
    appeal = await appeals.of_decision(session, decision.id) if decision else None
    return explain_to_author(comment, decision, await people.author(session, comment.author_id), appeal, utc_now())


@router.post("/v1/comments/{comment_id}/decisions", status_code=201, dependencies=[allow(Role.MODERATOR)])
async def decide_comment(
    comment_id: UUID, body: DecideComment, tx: Tx, who: Who, court: Annotated[Court, part(Court)]
) -> CommentView:
    """Decide. A stale version, or a comment that another moderator holds, is refused (409)."""
    try:
        comment, fact = await rule(tx.session, body.order(comment_id, who.id), court, utc_now())
    except UnknownComment:
        raise unknown_comment(comment_id) from None
    except Refused as refusal:
        raise refused(refusal) from None
    tx.tell(fact)
    return view_comment(comment, [reason.model_dump(mode="json") for reason in fact.reasons])


@router.post("/v1/decisions", dependencies=[allow(Role.MODERATOR)])
async def decide_many(body: DecideMany, tx: Tx, who: Who, court: Annotated[Court, part(Court)]) -> list[Applied]:
    """Decide many at once; those that cannot be applied say why and hold up none of the others."""
    answers: dict[UUID, Applied] = {}
    for one in sorted(body.decisions, key=lambda decision: decision.comment_id):
        try:
            comment, fact = await rule(tx.session, one.order(one.comment_id, who.id), court, utc_now())
        except (UnknownComment, Refused) as refusal:
            why = refusal.why if isinstance(refusal, Refused) else "unknown-comment"
            answers[one.comment_id] = Applied(
                comment_id=one.comment_id, applied=False, refused=why, detail=str(refusal)
            )
            continue
        tx.tell(fact)
        answers[one.comment_id] = Applied(comment_id=one.comment_id, applied=True, version=comment.version)
    return [answers[one.comment_id] for one in body.decisions]


@router.delete("/v1/comments/{comment_id}", status_code=204, dependencies=[allow(Role.PUBLIC)])
async def delete_comment(comment_id: UUID, tx: Tx, who: Who, myself: Myself) -> None:
    """The author's own wish (or a moderator's for them): it is removed everywhere and its text erased."""
    try:
        facts = await withdraw(tx.session, comment_id, myself, for_author=Role.MODERATOR in who.roles, now=utc_now())
    except UnknownComment:
        raise unknown_comment(comment_id) from None
    except NotYours as error:
        raise Problem(403, "not-yours", "This comment is somebody else's.", detail=str(error)) from None
    tx.tell(*facts)
