"""When the house says no: every refusal has a name that resolves to a page, and a sentence that says what to do."""

from typing import Any


class Refused(Exception):
    """An act that is not done. `status` is the HTTP status a door answers, `slug` names the problem page."""

    def __init__(self, status: int, slug: str, title: str, detail: str, **extra: Any) -> None:
        super().__init__(f"{title} {detail}")
        self.status, self.slug, self.title, self.detail, self.extra = status, slug, title, detail, extra


def not_possible(detail: str) -> Refused:
    """The article's state, attribution, hold or embargo is against it."""
    return Refused(409, "not-possible-now", "Not possible now.", detail)


def not_found(what: str) -> Refused:
    """Nothing is there, or nothing the asker may see."""
    return Refused(404, "not-found", "Nothing is there.", f"{what} does not exist.")


def not_yours() -> Refused:
    """A contributor may not change this one."""
    detail = "A contributor changes articles of their own while they are drafts; ask an editor."
    return Refused(403, "not-yours", "Not yours to change.", detail)
