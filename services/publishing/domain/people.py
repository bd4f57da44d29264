"""People of the house: passwords, sessions, and what keeps a foreign page from using them."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from shared.events import Role

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def may_change(roles: Collection[Role], who: str, owner: str, state: str) -> bool:
    """Whether somebody may change an article: editors any, contributors their own while it is a draft."""
    return Role.EDITOR in roles or (owner == who and state == "draft")


def new_secret() -> str:
    """A secret nobody guesses: 256 bits, as text for a cookie or a form."""
    return secrets.token_urlsafe(32)


def kept(secret: str) -> str:
    """How a secret is kept: its SHA-256 (hex). It is random, so that needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a browser sent a form from a page of this very host."""
    return origin is not None and urlsplit(origin).netloc == host


def from_our_page(method: str, origin: str | None, host: str, sent: str | None, csrf: str) -> bool:
    """Whether a request that relies on a cookie was made by our own page: the right Origin, and the session's token.

    Reading needs neither. A browser always sends Origin with what changes something (Fetch standard, 3.2).
    """
    if method in _SAFE:
        return True
    if not same_origin(origin, host):
        return False
    return sent is not None and hmac.compare_digest(sent.encode(), csrf.encode())
