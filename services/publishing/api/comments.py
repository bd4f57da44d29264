"""Readers' comments over the API: read what is shown, write what waits for a verdict, report what offends."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, field_validator

from services.publishing.api.readers import Limits, visitor_of
from services.publishing.storage import comments as rows
from services.publishing.storage import public
from services.publishing.storage.public import PublicArticle
from services.publishing.use_cases.comments import Reason, report_comment, submit_comment
from shared.events import Role
from shared.runtime import (
    DoorRouter,
    Page,
    Problem,
    Reading,
    Tx,
    Who,
    allow,
    decode_cursor,
    encode_cursor,
    link_next,
    part,
    utc_now,
)

router = DoorRouter(tags=["comments"])
open_to_all = [allow(Role.PUBLIC)]
AskLimits = Annotated[Limits, part(Limits)]


class SubmitComment(BaseModel):
    """A comment as its author writes it."""

    author_name: str = Field(min_length=1, max_length=80, examples=["Lan"])
    text: str = Field(min_length=1, max_length=5000, examples=["Thank you for the maps."])
    reply_to: UUID | None = Field(default=None, description="The shown comment this one answers.")

    @field_validator("author_name", "text")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be blank")
        if "\x00" in value:
            raise ValueError("must not contain NUL")
        return value.strip()


class CommentTaken(BaseModel):
    """The comment was kept and waits for a verdict; it is shown once it is approved."""

    comment_id: UUID
    state: Literal["pending"] = "pending"


class CommentView(BaseModel):
    """A comment as readers see it."""

    id: UUID
    reply_to: UUID | None
    author_name: str
    text: str
    language: str | None
    submitted_at: datetime
    shown_at: datetime | None


class ReportComment(BaseModel):
    """Why a shown comment should be looked at again."""

    reason: Reason = Field(default="other", examples=["spam"])
    note: str | None = Field(default=None, max_length=1000)


class ReportTaken(BaseModel):
    """The report was kept; `repeated` where this reader had reported the comment before."""

    comment_id: UUID
    repeated: bool


@router.get(
    "/v1/public/articles/{id}/comments",
    dependencies=open_to_all,
    operation_id="listComments",
    summary="Comments shown under an article, oldest first",
    responses={404: {"description": "No such article."}, 410: {"description": "The article was taken off."}},
)
async def list_comments(
    request: Request,
    response: Response,
    id: str,  # noqa: A002  # the path's own word
    session: Reading,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
) -> Page[CommentView]:
    """`id` is the article's id or slug."""
    row = await _public(session, id)
    place = decode_cursor(cursor, datetime, UUID) if cursor else None
    found = await rows.shown_comments(session, row.article_id, after=place, limit=limit + 1)
    shown = [CommentView.model_validate(c, from_attributes=True) for c in found[:limit]]
    following = encode_cursor(shown[-1].submitted_at, shown[-1].id) if len(found) > limit else None
    link_next(response, request, following)
    return Page[CommentView](items=shown, next=following)


@router.post(
    "/v1/public/articles/{id}/comments",
    status_code=202,
    dependencies=open_to_all,
    operation_id="submitComment",
    summary="Write a comment; it is shown once it is approved",
    responses={
        404: {"description": "No such article."},
        409: {"description": "The thread is closed, or the comment answered is not shown."},
        410: {"description": "The article was taken off."},
        429: {"description": "Too many comments from one address; see Retry-After."},
    },
)
async def submit(
    request: Request,
    id: str,  # noqa: A002  # the path's own word
    body: SubmitComment,
    tx: Tx,
    who: Who,
    limits: AskLimits,
) -> CommentTaken:
    """`id` is the article's id or slug."""
    await limits.check(request, "comment")
    row = await _public(tx.session, id)
    reader = visitor_of(request, who, " ".join(body.author_name.split()))
    told = await submit_comment(tx.session, row, reader, body.text, body.reply_to, utc_now())
    if told == "closed":
        raise Problem(409, "comments-closed", "Comments are closed.", detail=f"{row.slug} takes no more comments.")
    if told == "no_such_comment":
        raise Problem(
            409,
            "no-such-comment",
            "The comment answered is not shown.",
            detail=f"reply_to: {body.reply_to} is not here.",
        )
    tx.tell(told)
    return CommentTaken(comment_id=told.comment_id)


@router.post(
    "/v1/public/comments/{id}/reports",
    status_code=202,
    dependencies=open_to_all,
    operation_id="reportComment",
    summary="Ask a moderator to look at a shown comment again",
    responses={404: {"description": "No such comment is shown."}, 429: {"description": "Too many reports."}},
)
async def report(
    request: Request,
    id: UUID,  # noqa: A002  # the path's own word
    body: ReportComment,
    tx: Tx,
    who: Who,
    limits: AskLimits,
) -> ReportTaken:
    """One report a reader and comment counts; a second changes nothing."""
    await limits.check(request, "report")
    told = await report_comment(tx.session, id, visitor_of(request, who, "a reader"), body.reason, body.note, utc_now())
    if isinstance(told, str):
        raise Problem(404, "no-such-comment", "There is no such comment.", detail=f"No shown comment has the id {id}.")
    if told is not None:
        tx.tell(told)
    return ReportTaken(comment_id=id, repeated=told is None)


async def _public(session: Reading, slug_or_id: str) -> PublicArticle:
    row = await public.find_public(session, slug_or_id)
    if row is None:
        raise Problem(
            404, "no-such-article", "There is no such article.", detail=f"Nothing public is at {slug_or_id!r}."
        )
    if row.gone:
        raise Problem(410, "gone", "This article was taken off.", detail=f"{row.slug}: {row.gone}.")
    return row
