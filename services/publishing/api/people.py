"""Signing in at the desk, and the accounts of those who may."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from services.publishing.api.at_desk import AtDesk, refusing
from services.publishing.api.readers import Limits
from services.publishing.api.shapes import Body
from services.publishing.domain.chain import Act
from services.publishing.domain.people import kept, new_secret
from services.publishing.domain.refusals import not_found
from services.publishing.storage import audit, users
from services.publishing.storage.users import DeskSession, User
from shared.events import Role
from shared.runtime import DoorRouter, Page, Principal, Problem, Reading, Who, allow, new_id, part, utc_now
from shared.runtime.browsers import from_our_page, sent_token

router = DoorRouter(tags=["people"])
COOKIE = "nwr_desk"
_HASHER = PasswordHasher()  # argon2id with the library's parameters (RFC 9106's low-memory profile)
_NOBODY = _HASHER.hash("nobody signs in with this")  # an unknown name takes as long as a wrong password
_HOURS = 12
admins = [allow(Role.CHIEF, Role.OPERATOR)]


class SignIn(Body):
    """Name and password."""

    name: str = Field(min_length=1, max_length=200, examples=["hoa.vu"])
    password: str = Field(min_length=1, max_length=1000)


class SignedIn(BaseModel):
    """A session. `csrf` must come as X-CSRF-Token with every change."""

    name: str
    roles: list[Role]
    csrf: str
    expires_at: datetime


class Me(BaseModel):
    """Who you are to this service."""

    id: str
    name: str
    roles: list[Role]


class WriteUser(Body):
    """An account."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^\S+$", examples=["hoa.vu"])
    display_name: str = Field(min_length=1, max_length=200, examples=["Hoa Vu"])
    password: str = Field(min_length=12, max_length=1000)
    roles: list[Role] = Field(min_length=1, examples=[["editor"]])


class ChangeUser(Body):
    """What of an account to change."""

    display_name: str | None = Field(default=None, min_length=1, max_length=200)
    password: str | None = Field(default=None, min_length=12, max_length=1000)
    roles: list[Role] | None = Field(default=None, min_length=1)
    disabled: bool | None = Field(default=None, examples=[True])


class UserView(BaseModel):
    """An account, without its password."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    display_name: str
    roles: list[Role]
    disabled_at: datetime | None
    created_at: datetime


async def desk_principal(request: Request, session: AsyncSession) -> Principal | None:
    """Who a desk's cookie stands for. A change must come from our own page; raises Problem 403 where it does not."""
    secret = request.cookies.get(COOKIE)
    found = await users.signed_in(session, kept(secret), utc_now()) if secret else None
    if found is None:
        return None
    held, user = found
    host, sent = request.headers.get("host", ""), await sent_token(request)
    if not from_our_page(request.method, request.headers.get("origin"), host, sent, held.csrf):
        if not request.url.path.startswith(("/v1/", "/desk")):
            return None  # the site's own forms carry no token: there, who works at the desk is a reader like any other
        detail = "Send Origin and the session's `csrf` as X-CSRF-Token, or use an API token."
        raise Problem(403, "foreign-form", "Not from our own page.", detail=detail)
    request.state.desk_session = held
    return Principal(f"user:{user.id}", user.display_name, frozenset(Role(role) for role in user.roles))


