"""One article at the desk in a browser: one form holds its words, and every button saves them before it acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.articles import change_article
from services.publishing.api.at_desk import AtDesk, Desk, refusing, view_of
from services.publishing.api.consumers import get_receipts
from services.publishing.api.desk_door import AskPages, AskSite, SentForm, contributors, desk_router, page, to
from services.publishing.api.revisions import TakeOffer, compare_revisions, read_offer, restore_revision, take_offer
from services.publishing.api.shapes import ArticleView, ChangeArticle, GiveOrder
from services.publishing.api.verbs import do_verb, list_actions
from services.publishing.domain.content import Content
from services.publishing.domain.editing import patched
from services.publishing.domain.merging import merge
from services.publishing.domain.people import may_change
from services.publishing.domain.refusals import not_found
from services.publishing.domain.workflow import Verb
from services.publishing.storage import articles, public, revisions
from services.publishing.web.desk import FIELDS, Sent, changes_of, form_of
from services.publishing.web.pages import Pages
from services.publishing.web.site import Site
from shared.events import Role
from shared.runtime import Principal, Problem, Reading, Who, allow, utc_now

router = desk_router()
_VERBS: frozenset[str] = frozenset(get_args(Verb))


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
    return await _story(article_id, request, session, pages, site, who, unsaved=unsaved)


@router.post("/desk/articles/{article_id}", dependencies=contributors)
async def act_on_story(
    article_id: UUID,
    request: Request,
    desk: AtDesk,
    session: Reading,
    pages: AskPages,
    site: AskSite,
    sent: SentForm,
) -> Response:
    """Save what was changed and, where a verb was pressed, do it: both or neither."""
    try:
        verb = await _save_and_do(article_id, desk, sent, pages.zone)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(piece) for piece in first["loc"])
        problem = Problem(422, "invalid", "Not saved.", detail=f"{where}: {first['msg']}")
    except Problem as refused:
        problem = refused
    else:
        return to(f"/desk/articles/{article_id}?done={verb or 'save'}")
    draft = await _typed(article_id, session, sent, pages.zone, clash=bool(problem.extra.get("conflicts")))
    return await _story(article_id, request, session, pages, site, desk.who, draft, problem=problem, sent=sent)


async def _save_and_do(article_id: UUID, desk: Desk, sent: Sent, zone: ZoneInfo) -> str | None:
    verb, tag = _one(sent, "verb"), f'"{_base(sent)}"'
    changes = changes_of(await _seen(article_id, desk.session, sent), sent, zone)
    if changes:
        body = _change(changes, sent, zone)
        saved = await change_article(article_id, body, desk, if_match=tag, merge=bool(_one(sent, "merge")))
        tag = saved.etag
    await revisions.drop_autosave(desk.session, article_id, desk.by.id)
    if not verb:
        return None
    if verb not in _VERBS:
        known = ", ".join(sorted(_VERBS))
        raise Problem(422, "invalid", "There is no such verb.", detail=f"{verb!r} is none of {known}.")
    await do_verb(article_id, cast("Verb", verb), desk, _order(sent, verb, zone), if_match=tag)
    return verb


async def _seen(article_id: UUID, session: AsyncSession, sent: Sent) -> Content:
    """The content the form was made from."""
    with refusing():
        seen = await revisions.content_at(session, article_id, _base(sent))
        if seen is None:
            raise not_found(f"Revision {_base(sent)} of article {article_id}")
    return seen


def _change(changes: Mapping[str, Any], sent: Sent, zone: ZoneInfo) -> ChangeArticle:
    note = _one(sent, "note").strip()
    return ChangeArticle.model_validate({**changes, "time_zone": zone.key, **({"note": note} if note else {})})


async def _typed(article_id: UUID, session: AsyncSession, sent: Sent, zone: ZoneInfo, *, clash: bool) -> Draft:
    """The form as it was sent; after a clash the newest words with both changes, mine where both changed a place."""
    seen = await _seen(article_id, session, sent)
    if clash:
        with refusing():
            head = await articles.find_article(session, article_id)
            if head is None:
                raise not_found(f"Article {article_id}")
        mine = patched(seen, _change(changes_of(seen, sent, zone), sent, zone).given())
        both = merge(seen, Content.model_validate(head.content), mine).content
        return Draft(head.revision, both, form_of(both, zone))
    form = form_of(seen, zone)
    return Draft(_base(sent), seen, form | {name: _one(sent, name) for name in form if name in sent})


#: What a verb cannot be done without: a field of the form, and how to ask for it.
_NEEDS = {
    "correct": ("wrong", "Under “Correct”, say what was wrong and what is right: readers see it."),
    "kill": ("note", "Under “Why”, say why it is killed: everybody who has it will ask."),
    "takedown": ("note", "Under “Why”, say on whose demand."),
    "schedule": ("at", "Under “Schedule”, say when it goes out."),
}


def _order(sent: Sent, verb: str, zone: ZoneInfo) -> GiveOrder:
    need, ask = _NEEDS.get(verb, ("", ""))
    if need and not _one(sent, need).strip():
        raise Problem(422, "invalid", "Something is missing.", detail=ask)
    given: dict[str, Any] = {"note": _one(sent, "note").strip() or None}
    if verb == "schedule":
        given |= {"at": _one(sent, "at"), "time_zone": zone.key}
    if verb in {"correct", "schedule"} and _one(sent, "wrong").strip():
        wrong, was, now = (_one(sent, name).strip() or None for name in ("wrong", "was", "now"))
        given |= {"correction": {"note": wrong, "old": was, "new": now}, "change": "correct"}
    return GiveOrder.model_validate(given)


@router.post("/desk/articles/{article_id}/take", dependencies=[allow(Role.EDITOR)])
async def take_by_form(article_id: UUID, desk: AtDesk, sent: SentForm) -> Response:
    """Take the source's change in; `prefer` says whose words stand where both changed one place."""
    await take_offer(article_id, desk, TakeOffer.model_validate({"prefer": _one(sent, "prefer") or None}))
    return to(f"/desk/articles/{article_id}?done=take")


@router.post("/desk/articles/{article_id}/restore", dependencies=contributors)
async def restore_by_form(article_id: UUID, desk: AtDesk, sent: SentForm) -> Response:
    """A revision's words again, as a new revision on top."""
    number = _one(sent, "number")
    if not number.isdigit() or len(number) > 9:
        raise Problem(422, "invalid", "This form is not whole.", detail="`number` must name a revision.")
    await restore_revision(article_id, int(number), desk, f'"{_base(sent)}"')
    return to(f"/desk/articles/{article_id}?done=words")


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


async def _story(
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


def _base(sent: Sent) -> int:
    text = _one(sent, "base")
    if not text.isdigit() or len(text) > 9:
        raise Problem(422, "invalid", "This form is not whole.", detail="`base` must name the revision it starts from.")
    return int(text)


def _one(sent: Sent, name: str) -> str:
    values: Sequence[str] = sent.get(name, ())
    return values[0] if values else ""
