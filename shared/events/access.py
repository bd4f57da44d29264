"""Who may do what: the roles of the house, and the facts that spread a token to every service."""

from enum import StrEnum
from typing import ClassVar

from shared.events.base import Event, Moment


class Role(StrEnum):
    """What a person or a program may be. `PUBLIC` marks a route that asks for nobody."""

    PUBLIC = "public"
    READER = "reader"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    CHIEF = "chief"
    MODERATOR = "moderator"
    OPERATOR = "operator"


class TokenIssued(Event):
    """A token was made; only its SHA-256 (hex) travels. Told by publishing."""

    key: ClassVar[str] = "token_id"

    token_id: str
    secret_sha256: str
    name: str
    roles: list[Role]
    expires_at: Moment | None = None
    issued_at: Moment


class TokenRevoked(Event):
    """A token must be refused from now on. Told by publishing."""

    key: ClassVar[str] = "token_id"

    token_id: str
    revoked_at: Moment