@router.post("/v1/session", dependencies=[allow(Role.PUBLIC)], summary="Sign in at the desk")
async def sign_in(body: SignIn, request: Request, desk: AtDesk, limits: Annotated[Limits, part(Limits)]) -> SignedIn:
    """Sets the desk's cookie for twelve hours. Ten tries a minute from one address."""
    await limits.check(request, "sign_in")
    user = await users.user_named(desk.session, body.name)
    right = await asyncio.to_thread(_verifies, user.password if user else _NOBODY, body.password)
    if user is None or not right or user.disabled_at is not None:
        raise Problem(401, "bad-credentials", "Name or password is wrong.", detail="Check both and try again.")
    secret, expires = new_secret(), desk.now + timedelta(hours=_HOURS)
    held = DeskSession(
        secret_sha256=kept(secret), user_id=user.id, csrf=new_secret(), created_at=desk.now, expires_at=expires
    )
    desk.session.add(held)
    desk.response.headers["Cache-Control"] = "no-store"
    await _note(desk, "sign in", user, by=user)
    desk.response.set_cookie(
        COOKIE, secret, max_age=_HOURS * 3600, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return SignedIn(name=user.display_name, roles=[Role(r) for r in user.roles], csrf=held.csrf, expires_at=expires)


def _verifies(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False


@router.delete("/v1/session", status_code=204, dependencies=[allow(Role.READER)], summary="Sign out")
async def sign_out(request: Request, response: Response, desk: AtDesk) -> None:
    """Ends this browser's session; a token stays as it is."""
    secret = request.cookies.get(COOKIE)
    if secret:
        await users.end_session(desk.session, kept(secret))
        response.delete_cookie(COOKIE)


@router.get("/v1/me", dependencies=[allow(Role.READER)], summary="Who you are here")
async def read_me(who: Who) -> Me:
    """With every role you hold, those that come with others too."""
    return Me(id=who.id, name=who.name, roles=sorted(who.roles))


@router.get("/v1/users", dependencies=admins, summary="List accounts")
async def list_users(session: Reading) -> Page[UserView]:
    """All of them, by name."""
    return Page(items=[UserView.model_validate(row) for row in await users.list_users(session)], next=None)


@router.post("/v1/users", status_code=201, dependencies=admins, summary="Make an account")
async def make_user(body: WriteUser, desk: AtDesk) -> UserView:
    """Nobody gives a role they do not hold."""
    _may_give(desk, body.roles)
    if await users.user_named(desk.session, body.name) is not None:
        raise Problem(409, "name-taken", "That name is taken.", detail=f"Somebody signs in as {body.name} already.")
    user = User(
        id=new_id(),
        name=body.name,
        display_name=body.display_name,
        password=await asyncio.to_thread(_HASHER.hash, body.password),
        roles=[role.value for role in body.roles],
        created_at=desk.now,
    )
    desk.session.add(user)
    await _note(desk, "make account", user)
    return UserView.model_validate(user)


@router.patch("/v1/users/{user_id}", dependencies=admins, summary="Change an account")
async def change_user(user_id: UUID, body: ChangeUser, desk: AtDesk) -> UserView:
    """New roles, a new password or `disabled` sign the person out everywhere."""
    with refusing():
        user = await users.find_user(desk.session, user_id)
        if user is None:
            raise not_found(f"Account {user_id}")
    before = UserView.model_validate(user).model_dump(mode="json")
    if body.roles is not None:
        _may_give(desk, body.roles)
        user.roles = [role.value for role in body.roles]
    if body.password is not None:
        user.password = await asyncio.to_thread(_HASHER.hash, body.password)
    if body.disabled is not None:
        user.disabled_at = desk.now if body.disabled else None
    user.display_name = body.display_name or user.display_name
    if body.roles is not None or body.password is not None or body.disabled:
        await users.end_sessions_of(desk.session, user.id)
    await _note(desk, "change account", user, before=before)
    return UserView.model_validate(user)


def _may_give(desk: AtDesk, roles: list[Role]) -> None:
    beyond = [role.value for role in roles if role not in desk.who.roles and role is not Role.PUBLIC]
    if beyond:
        detail = f"You do not hold {', '.join(beyond)} yourself; ask somebody who does."
        raise Problem(403, "role-missing", "Not yours to give.", detail=detail)


async def _note(
    desk: AtDesk, act: str, user: User, by: User | None = None, before: dict[str, Any] | None = None
) -> None:
    """Accounts are audited without their passwords."""
    who = (f"user:{by.id}", by.display_name) if by else (desk.by.id, desk.by.name)
    after = UserView.model_validate(user).model_dump(mode="json")
    await desk.session.flush()
    entry = Act(desk.now, *who, act, f"user:{user.id}", desk.by.origin, before, after)
    await audit.append_audit(desk.session, [entry])
