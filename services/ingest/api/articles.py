"""What ingest knows of one article: its revisions with their word-level differences."""

from uuid import UUID

from services.ingest.api.views import RevisionView
from services.ingest.storage import articles
from shared.events import Role
from shared.runtime import DoorRouter, Page, Problem, Reading, allow

router = DoorRouter(tags=["articles"])


@router.get("/v1/articles/{article_id}/revisions", dependencies=[allow(Role.CONTRIBUTOR, Role.OPERATOR)])
async def list_revisions(article_id: UUID, session: Reading) -> Page[RevisionView]:
    """Every revision a source sent, oldest first: its kind, notes in words, and the difference to the one before."""
    found = await articles.revisions_of(session, article_id)
    if not found:
        raise Problem(404, "unknown-article", "No such article.", detail=f"Ingest knows nothing of {article_id}.")
    return Page(
        items=[
            RevisionView(
                revision=r.revision,
                change=r.change,
                notes=r.notes,
                diff=r.diff,
                headline=str(r.item.get("headline", "")),
                at=r.at,
            )
            for r in found
        ],
        next=None,
    )
