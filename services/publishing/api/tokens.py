"""API tokens: issued once, shown once, told to every service, revoked everywhere."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from services.publishing.api.at_desk import AtDesk
from services.publishing.api.shapes import Body
from services.publishing.domain.chain import Act
from services.publishing.storage import audit, tokens
from shared.events import Role, TokenIssued, TokenRevoked
from shared.runtime import DoorRouter, Page, Problem, Reading, allow
from shared.runtime.auth import mint

router = DoorRouter(tags=["tokens"])
chiefs = [allow(Role.CHIEF, Role.OPERATOR)]


class IssueToken(Body):
    """Whom a token is for and what it may do."""

    name: str = Field(min_length=1, max_length=200, examples=["Partner archive"])
    roles: list[Role] = Field(min_length=1, examples=[["reader"]])
    expires_at: AwareDatetime | None = None


class TokenView(BaseModel):
    """A token as it is kept: without its secret."""

    id: str
    name: str
    roles: list[Role]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewToken(BaseModel):
    """A token just made. `token` is shown this once."""

    id: str
    token: str
    name: str
    roles: list[Role]
    expires_at: datetime | None


@router.post("/v1/tokens", status_code=201, dependencies=chiefs, summary="Issue a token")
async def issue_token(body: IssueToken, desk: AtDesk) -> NewToken:
    """Nobody gives a role they do not hold."""
    beyond = [role.value for role in body.roles if role not in desk.who.roles and role is not Role.PUBLIC]
    if beyond:
        detail = f"You do not hold {', '.join(beyond)} yourself; ask somebody who does."
        raise Problem(403, "role-missing", "Not yours to give.", detail=detail)
    token_id, secret, digest = mint()
    fact = TokenIssued(
        token_id=token_id,
        secret_sha256=digest,
        name=body.name,
        roles=body.roles,
        expires_at=body.expires_at,
        issued_at=desk.now,
    )
    desk.tx.tell(fact)
    roles = [role.value for role in body.roles]
    await _note(desk, "issue token", token_id, {"name": body.name, "roles": roles})
    desk.response.headers["Cache-Control"] = "no-store"
    return NewToken(id=token_id, token=secret, name=body.name, roles=body.roles, expires_at=body.expires_at)


@router.get("/v1/tokens", dependencies=chiefs, summary="List tokens")
async def list_tokens(session: Reading) -> Page[TokenView]:
    """All tokens, revoked ones too, by name."""
    return Page(items=[TokenView.model_validate(row) for row in await tokens.list_tokens(session)], next=None)


@router.delete("/v1/tokens/{token_id}", status_code=204, dependencies=chiefs, summary="Revoke a token")
async def revoke_token(token_id: str, desk: AtDesk) -> None:
    """It is refused everywhere within seconds, and open streams with it close."""
    if not await tokens.knows_token(desk.session, token_id):
        raise Problem(404, "not-found", "Nothing is there.", detail=f"Token {token_id} does not exist.")
    desk.tx.tell(TokenRevoked(token_id=token_id, revoked_at=desk.now))
    await _note(desk, "revoke token", token_id, None)


async def _note(desk: AtDesk, act: str, token_id: str, after: dict[str, object] | None) -> None:
    entry = Act(desk.now, desk.by.id, desk.by.name, act, f"token:{token_id}", desk.by.origin, None, after)
    await audit.append_audit(desk.session, [entry])
