"""Standard Webhooks 1.0.0 (standardwebhooks.com): how a delivery proves who sent it, by shared secret or key pair."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
_SHORTEST, _LONGEST = 24, 64  # bytes of a shared secret, by the specification


@dataclass(frozen=True)
class Keys:
    """What one subscription signs with: shared secrets (two while one is being rotated out) and an ed25519 key."""

    secrets: Sequence[str]
    private: str | None = None


def new_secret() -> str:
    """A fresh shared secret, `whsec_…`."""
    return SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def new_private() -> str:
    """A fresh ed25519 private key, `whsk_…`."""
    return PRIVATE + base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def public_of(private: str) -> str:
    """The public key, `whpk_…`, that a receiver checks `v1a` signatures with."""
    return PUBLIC + base64.b64encode(_private(private).public_key().public_bytes_raw()).decode()


def check_secret(secret: str) -> str:
    """The secret itself. Raises ValueError unless it is `whsec_` and 24 to 64 bytes in base64."""
    size = len(_decoded(secret, SECRET))
    if not _SHORTEST <= size <= _LONGEST:
        raise ValueError(f"a secret holds {_SHORTEST} to {_LONGEST} bytes; this one holds {size}")
    return secret


def headers(keys: Keys, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one attempt; `timestamp` (Unix seconds) is the attempt's own, the id is the message's for ever."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    signatures = [f"v1,{_b64(_hmac(secret, signed))}" for secret in keys.secrets]
    if keys.private:
        signatures.append(f"v1a,{_b64(_private(keys.private).sign(signed))}")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def verifies(public: str, message_id: str, timestamp: int, body: bytes, signature: str) -> bool:
    """Whether one `v1a,…` signature was made by the holder of the private key."""
    version, _, value = signature.partition(",")
    if version != "v1a":
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(public, PUBLIC))
        key.verify(base64.b64decode(value, validate=True), b"%b.%d.%b" % (message_id.encode(), timestamp, body))
    except (InvalidSignature, ValueError):
        return False
    return True


def _hmac(secret: str, signed: bytes) -> bytes:
    return hmac.new(_decoded(secret, SECRET), signed, hashlib.sha256).digest()


@lru_cache(maxsize=2000)
def _private(private: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_decoded(private, PRIVATE))


def _decoded(text: str, prefix: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix(prefix), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{prefix}… must be followed by base64: {error}") from error


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()
