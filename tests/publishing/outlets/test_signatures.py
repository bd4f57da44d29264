"""Signatures after Standard Webhooks: the specification's own example, every version, and what must be refused."""

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.publishing.outlets import signatures
from services.publishing.outlets.signatures import Keys

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_the_official_vector() -> None:
    sent = signatures.headers(Keys([SECRET]), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert sent == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("age", [0, 299, -299])
def test_the_reference_library_takes_what_we_sign(age: int) -> None:
    now = int(datetime.now(UTC).timestamp())
    sent = signatures.headers(Keys([SECRET], signatures.new_private()), "msg_1", now - age, BODY)
    assert Webhook(SECRET).verify(BODY, sent) == {"test": 2432232314}


@pytest.mark.parametrize("age", [302, -302])
def test_the_reference_library_refuses_what_is_too_old_or_too_new(age: int) -> None:
    now = int(datetime.now(UTC).timestamp())
    with pytest.raises(WebhookVerificationError, match="timestamp too"):
        Webhook(SECRET).verify(BODY, signatures.headers(Keys([SECRET]), "msg_1", now - age, BODY))


def test_while_a_secret_is_rotated_both_verify() -> None:
    old, new = signatures.new_secret(), signatures.new_secret()
    sent = signatures.headers(Keys([new, old]), "msg_1", int(datetime.now(UTC).timestamp()), BODY)
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, sent)


def test_a_key_pair_signs_what_its_public_half_verifies() -> None:
    private = signatures.new_private()
    sent = signatures.headers(Keys([SECRET], private), "msg_1", 1614265330, BODY)
    signature = sent["webhook-signature"].split(" ")[1]
    public = signatures.public_of(private)
    assert public.startswith("whpk_")
    assert signatures.verifies(public, "msg_1", 1614265330, BODY, signature)
    assert not signatures.verifies(public, "msg_2", 1614265330, BODY, signature)
    assert not signatures.verifies(public, "msg_1", 1614265331, BODY, signature)
    assert not signatures.verifies(public, "msg_1", 1614265330, BODY + b" ", signature)
    assert not signatures.verifies(signatures.public_of(signatures.new_private()), "msg_1", 1614265330, BODY, signature)
    assert not signatures.verifies(public, "msg_1", 1614265330, BODY, signature.replace("v1a", "v1"))


@pytest.mark.parametrize("size", [23, 65])
def test_a_secret_of_the_wrong_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes"):
        signatures.check_secret("whsec_" + base64.b64encode(b"x" * size).decode())


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_secret_of_a_right_length_is_taken(size: int) -> None:
    secret = "whsec_" + base64.b64encode(b"x" * size).decode()
    assert signatures.check_secret(secret) == secret


def test_what_is_not_base64_is_refused() -> None:
    with pytest.raises(ValueError, match="base64"):
        signatures.check_secret("whsec_not base64!")


def test_new_keys_differ() -> None:
    assert len({signatures.new_secret() for _ in range(50)}) == 50
    assert len({signatures.new_private() for _ in range(50)}) == 50
