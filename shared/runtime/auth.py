"""Who is asking: API tokens known in every service by hash, the bootstrap token, and what a service adds (sessions)."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from fastapi import Request
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.access import Role, TokenIssued, TokenRevoked
from shared.runtime.moments import utc_now
from shared.runtime.problems import Problem
from shared.runtime.tables import tokens

_INCLUDES: dict[Role, frozenset[Role]] = {
    Role.CHIEF: frozenset({Role.EDITOR, Role.CONTRIBUTOR, Role.READER}),
    Role.EDITOR: frozenset({Role.CONTRIBUTOR, Role.READER}),
    Role.CONTRIBUTOR: frozenset({Role.READER}),
    Role.OPERATOR: frozenset({Role.READER}),
    Role.MODERATOR: frozenset(),
    Role.READER: frozenset(),
    Role.PUBLIC: frozenset(),
}


@dataclass(frozen=True)
class Principal:
    """Who asks, and what they may be; `roles` holds the included ones too."""

    id: str
    name: str
    roles: frozenset[Role]


ANONYMOUS = Principal("anonymous", "anonymous", frozenset({Role.PUBLIC}))
Authenticate = Callable[[Request, AsyncSession], Awaitable[Principal | None]]


def with_included(roles: Iterable[Role]) -> frozenset[Role]:
    """These roles and those below them."""
    held = set(roles) | {Role.PUBLIC}
    for role in tuple(held):
        held |= _INCLUDES[role]
    return frozenset(held)


def mint() -> tuple[str, str, str]:
    """A new token: its id, the whole text that its holder keeps, and the SHA-256 (hex) that we keep."""
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return token_id, f"nwr_{token_id}_{secret}", hashlib.sha256(secret.encode()).hexdigest()


def refused() -> Problem:
    """The answer to a token nobody issued, or that ended."""
    return Problem(
        401,
        "bad-token",
        "This token is not accepted.",
        detail="It is unknown here, was revoked or has expired. Ask a chief for another.",
        headers={"WWW-Authenticate": "Bearer"},
    )


class Tokens:
    """Tokens as this process read them a second ago at most: a busy client's are not asked for at every request.

    A revocation is therefore obeyed within that second, and a new token is known at once: unknown ones are not kept.
    """

    _FRESH = 1.0
    _MOST = 10_000
    _NOTE = timedelta(minutes=1)  # how exact "last used" is

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._read: dict[str, tuple[float, Any]] = {}

    async def find(self, token_id: str) -> Any:
        """The row of a token; None where nobody issued it."""
        read, row = self._read.get(token_id, (0.0, None))
        if row is None or monotonic() - read > self._FRESH:
            async with self._engine.connect() as link:
                row = (await link.execute(select(tokens).where(tokens.c.id == token_id))).one_or_none()
            if len(self._read) >= self._MOST:
                self._read.clear()
            self._read.pop(token_id, None)
            if row is not None:
                self._read[token_id] = (monotonic(), row)
        return row

    async def used(self, row: Any) -> None:
        """Remember that a token was used, to the minute."""
        now = utc_now()
        if row.last_used_at is not None and now - row.last_used_at < self._NOTE:
            return
        self._read.pop(row.id, None)  # the next request reads what is written here
        async with self._engine.connect() as link:
            await link.execute(update(tokens).where(tokens.c.id == row.id).values(last_used_at=now))


async def bearer(request: Request, known: Tokens, bootstrap: str | None) -> Principal | None:
    """Who the Authorization header speaks for; None without one. Raises Problem 401 for a bad token."""
    header = request.headers.get("authorization")
    if header is None or not header.lower().startswith("bearer "):
        return None
    return await holder(header[7:].strip(), known, bootstrap)


async def holder(text: str, known: Tokens, bootstrap: str | None) -> Principal:
    """Who holds a token. Raises Problem 401 for a bad one."""
    if bootstrap and hmac.compare_digest(text.encode(), bootstrap.encode()):
        return Principal("bootstrap", "bootstrap", frozenset(Role))
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "nwr":
        raise refused()
    row = await known.find(parts[1])
    digest = hashlib.sha256(parts[2].encode()).hexdigest()
    if row is None or not hmac.compare_digest(digest, row.secret_sha256) or row.revoked_at is not None:
        raise refused()
    if row.expires_at is not None and row.expires_at <= utc_now():
        raise refused()
    await known.used(row)
    return Principal(f"token:{row.id}", row.name, with_included(Role(role) for role in row.roles))


async def keep_token(fact: TokenIssued, session: AsyncSession) -> None:
    """Know a token that was issued; one that was revoked meanwhile stays revoked."""
    values = {
        "id": fact.token_id,
        "secret_sha256": fact.secret_sha256,
        "name": fact.name,
        "roles": [role.value for role in fact.roles],
        "expires_at": fact.expires_at,
    }
    query = insert(tokens).values(values)
    changed = {name: query.excluded[name] for name in values if name != "id"}
    await session.execute(query.on_conflict_do_update(index_elements=["id"], set_=changed))


async def drop_token(fact: TokenRevoked, session: AsyncSession) -> None:
    """Refuse a token from now on, also where its issue has not been heard yet."""
    blank = {"id": fact.token_id, "secret_sha256": "", "name": "", "roles": [], "revoked_at": fact.revoked_at}
    query = insert(tokens).values(blank).on_conflict_do_nothing()
    await session.execute(query)
    await session.execute(update(tokens).where(tokens.c.id == fact.token_id).values(revoked_at=fact.revoked_at))
