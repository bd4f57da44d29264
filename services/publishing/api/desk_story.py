"""One article at the desk in a browser: its words in one form, what can be done with them, and who has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.at_desk import refusing, view_of
from services.publishing.api.consumers import get_receipts
from services.publishing.api.desk_door import contributors, desk_router, page
from services.publishing.api.pages import AskPages, AskSite
from services.publishing.api.revisions import compare_revisions, read_offer
from services.publishing.api.shapes import ArticleView
from services.publishing.api.verbs import list_actions
from services.publishing.domain.content import Content
from services.publishing.domain.people import may_change
from services.publishing.storage import articles, public, revisions
from services.publishing.web.desk import FIELDS, form_of
from services.publishing.web.pages import Pages
from services.publishing.web.site import Site
from shared.events import Role
from shared.runtime import Principal, Problem, Reading, Who, utc_now
from shared.runtime.browsers import Sent

router = desk_router()


@dataclass(frozen=True)
class Draft:
    """What stands in the form: the revision it starts from, that content, and its fields with what was typed."""

    base: int
    content: Content
    form: Mapping[str, str]


@router.get("/desk/articles/{article_id}", dependencies=contributors)
async def desk_story(
    article_id: UUID,
    request: Request,
    session: Reading,
    pages: AskPages,
    site: AskSite,
    who: Who,
    unsaved: Annotated[bool, Query(description="Bring back what was typed and not saved.")] = False,
) -> Response:
    """The words, what can be done with them and why not, what waits, what source and machine say, and who has it."""
    return await story_page(article_id, request, session, pages, site, who, unsaved=unsaved)


@router.get("/desk/articles/{article_id}/comparison", dependencies=contributors)
async def desk_comparison(
    article_id: UUID,
    request: Request,
    session: Reading,
    pages: AskPages,
    who: Who,
    old: Annotated[int, Query(ge=1)],
    new: Annotated[int, Query(ge=1)],
) -> Response:
    """Two revisions, word by word."""
    found = await compare_revisions(article_id, session, old, new)
    head = await articles.find_article(session, article_id)
    return page(request, pages, "comparison.html", who=who, found=found, head=head, labels=LABELS)


LABELS = {name: field.label for name, field in FIELDS.items()} | {
    "tags_chosen": "Tags",
    "tags_rejected": "Tags not wanted",
    "related_hidden": "Stories not wanted",
    "embargoed_until": "Embargo",
    "pictures": "Pictures",
}
DONE = {
    "save": "Saved.",
    "take": "The source’s change was taken in.",
    "words": "The words of that revision stand again.",
    "submit": "Waits for a second pair of eyes.",
    "approve": "Ready to go out.",
    "reject": "Sent back to its writer.",
    "schedule": "Scheduled.",
    "unschedule": "Called off.",
    "publish": "On its way to readers.",
    "correct": "The correction is on its way to readers.",
    "update": "The update is on its way to readers.",
    "unpublish": "Taken off.",
    "kill": "Killed.",
    "takedown": "Killed.",
    "spike": "Put away.",
    "restore": "Taken out of the spike.",
}


async def story_page(
    article_id: UUID,
    request: Request,
    session: AsyncSession,
    pages: Pages,
    site: Site,
    who: Principal,
    draft: Draft | None = None,
    *,
    problem: Problem | None = None,
    sent: Sent | None = None,
    unsaved: bool = False,
) -> Response:
    with refusing():
        view = await view_of(session, article_id, pages.face.base, utc_now())
    kept = next(iter(await revisions.list_autosaves(session, article_id, who.id)), None)
    draft = draft or _stored(view, pages.zone, kept.changes if kept and unsaved else {})
    related = await public.public_many(session, [story.article_id for story in view.machine.related])
    editor = Role.EDITOR in who.roles
    return page(
        request,
        pages,
        "story.html",
        status=problem.status if problem else 200,
        who=who,
        editor=editor,
        view=view,
        draft=draft,
        fields=FIELDS,
        labels=LABELS,
        editable=view.state not in {"killed", "spiked"} and may_change(who.roles, who.id, view.created_by, view.state),
        unsaved=kept if kept and not unsaved and problem is None else None,
        done=DONE.get(request.query_params.get("done", "")) if problem is None else None,
        problem=problem,
        sent=sent or {},
        actions=await list_actions(article_id, session, who),
        offer=await read_offer(article_id, session) if view.source_offers_change else None,
        revisions=await revisions.list_revisions(session, article_id, limit=30),
        receipts=await get_receipts(article_id, session) if editor and view.first_published_at else None,
        headlines={key: row.article["headline"] for key, row in related.items()},
        sections=await site.sections(session),
        zone=pages.zone.key,
    )


def _stored(view: ArticleView, zone: ZoneInfo, unsaved: Mapping[str, Any]) -> Draft:
    content = Content.model_validate(view.model_dump(include=set(Content.model_fields)))
    typed = {name: FIELDS[name].write(value) for name, value in unsaved.items() if name in FIELDS}
    return Draft(view.revision, content, form_of(content, zone) | typed)
