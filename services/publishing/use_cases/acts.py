"""The verbs of the desk: from an editor's order to a new state, a revision and the facts the world hears."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.domain.attribution import missing
from services.publishing.domain.chain import Act
from services.publishing.domain.content import LIVE, Content, State
from services.publishing.domain.refusals import Refused, not_possible
from services.publishing.domain.workflow import WORKFLOW, Standing, Verb, why_not
from services.publishing.settings import Settings
from services.publishing.storage import audit, comments, desk, outgoing, public, revisions
from services.publishing.storage.articles import Article
from services.publishing.storage.base import Json
from services.publishing.storage.outgoing import Due
from services.publishing.storage.revisions import Revision
from services.publishing.use_cases.release import Leaving, release, take_off
from shared.events import ArticleKilled, Correction, Event, ThreadChanged


@dataclass(frozen=True)
class By:
    """Who acts, and from where."""

    id: str
    name: str
    origin: str | None = None


@dataclass(frozen=True)
class Order:
    """What an editor asks with a verb. `undo_seconds` None: the house's own; `change` is how a live one goes out."""

    note: str | None = None
    at: datetime | None = None
    change: Literal["correct", "update"] = "update"
    correction: Correction | None = None
    undo_seconds: float | None = None

    def to_json(self) -> Json:
        """As kept with a bulk act."""
        kept: Json = _ORDER.dump_python(self, mode="json")
        return kept

    @staticmethod
    def from_json(kept: Json) -> "Order":
        """As it was given."""
        return _ORDER.validate_python(kept)


_ORDER: TypeAdapter[Order] = TypeAdapter(Order)


def standing_of(head: Article, due: Due | None) -> Standing:
    """What the workflow needs to know of an article."""
    content = Content.model_validate(head.content)
    return Standing(
        state=cast(State, head.state),
        due=due is not None,
        missing=missing(content),
        held=content.held,
        embargoed_until=content.embargoed_until,
    )


async def act(
    session: AsyncSession, head: Article, verb: Verb, order: Order, by: By, settings: Settings, now: datetime
) -> list[Event]:
    """Do a verb on a locked article. Raises Refused with the reason where it is not possible."""
    due = (await outgoing.due_of(session, [head.id])).get(head.id)
    against = why_not(verb, standing_of(head, due))
    if against:
        raise not_possible(against)
    before = {"state": head.state, "revision": head.revision}
    head.touched = True
    told = await _do(session, head, verb, order, by, due, settings, now)
    after = {"state": head.state, "revision": head.revision, "note": order.note}
    await desk.note_changes(session, [(head.id, verb, head.revision)], by.name, now)
    await audit.append_audit(session, [Act(now, by.id, by.name, verb, f"article:{head.id}", by.origin, before, after)])
    return told


async def _do(
    session: AsyncSession,
    head: Article,
    verb: Verb,
    order: Order,
    by: By,
    due: Due | None,
    settings: Settings,
    now: datetime,
) -> list[Event]:
    match verb:
        case "publish" | "correct" | "update" | "schedule":
            return await _let_out(session, head, verb, order, by, settings, now)
        case "unschedule":
            await outgoing.drop_due(session, [head.id])
            await _advance(
                session, head, verb, due.back_to if due and head.state == "scheduled" else head.state, order, by, now
            )
        case "unpublish":
            return await _unpublish(session, head, order, by, now)
        case "kill" | "takedown":
            return await _kill(session, head, verb, order, by, now)
        case "spike":
            await outgoing.drop_due(session, [head.id])
            head.state_before = due.back_to if due else head.state
            await _advance(session, head, verb, "spiked", order, by, now)
        case "restore":
            await _advance(session, head, verb, head.state_before or "draft", order, by, now)
            head.state_before = None
        case _:
            await _advance(session, head, verb, WORKFLOW[verb].end or head.state, order, by, now)
    return []


