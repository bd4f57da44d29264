"""People of the house: their secrets, and what they may change."""

import hashlib
import secrets
from collections.abc import Collection

from shared.events import Role


def may_change(roles: Collection[Role], who: str, owner: str, state: str) -> bool:
    """Whether somebody may change an article: editors any, contributors their own while it is a draft."""
    return Role.EDITOR in roles or (owner == who and state == "draft")


def new_secret() -> str:
    """A secret nobody guesses: 256 bits, as text for a cookie or a form."""
    return secrets.token_urlsafe(32)


def kept(secret: str) -> str:
    """How a secret is kept: its SHA-256 (hex). It is random, so that needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
