"""The policy workshop: versions, drafts, word lists, replays, going live."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import regex
from pydantic import BaseModel, Field, ValidationError

from services.moderation.api.problems import refused, unknown
from services.moderation.domain.policy import Policy
from services.moderation.domain.wordlist import ListError, parse
from services.moderation.settings import Settings
from services.moderation.storage import policies
from services.moderation.storage.tables import ListVersion, PolicyVersion
from services.moderation.use_cases.court import BUILT_IN, Court
from services.moderation.use_cases.lists import shipped_list
from services.moderation.use_cases.ruling import Refused
from services.moderation.use_cases.workshop import draft, found, go_live, listen, put_away, replay
from shared.events import Role
from shared.runtime import AsyncSession, DoorRouter, Problem, Reading, Tx, Who, allow, part, utc_now

router = DoorRouter(tags=["policies"])
_NAME = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")


class DraftPolicy(BaseModel):
    """A new version under a name. `body` names only what differs from the built-in policy."""

    name: Annotated[str, _NAME] = "house"
    body: dict[str, Any]
    note: str | None = Field(None, max_length=1000)


class WriteList(BaseModel):
    """A new version of a word list, whole: one `term | category | flags` a line."""

    content: str = Field(max_length=2_000_000)
    note: str | None = Field(None, max_length=1000)


class ReplayPolicy(BaseModel):
    """Over how many of the latest comments."""

    last: int = Field(1000, ge=1, le=200_000)


class PolicyView(BaseModel):
    """One version of a policy."""

    policy_id: UUID | None
    name: str
    version: int
    status: str
    body: dict[str, Any]
    note: str | None
    created_by: str
    created_at: datetime | None
    asked_again: int = 0


class ListView(BaseModel):
    """One version of a word list."""

    name: str
    version: int
    entries: int
    created_by: str
    note: str | None = None
    content: str | None = None


class DiffView(BaseModel):
    """What a policy would change, before it goes live."""

    comments: int
    changed: int
    verdicts: dict[str, int]
    languages: dict[str, int]
    trust: dict[str, int]
    people: dict[str, int]
    codes: dict[str, int]
    examples: list[dict[str, Any]]


@router.get("/v1/policies", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def list_policies(session: Reading) -> list[PolicyView]:
    """All versions, the newest first; the built-in one last."""
    rows = await policies.every(session)
    live = any(row.status == "live" for row in rows)
    built_in = PolicyView(
        policy_id=None,
        name=BUILT_IN.partition("@")[0],
        version=0,
        status="archived" if live else "live",
        body=Policy().model_dump(mode="json"),
        note="what decides until another policy goes live",
        created_by="newsroom",
        created_at=None,
    )
    return [*map(_view, rows), built_in]


@router.post("/v1/policies", status_code=201, dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def draft_policy(body: DraftPolicy, tx: Tx, who: Who) -> PolicyView:
    """Keep a draft. It decides nothing until it goes live; replay it first."""
    try:
        return _view(await draft(tx.session, body.name, body.body, body.note, who.id, utc_now()))
    except ValidationError as error:
        wrong = [{"where": ".".join(map(str, e["loc"])), "what": e["msg"]} for e in error.errors(include_url=False)]
        raise Problem(422, "bad-policy", "The policy cannot be read.", detail=str(wrong[0]), errors=wrong) from None
    except (LookupError, ListError, regex.error) as error:
        raise Problem(422, "bad-policy", "The policy cannot be used.", detail=str(error)) from None


@router.get("/v1/policies/{policy_id}", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def show_policy(policy_id: UUID, session: Reading) -> PolicyView:
    """One version, with its whole body."""
    return _view(await _found(session, policy_id))


@router.post("/v1/policies/{policy_id}/replay", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def replay_policy(
    policy_id: UUID, body: ReplayPolicy, session: Reading, court: Annotated[Court, part(Court)]
) -> DiffView:
    """Judge the latest comments under it, on the inputs as they were seen. Touches nothing."""
    row = await _found(session, policy_id)
    diff = await replay(session, Policy.model_validate(row.body), body.last, court)
    return DiffView(**vars(diff))


@router.post("/v1/policies/{policy_id}/live", dependencies=[allow(Role.OPERATOR, Role.MODERATOR)])
async def make_live(policy_id: UUID, tx: Tx, settings: Annotated[Settings, part(Settings)]) -> PolicyView:
    """From now on this version decides; what the machine decided lately is decided again."""
    now = utc_now()
    row = await _found(tx.session, policy_id)
    try:
        again = await go_live(tx.session, row, now - timedelta(days=settings.redecide_days), now)
    except Refused as refusal:
        raise refused(refusal) from None
    return _view(row).model_copy(update={"asked_again": again})


@router.post("/v1/policies/{policy_id}/shadow", dependencies=[allow(Role.OPERATOR, Role.MODERATOR)])
async def put_in_shadow(policy_id: UUID, tx: Tx) -> PolicyView:
    """From now on this version judges beside the live one: written down with each decision, counting for nothing."""
    return await _moved(tx, policy_id, listen)


@router.post("/v1/policies/{policy_id}/archive", dependencies=[allow(Role.OPERATOR, Role.MODERATOR)])
async def archive_policy(policy_id: UUID, tx: Tx) -> PolicyView:
    """Put a draft, or a version in shadow, away. The live one steps down when another goes live."""
    return await _moved(tx, policy_id, put_away)


@router.get("/v1/word-lists", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def list_word_lists(session: Reading) -> list[ListView]:
    """All versions of all lists; version 0 ships with the service."""
    shipped = [
        ListView(name=name, version=0, entries=len(parse(shipped_list(name), name)), created_by="newsroom")
        for name in ("en", "vi")
    ]
    return [*map(_list_view, await policies.list_versions(session)), *shipped]


@router.get("/v1/word-lists/{name}/{version}", dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def show_word_list(name: str, version: int, session: Reading) -> ListView:
    """One version, with its content."""
    if version == 0:
        try:
            content = shipped_list(name)
        except LookupError:
            raise unknown("word-list", f"{name}@0") from None
        entries = len(parse(content, name))
        return ListView(name=name, version=0, entries=entries, created_by="newsroom", content=content)
    row = await policies.list_version(session, name, version)
    if row is None:
        raise unknown("word-list", f"{name}@{version}")
    return _list_view(row).model_copy(update={"content": row.content})


@router.post("/v1/word-lists/{name}", status_code=201, dependencies=[allow(Role.MODERATOR, Role.OPERATOR)])
async def write_word_list(name: Annotated[str, _NAME], body: WriteList, tx: Tx, who: Who) -> ListView:
    """Keep a new version. It matters once a live policy pins it (`words.lists`); replay such a draft first."""
    try:
        parse(body.content, name)
    except ListError as error:
        raise Problem(422, "bad-word-list", "The word list cannot be read.", detail=str(error)) from None
    row = ListVersion(
        name=name,
        version=await policies.next_list_version(tx.session, name),
        content=body.content,
        note=body.note,
        created_by=who.id,
        created_at=utc_now(),
    )
    tx.session.add(row)
    await tx.session.flush()
    return _list_view(row)


async def _moved(tx: Tx, policy_id: UUID, act: Callable[[AsyncSession, PolicyVersion, datetime], Any]) -> PolicyView:
    row = await _found(tx.session, policy_id)
    try:
        await act(tx.session, row, utc_now())
    except Refused as refusal:
        raise refused(refusal) from None
    return _view(row)


async def _found(session: Reading, policy_id: UUID) -> PolicyVersion:
    try:
        return await found(session, policy_id)
    except LookupError:
        raise unknown("policy", policy_id) from None


def _view(row: PolicyVersion) -> PolicyView:
    names = set(PolicyView.model_fields) - {"policy_id", "asked_again"}
    return PolicyView(policy_id=row.id, **{name: getattr(row, name) for name in names})


def _list_view(row: ListVersion) -> ListView:
    entries = len(parse(row.content, row.name))
    return ListView(name=row.name, version=row.version, entries=entries, created_by=row.created_by, note=row.note)
