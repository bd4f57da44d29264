"""Is this webhook real? Standard Webhooks 1.0.0: `v1` by shared secret, `v1a` by the sender's public key."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

TOLERANCE = 300  # seconds a message may be older or newer than now


class Unverified(Exception):  # it is what the message is
    """The message cannot be trusted: answer 400 and forget it. The text says why."""


def verify(
    body: bytes,
    headers: Mapping[str, str],
    *,
    secrets: Sequence[str] = (),
    public_key: str | None = None,
    tolerance: int = TOLERANCE,
    now: float | None = None,
) -> dict[str, Any]:
    """The event in `body`, if one signature fits. `body` is the bytes as received, never dumped again.

    Raises Unverified; ValueError where neither a secret nor a public key is given or one is malformed.
    """
    if not secrets and public_key is None:
        raise ValueError("give `secrets`, `public_key`, or both")
    found = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not found.get(name)]
    if missing:
        raise Unverified(f"missing: {', '.join(missing)}")
    timestamp = found["webhook-timestamp"]
    if not timestamp.isascii() or not timestamp.isdigit():
        raise Unverified("webhook-timestamp is no number of seconds")
    age = (time.time() if now is None else now) - int(timestamp)
    if abs(age) > tolerance:
        raise Unverified(f"webhook-timestamp is {'too old' if age > 0 else 'in the future'}: {int(abs(age))} s")
    signed = b"%b.%b.%b" % (found["webhook-id"].encode(), timestamp.encode(), body)
    given = [part.partition(",") for part in found["webhook-signature"].split(" ")]
    fits = any(
        (version == "v1" and any(_hmac_fits(secret, signed, value) for secret in secrets))
        or (version == "v1a" and public_key is not None and _key_fits(public_key, signed, value))
        for version, _, value in given
    )
    if not fits:
        raise Unverified("no signature fits")
    try:
        event: dict[str, Any] = json.loads(body)
    except ValueError as error:
        raise Unverified(f"the body is no JSON: {error}") from error
    return event


def sign(body: bytes, message_id: str, timestamp: int, secret: str) -> str:
    """The `v1,…` signature of a message, as a sender makes it."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(_key(secret, "whsec_"), signed, hashlib.sha256).digest()).decode()


def _hmac_fits(secret: str, signed: bytes, value: str) -> bool:
    expected = base64.b64encode(hmac.new(_key(secret, "whsec_"), signed, hashlib.sha256).digest())
    return hmac.compare_digest(expected, value.encode("utf-8", "replace"))


def _key_fits(public_key: str, signed: bytes, value: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(_key(public_key, "whpk_")).verify(base64.b64decode(value), signed)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _key(text: str, prefix: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix(prefix), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{prefix}… must be followed by base64") from error