async def _advance(
    session: AsyncSession, head: Article, verb: Verb, state: str, order: Order, by: By, now: datetime
) -> None:
    """The article's next revision: same words, another state."""
    base, head.revision = head.revision, head.revision + 1
    head.state, head.updated_at, head.waiting_for = state, now, None
    made = Revision(
        article_id=head.id,
        number=head.revision,
        base=base,
        words_of=head.words_of,
        act=verb,
        state=state,
        by_id=by.id,
        by_name=by.name,
        note=order.note,
        made_at=now,
    )
    await revisions.add_revisions(session, [made])


async def _let_out(
    session: AsyncSession, head: Article, verb: Verb, order: Order, by: By, settings: Settings, now: datetime
) -> list[Event]:
    content = Content.model_validate(head.content)
    due = _due(head, verb, order, by, settings, now)
    if due.due_at <= now:
        return list(await release(session, [Leaving(head, content, due)], settings.public_url, now))
    state = head.state if head.state in LIVE else "scheduled"
    await _advance(session, head, verb, state, order, by, now)
    await outgoing.put_due(session, [due])
    return []


def _due(head: Article, verb: Verb, order: Order, by: By, settings: Settings, now: datetime) -> Due:
    live = head.state in LIVE
    leaves = (order.change if live else "publish") if verb == "schedule" else verb
    if leaves == "correct" and order.correction is None:
        raise Refused(
            422,
            "correction-missing",
            "What was wrong?",
            'Send `correction`: {"note": "what was wrong, what is right"}.',
        )
    undo = settings.undo_seconds if order.undo_seconds is None else min(order.undo_seconds, 3600)
    at, waits_for = (now + timedelta(seconds=undo), "undo") if verb != "schedule" else (_asked(order, now), "schedule")
    if head.embargoed_until and head.embargoed_until > at:
        if verb == "schedule":
            until = head.embargoed_until.isoformat()
            raise not_possible(
                f"Cannot schedule before the embargo ends at {until}: ask for that moment or a later one."
            )
        at, waits_for = head.embargoed_until, "embargo"
    return Due(
        article_id=head.id,
        due_at=at,
        revision=head.words_of,
        verb=leaves,
        waits_for=waits_for,
        note=order.note,
        correction=order.correction.model_dump(mode="json") if order.correction and leaves == "correct" else None,
        by_id=by.id,
        by_name=by.name,
        back_to="ready" if head.state == "scheduled" else head.state,
    )


def _asked(order: Order, now: datetime) -> datetime:
    if order.at is None:
        raise Refused(422, "moment-missing", "When?", "Send `at`, a moment with its UTC offset.")
    if order.at <= now:
        raise Refused(
            422, "moment-past", "That moment has passed.", f"`at` is {order.at.isoformat()}; `publish` lets it out now."
        )
    return order.at


async def _unpublish(session: AsyncSession, head: Article, order: Order, by: By, now: datetime) -> list[Event]:
    await outgoing.drop_due(session, [head.id])
    await _advance(session, head, "unpublish", "unpublished", order, by, now)
    return [await take_off(session, head, order.note or "Taken off by the desk.", now)]


async def _kill(session: AsyncSession, head: Article, verb: Verb, order: Order, by: By, now: datetime) -> list[Event]:
    """Gone from every surface in this very transaction. What readers never saw is not told to them now."""
    if not order.note:
        raise Refused(
            422, "reason-missing", "Why?", f"A {verb} is final and told to everyone who has the story: send `note`."
        )
    await outgoing.drop_due(session, [head.id])
    await _advance(session, head, verb, "killed", order, by, now)
    head.public_revision = head.public_words = None
    thread = await comments.close_thread(session, head.id)
    closed = ThreadChanged(article_id=head.id, revision=thread.revision, open=False, changed_at=now)
    if head.first_published_at is None:
        return [closed]
    kind: Literal["kill", "takedown"] = "takedown" if verb == "takedown" else "kill"
    await public.take_down(session, head.id, gone=kind, reason=order.note, at=now, revision=head.revision)
    killed = ArticleKilled(
        article_id=head.id, revision=head.revision, slug=head.slug, reason=order.note, kind=kind, killed_at=now
    )
    return [killed, closed]
