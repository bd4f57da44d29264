"""The forms of an article's page at the desk: every button saves what was changed before it acts, both or neither."""

from collections.abc import Mapping
from typing import Any, cast, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.articles import change_article
from services.publishing.api.at_desk import AtDesk, Desk, refusing
from services.publishing.api.desk_door import contributors, desk_router
from services.publishing.api.desk_story import Draft, story_page
from services.publishing.api.pages import AskPages, AskSite
from services.publishing.api.revisions import TakeOffer, restore_revision, take_offer
from services.publishing.api.shapes import ChangeArticle, GiveOrder
from services.publishing.api.verbs import do_verb
from services.publishing.domain.content import Content
from services.publishing.domain.editing import patched
from services.publishing.domain.merging import merge
from services.publishing.domain.refusals import not_found
from services.publishing.domain.workflow import Verb
from services.publishing.storage import articles, revisions
from services.publishing.web.desk import changes_of, form_of
from shared.events import Role
from shared.runtime import Problem, Reading, allow
from shared.runtime.browsers import Sent, SentForm, one, to, unfit

router = desk_router()
_VERBS: frozenset[str] = frozenset(get_args(Verb))


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
        problem = unfit("Not saved.", wrong)
    except Problem as refused:
        problem = refused
    else:
        return to(f"/desk/articles/{article_id}?done={verb or 'save'}")
    draft = await _typed(article_id, session, sent, pages.zone, clash=bool(problem.extra.get("conflicts")))
    return await story_page(article_id, request, session, pages, site, desk.who, draft, problem=problem, sent=sent)


async def _save_and_do(article_id: UUID, desk: Desk, sent: Sent, zone: ZoneInfo) -> str | None:
    verb, tag = one(sent, "verb"), f'"{_number(sent, "base")}"'
    changes = changes_of(await _seen(article_id, desk.session, sent), sent, zone)
    if changes:
        body = _change(changes, sent, zone)
        saved = await change_article(article_id, body, desk, if_match=tag, merge=bool(one(sent, "merge")))
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
        seen = await revisions.content_at(session, article_id, _number(sent, "base"))
        if seen is None:
            raise not_found(f"Revision {_number(sent, 'base')} of article {article_id}")
    return seen


def _change(changes: Mapping[str, Any], sent: Sent, zone: ZoneInfo) -> ChangeArticle:
    note = one(sent, "note").strip()
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
    return Draft(_number(sent, "base"), seen, form | {name: one(sent, name) for name in form if name in sent})


#: What a verb cannot be done without: a field of the form, and how to ask for it.
_NEEDS = {
    "correct": ("wrong", "Under “Correct”, say what was wrong and what is right: readers see it."),
    "kill": ("note", "Under “Why”, say why it is killed: everybody who has it will ask."),
    "takedown": ("note", "Under “Why”, say on whose demand."),
    "schedule": ("at", "Under “Schedule”, say when it goes out."),
}


def _order(sent: Sent, verb: str, zone: ZoneInfo) -> GiveOrder:
    need, ask = _NEEDS.get(verb, ("", ""))
    if need and not one(sent, need).strip():
        raise Problem(422, "invalid", "Something is missing.", detail=ask)
    given: dict[str, Any] = {"note": one(sent, "note").strip() or None}
    if verb == "schedule":
        given |= {"at": one(sent, "at"), "time_zone": zone.key}
    if verb in {"correct", "schedule"} and one(sent, "wrong").strip():
        wrong, was, now = (one(sent, name).strip() or None for name in ("wrong", "was", "now"))
        given |= {"correction": {"note": wrong, "old": was, "new": now}, "change": "correct"}
    return GiveOrder.model_validate(given)


@router.post("/desk/articles/{article_id}/take", dependencies=[allow(Role.EDITOR)])
async def take_by_form(article_id: UUID, desk: AtDesk, sent: SentForm) -> Response:
    """Take the source's change in; `prefer` says whose words stand where both changed one place."""
    await take_offer(article_id, desk, TakeOffer.model_validate({"prefer": one(sent, "prefer") or None}))
    return to(f"/desk/articles/{article_id}?done=take")


@router.post("/desk/articles/{article_id}/restore", dependencies=contributors)
async def restore_by_form(article_id: UUID, desk: AtDesk, sent: SentForm) -> Response:
    """A revision's words again, as a new revision on top."""
    await restore_revision(article_id, _number(sent, "number"), desk, f'"{_number(sent, "base")}"')
    return to(f"/desk/articles/{article_id}?done=words")


def _number(sent: Sent, name: str) -> int:
    text = one(sent, name)
    if not text.isdigit() or len(text) > 9:
        raise Problem(422, "invalid", "This form is not whole.", detail=f"`{name}` must name a revision.")
    return int(text)
