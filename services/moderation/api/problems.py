"""What goes wrong at the people's door, in words."""

from uuid import UUID

from services.moderation.use_cases.ruling import Refused
from shared.runtime import Problem


def unknown_comment(comment_id: UUID) -> Problem:
    """There is no such comment."""
    detail = f"comment {comment_id} was never heard of here; a comment arrives as the fact CommentSubmitted"
    return Problem(404, "unknown-comment", "There is no such comment.", detail=detail)


def unknown(what: str, which: object) -> Problem:
    """There is no such thing."""
    return Problem(404, f"unknown-{what}", f"There is no such {what}.", detail=f"no {what} has the id {which}")


def refused(refusal: Refused) -> Problem:
    """The state of things does not allow it."""
    return Problem(409, refusal.why, "It was not applied.", detail=str(refusal))
